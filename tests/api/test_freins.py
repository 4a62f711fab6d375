"""The throttle of sign-ins, switched on (contract, « Throttles »): for known and unknown accounts alike."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.config import settings
from tests.api.courrier import courriers, jeton_de, travailler
from tests.api.test_jetons import demander
from tests.outils import MOT_DE_PASSE, connexion


@pytest.fixture
def freins(base, monkeypatch) -> Iterator[None]:
    """Switch the sign-in throttle on for one test, from an empty count."""
    actif = settings().model_copy(update={"rate_limit": "on"})
    monkeypatch.setattr("app.acces.throttle.settings", lambda: actif)
    base.ecrire("DELETE FROM echecs_connexion")
    yield
    base.ecrire("DELETE FROM echecs_connexion")


@pytest.mark.regle("2.1-1")
@pytest.mark.parametrize("existe", [True, False], ids=["compte connu", "compte inconnu"])
def test_cinq_echecs_puis_l_attente(api, base, fabrique, freins, existe):
    identifiant = fabrique.compte("agent_caisse", caisse="611") if existe else f"t-{uuid.uuid4().hex[:8]}"
    assert [connexion(api, identifiant, "faux").status_code for _ in range(5)] == [400] * 5
    for mot_de_passe in ("faux", MOT_DE_PASSE):  # the right one waits too
        reponse = connexion(api, identifiant, mot_de_passe)
        assert reponse.status_code == 429
        assert reponse.json()["code"] == "trop-de-requetes"
        assert set(reponse.json()) == {"error", "error_description", "code"}
        assert 1 <= int(reponse.headers["retry-after"]) <= 30
    assert connexion(api, fabrique.compte("agent_caisse", caisse="611"), MOT_DE_PASSE).status_code == 200
    if existe:
        base.ecrire("UPDATE echecs_connexion SET le = le - interval '16 minutes'")
        assert connexion(api, identifiant, MOT_DE_PASSE).status_code == 200
        assert connexion(api, identifiant, "faux").status_code == 400


def test_trente_essais_a_la_fois_n_en_passent_que_cinq(api, fabrique, freins):
    identifiant = fabrique.compte("agent_caisse", caisse="611")
    with ThreadPoolExecutor(30) as fils:
        statuts = list(fils.map(lambda _: connexion(api, identifiant, "faux").status_code, range(30)))
    assert (statuts.count(400), statuts.count(429)) == (5, 25)


def test_les_comptes_d_essai_ne_gardent_aucun_nom(base, api, freins):
    """What is kept of a failure is a hash: neither the account's name nor the address."""
    connexion(api, "t-personne99", "faux")
    gardes = str(base.lignes("SELECT * FROM echecs_connexion"))
    assert "personne99" not in gardes
    assert "testclient" not in gardes


def test_personne_ne_ferme_la_porte_a_un_back_office(api, demo, freins):
    """Its secret cannot be guessed: failures on its name count for the address alone."""
    application = next(a for a in demo["applications"] if a["caisse"] == "611")
    essais = [demander(api, (application["client_id"], "faux")).status_code for _ in range(8)]
    assert essais == [401] * 8
    assert demander(api, (application["client_id"], application["client_secret"])).status_code == 200


def test_un_reseau_ipv6_compte_comme_une_adresse(api, base, freins, monkeypatch):
    """Who holds one address of IPv6 holds billions: they do not make a hundred tries each."""

    def essayer(adresse):
        monkeypatch.setattr(api._transport, "client", (adresse, 50000))
        return demander(api, ("inconnue", "faux")).status_code

    assert essayer("2001:db8:1:2::1") == 401
    base.ecrire(
        "INSERT INTO echecs_connexion (cle, le) SELECT cle, le FROM echecs_connexion, generate_series(1, 99)"
    )
    assert essayer("2001:db8:1:2::1") == essayer("2001:db8:1:2:ffff:ffff:ffff:ffff") == 429
    assert essayer("2001:db8:1:3::1") == 401


@pytest.mark.regle("2.1-1")
def test_le_titulaire_attaque_garde_son_appareil_et_le_lien_du_courriel(api, fabrique, freins):
    """A delay, not a lock: failures from elsewhere use up the count of elsewhere, and a new password clears it."""
    identifiant = fabrique.compte("agent_caisse", caisse="611")
    assert connexion(api, identifiant, MOT_DE_PASSE).status_code == 200  # this device is known from now on
    demande = {"grant_type": "password", "username": identifiant, "password": "faux"}
    ailleurs = {"User-Agent": "attaque/1"}
    essais = [api.post("/v1/oauth/token", data=demande, headers=ailleurs).status_code for _ in range(6)]
    assert essais == [400] * 5 + [429]
    assert connexion(api, identifiant, MOT_DE_PASSE).status_code == 200
    juste = demande | {"password": MOT_DE_PASSE}
    assert api.post("/v1/oauth/token", data=juste, headers=ailleurs).status_code == 429
    api.post("/v1/mots-de-passe-oublies", json={"identifiant": identifiant})
    travailler(api)
    lien = jeton_de(courriers(f"{identifiant}@essai.example")[-1], "reinitialisation")
    nouveau = "Trois bouleaux derrière le lavoir"
    assert api.post(f"/v1/reinitialisations/{lien}", json={"mot_de_passe": nouveau}).status_code == 204
    juste = demande | {"password": nouveau}
    assert api.post("/v1/oauth/token", data=juste, headers=ailleurs).status_code == 200
