"""The signing keys: a rotation cuts nobody, and ends the former key (art. 4.1)."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from app.acces import cles
from app.config import settings
from app.kit.clock import now
from app.kit.session import database
from tests.api.faux_jetons import parties
from tests.api.test_jetons import refuse
from tests.outils import Client

Rotation = Callable[..., str]


@pytest.fixture
def tourner(api, base) -> Iterator[Rotation]:
    """Rotate the keys, as if some seconds ago, without telling this process; undone in the end."""
    ajoutees: list[str] = []
    base.ecrire("UPDATE cles_signature SET cree_le = cree_le - interval '1 day'")

    def rotation(il_y_a: float = 0) -> str:
        async def ajouter() -> str:
            async with database().transaction() as session:
                cle = await cles.add(session)
                cle.cree_le = now() - timedelta(seconds=il_y_a)
                return cle.kid

        ajoutees.append(api.portal.call(ajouter))
        return ajoutees[-1]

    yield rotation
    for kid in ajoutees:
        base.ecrire("DELETE FROM cles_signature WHERE kid = :k", k=kid)
    base.ecrire("UPDATE cles_signature SET cree_le = cree_le + interval '1 day'")
    api.portal.call(cles.load)


@pytest.fixture
def vieillir(monkeypatch) -> Callable[[float], None]:
    """Make this process have read the keys some seconds ago."""
    return lambda secondes: monkeypatch.setattr(cles, "_loaded_at", cles.time.monotonic() - secondes)


def kid(client: Client) -> str:
    return str(parties(client.jeton)[0]["kid"])


def publiees(api) -> set[str]:
    return {cle["kid"] for cle in api.get("/.well-known/jwks.json").json()["keys"]}


def test_une_rotation_laisse_vivre_les_jetons_deja_signes(api, base, fabrique, tourner, vieillir):
    identifiant = fabrique.structure().techniciens[0]
    ancien = Client.connecte(api, identifiant)
    nouvelle = tourner(il_y_a=cles.PUBLISHED_FIRST + 1)
    vieillir(61)
    recent = Client.connecte(api, identifiant)
    assert kid(recent) == nouvelle != kid(ancien)
    assert ancien.get("/v1/moi").status_code == recent.get("/v1/moi").status_code == 200
    assert publiees(api) >= {nouvelle, kid(ancien)}
    assert all("PRIVATE" not in scellee for (scellee,) in base.lignes("SELECT scellee FROM cles_signature"))


def test_une_cle_est_connue_de_tous_avant_de_signer(api, fabrique, tourner, vieillir):
    """A process that has just read the keys does not read them again for an unknown one: it must know it already."""
    identifiant = fabrique.structure().techniciens[0]
    avant = kid(Client.connecte(api, identifiant))
    nouvelle = tourner()
    assert nouvelle not in publiees(api)
    vieillir(6)
    assert nouvelle in publiees(api)
    jeune = Client.connecte(api, identifiant)
    assert kid(jeune) == avant
    assert jeune.get("/v1/moi").status_code == 200
    assert cles.PUBLISHED_FIRST > cles.RELOAD_AT_MOST_EVERY


def test_l_ancienne_cle_ne_verifie_plus_rien_apres_ses_derniers_jetons(
    api, base, fabrique, tourner, vieillir
):
    """Rotating is the remedy to a key that leaked: it must end, and in processes that sign nothing too."""
    identifiant = fabrique.structure().techniciens[0]
    ancien = Client.connecte(api, identifiant)
    reste = settings().access_token_ttl + cles.PUBLISHED_FIRST + cles.RELOAD_WITHIN
    tourner(il_y_a=reste + 1)
    assert ancien.get("/v1/moi").status_code == 200  # read less than a minute ago
    vieillir(61)
    refuse(ancien.get("/v1/moi"))
    assert kid(ancien) not in publiees(api)
    assert Client.connecte(api, identifiant).get("/v1/moi").status_code == 200


def test_la_partie_privee_d_une_cle_finie_est_effacee(api, base, tourner):
    scellee = base.lignes("SELECT kid, scellee FROM cles_signature WHERE retiree_le IS NULL")
    tourner(il_y_a=settings().access_token_ttl + 600)
    nouvelle = tourner()

    async def chaque_jour() -> None:
        async with database().transaction() as session:
            await cles.oublier(session)

    gardees = "SELECT count(*) FROM cles_signature WHERE retiree_le IS NULL AND scellee <> ''"
    api.portal.call(chaque_jour)
    assert base.valeur(gardees) == 2  # the one that signs, and the newest
    assert base.valeur("SELECT scellee FROM cles_signature WHERE kid = :k", k=scellee[0][0]) == ""
    for kid, brut in scellee:
        base.ecrire("UPDATE cles_signature SET retiree_le = NULL, scellee = :s WHERE kid = :k", s=brut, k=kid)
    assert base.valeur("SELECT scellee <> '' FROM cles_signature WHERE kid = :k", k=nouvelle)
