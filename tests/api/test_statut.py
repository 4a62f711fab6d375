"""Art. 3.2: the state of the service, without a token: what works, what is announced, which way replaces it."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace

import pytest

from app.disponibilite import sondes
from app.disponibilite.observation import OBSERVATEUR, Observateur, Vue
from app.disponibilite.regles import EtatComposant
from app.kit import antivirus, storage
from app.kit.clock import now
from tests.api.test_maintenances import REFERENT, referents

assert referents


def regarder(api):
    """Look at everything, the slow parts too."""
    OBSERVATEUR.vue = Vue()
    api.portal.call(OBSERVATEUR.regarder)


@pytest.fixture
def neuf(api):
    """An observer that has seen nothing yet."""
    avant, OBSERVATEUR.vue = OBSERVATEUR.vue, Vue()
    yield OBSERVATEUR
    OBSERVATEUR.vue = avant


@pytest.mark.regle("3.2-1")
@pytest.mark.regle("3.2-3")
def test_l_etat_du_service_se_lit_sans_jeton(api, referents):
    lu = api.get("/v1/statut")
    assert lu.status_code == 200
    corps = lu.json()
    assert set(corps) == {
        "statut",
        "verifie_le",
        "composants",
        "maintenances",
        "autres_voies",
        "documentation",
    }
    assert corps["composants"]["base"]["etat"] == "disponible"
    assert corps["composants"]["courriels"]["etat"] == "non_configure"
    assert corps["composants"]["travaux"]["en_attente"] >= 0
    (orne,) = [voie for voie in corps["autres_voies"] if voie["caisse"] == "611"]
    assert orne["referents"] == [{k: REFERENT[k] for k in ("nom", "prenom", "fonction")}]
    assert "signalement" in orne["fonctionnalites"]
    for prive in ("telephone", "email"):
        assert REFERENT[prive] not in lu.text


@pytest.mark.regle("3.2-3")
def test_une_fonctionnalite_fermee_par_la_caisse_n_a_pas_d_autre_voie(api, client_de, neuf, base):
    ouvertes = client_de("a-calvados").get("/v1/caisses/141").json()["fonctionnalites"]
    fermees = ouvertes | {"rendez_vous": False}
    assert client_de("a-calvados").put("/v1/caisses/141/fonctionnalites", fermees).status_code == 200
    regarder(api)
    voies = {v["caisse"]: v for v in api.get("/v1/statut").json()["autres_voies"]}
    assert "rendez_vous" not in voies["141"]["fonctionnalites"]
    assert "rendez_vous" in voies["611"]["fonctionnalites"]
    client_de("a-calvados").put("/v1/caisses/141/fonctionnalites", ouvertes)


@pytest.mark.regle("3.2-3")
def test_un_referent_nomme_est_aussitot_celui_que_l_on_joint(api, client_de):
    api.get("/v1/statut")
    nouveau = REFERENT | {"nom": "Nouvellet"}
    assert client_de("a-orne").put("/v1/caisses/611/referents", [nouveau]).status_code == 200
    assert "Nouvellet" in api.get("/v1/statut").text
    client_de("a-orne").put("/v1/caisses/611/referents", [REFERENT])
    assert "Nouvellet" not in api.get("/v1/statut").text


def test_les_travaux_en_retard_se_voient(api, neuf, base, client_de):
    base.ecrire("INSERT INTO procrastinate_workers DEFAULT VALUES")
    client_de("t-cias").deposer()
    base.ecrire("UPDATE procrastinate_events SET at = now() - interval '10 minutes' WHERE type = 'deferred'")
    regarder(api)
    corps = api.get("/v1/statut").json()
    travaux = corps["composants"]["travaux"]
    base.ecrire("DELETE FROM procrastinate_workers")
    assert (corps["statut"], travaux["etat"]) == ("perturbe", "perturbe")
    assert travaux["en_attente"] >= 2
    assert travaux["plus_ancien_secondes"] >= 590
    regarder(api)
    assert api.get("/v1/statut").json()["composants"]["travaux"]["etat"] == "indisponible"


def test_la_base_absente_laisse_le_dernier_regard(api, neuf, referents, monkeypatch):
    avant = api.get("/v1/statut").json()

    async def casser(*_, **__):
        raise OSError

    monkeypatch.setattr(Observateur, "_lire", casser)
    api.portal.call(OBSERVATEUR.regarder)
    corps = api.get("/v1/statut").json()
    assert corps["statut"] == "indisponible"
    assert corps["composants"]["base"]["etat"] == "indisponible"
    assert corps["composants"]["travaux"]["etat"] == "inconnu"
    assert corps["autres_voies"] == avant["autres_voies"]
    assert corps["maintenances"] == avant["maintenances"]


def test_mille_appels_ne_font_pas_mille_regards(api, neuf, monkeypatch):
    lus = []

    async def lent(self, instant, *, lent):
        lus.append(1)
        await asyncio.sleep(0.5)

    monkeypatch.setattr(Observateur, "_lire", lent)
    neuf.vue = Vue(verifie_le=now() - timedelta(minutes=1))

    async def beaucoup():
        await asyncio.gather(*(OBSERVATEUR.a_jour() for _ in range(1000)))

    api.portal.call(beaucoup)
    assert len(lus) <= 2  # ours, and the process's own


def test_un_regard_recent_n_est_pas_repris(api, neuf, monkeypatch):
    regards = []

    async def compter(self):
        regards.append(1)
        self.vue = Vue(verifie_le=now())

    monkeypatch.setattr(Observateur, "regarder", compter)
    for _ in range(5):
        api.get("/v1/statut")
    assert len(regards) < 5  # the process looks by itself too


def test_la_page_dit_la_meme_chose(api, referents):
    page = api.get("/v1/statut", headers={"Accept": "text/html"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.text.count("<h1>") == 1
    assert f"Agnès {REFERENT['nom']}" in page.text
    assert REFERENT["telephone"] not in page.text
    assert api.get("/statut").status_code == 200
    assert "script" not in page.text


@pytest.mark.parametrize(
    ("accueil", "etat"),
    [(b"220 ici\r\n", EtatComposant.DISPONIBLE), (b"554 non\r\n", EtatComposant.INDISPONIBLE)],
)
def test_le_serveur_de_courriel_est_interroge(api, monkeypatch, accueil, etat):
    class Reglages:
        class smtp_url:  # noqa: N801
            get_secret_value = staticmethod(lambda: "")

    async def essayer():
        async def repondre(lecteur, ecrivain):
            ecrivain.write(accueil)
            await ecrivain.drain()
            await lecteur.read(6)
            ecrivain.close()

        serveur = await asyncio.start_server(repondre, "127.0.0.1", 0)
        port = serveur.sockets[0].getsockname()[1]
        Reglages.smtp_url.get_secret_value = staticmethod(lambda: f"smtp://127.0.0.1:{port}")
        async with serveur:
            vivant = await sondes.courriels()
        return vivant, await sondes.courriels()

    monkeypatch.setattr(sondes, "settings", Reglages)
    assert api.portal.call(essayer) == (etat, EtatComposant.INDISPONIBLE)


async def clamd_de(reponse, entendus):
    """Stand for clamd: note what is asked, and answer that; None never answers."""

    async def repondre(lecteur, ecrivain):
        entendus.append(await lecteur.readuntil(b"\0"))
        if reponse is not None:
            ecrivain.write(reponse)
            await ecrivain.drain()
        else:
            await lecteur.read()
        ecrivain.close()

    return await asyncio.start_server(repondre, "127.0.0.1", 0)


@pytest.mark.regle("3.1-2")
@pytest.mark.parametrize(
    ("reponse", "etat", "statut"),
    [
        (b"PONG\0", "disponible", None),
        (b"UNKNOWN COMMAND\0", "indisponible", "perturbe"),
        (None, "indisponible", "perturbe"),
    ],
)
def test_l_antivirus_se_voit_et_le_public_ne_le_charge_pas(api, neuf, monkeypatch, reponse, etat, statut):
    entendus = []

    async def essayer():
        serveur = await clamd_de(reponse, entendus)
        port = serveur.sockets[0].getsockname()[1]
        monkeypatch.setattr(
            antivirus, "settings", lambda: SimpleNamespace(clamd_url=f"tcp://127.0.0.1:{port}")
        )
        async with serveur:
            OBSERVATEUR.vue = Vue()
            await asyncio.gather(*(OBSERVATEUR.regarder() for _ in range(50)))

    monkeypatch.setattr(antivirus, "CONNECT", 0.3)
    api.portal.call(essayer)
    lu = api.get("/v1/statut")
    assert (lu.status_code, lu.json()["composants"]["antivirus"]["etat"]) == (200, etat)
    assert statut is None or lu.json()["statut"] in {statut, "perturbe"}
    assert entendus == [b"zPING\0"]  # fifty looks, one question
    assert "Contrôle des pièces" in api.get("/statut").text


def test_le_rangement_des_pieces_se_voit(api, neuf, monkeypatch, tmp_path):
    regarder(api)
    assert api.get("/v1/statut").json()["composants"]["stockage"]["etat"] == "disponible"
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr(storage, "folder", lambda: tmp_path / "parti")
    regarder(api)
    corps = api.get("/v1/statut").json()
    assert corps["composants"]["stockage"]["etat"] == "indisponible"
    assert corps["statut"] in {"perturbe", "indisponible"}
    assert api.get("/health/ready").status_code == 200


def test_un_rangement_qui_ne_repond_pas_n_est_demande_qu_une_fois(api, monkeypatch):
    demandes, revenu = [], asyncio.Event()

    async def pendre():
        demandes.append(1)
        await revenu.wait()

    async def essayer():
        rangement = sondes.Rangement()
        perdus = [await rangement.etat() for _ in range(3)]
        revenu.set()
        await asyncio.sleep(0.05)
        return perdus, await rangement.etat(), len(demandes)

    monkeypatch.setattr(sondes, "PATIENCE", 0.05)
    monkeypatch.setattr(storage, "ping", pendre)
    assert api.portal.call(essayer) == ([EtatComposant.INDISPONIBLE] * 3, EtatComposant.DISPONIBLE, 2)
