"""Art. 3.2: on a real server, a window holds in both processes, and a fault names whom to reach."""

import os
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.outils import un_signalement
from tests.serveur.machines import cle, jusqua, un_serveur

REFERENT = {
    "nom": "Lemoine",
    "prenom": "Agnès",
    "fonction": "Référente",
    "telephone": "+33233000000",
    "email": "agnes@cpam-orne.example",
}
APPELS = 24
REGARD = 2.0  # EP_STATUS_SECONDS, by default


def instant(**delai):
    return (datetime.now(UTC) + timedelta(**delai)).isoformat(timespec="seconds").replace("+00:00", "Z")


def codes(appelant, combien=APPELS):
    return {appelant.get("/v1/moi").status_code for _ in range(combien)}


@pytest.fixture
def operateur(serveur):
    """The administrateur; whatever window is left is cancelled."""
    client = serveur.client("n-operateur")
    yield client
    for maintenance in client.get("/v1/maintenances").json()["donnees"]:
        if maintenance["statut"] in {"annoncee", "en_cours"}:
            client.post(f"/v1/maintenances/{maintenance['id']}/annulation")


@pytest.fixture
def technicien(serveur):
    serveur.client("a-orne").appel("PUT", "/v1/caisses/611/referents", [REFERENT])
    return serveur.client("t-cias")


def annoncer(operateur, debut, fin):
    corps = {"debut": debut, "fin": fin, "message": "Mise à jour."}
    reponse = operateur.post("/v1/maintenances", corps, Idempotency_Key=cle())
    assert reponse.status_code == 201, reponse.text
    return reponse.json()


@pytest.mark.regle("3.2-2")
def test_une_fenetre_annoncee_ferme_et_rouvre_tous_les_processus_a_la_seconde(operateur, technicien):
    debut, fin = datetime.now(UTC) + timedelta(seconds=5), datetime.now(UTC) + timedelta(seconds=9)
    annoncer(operateur, *(f"{le:%Y-%m-%dT%H:%M:%SZ}" for le in (debut, fin)))
    vus = []
    while datetime.now(UTC) < fin + timedelta(seconds=1):
        avant = datetime.now(UTC)
        code = technicien.get("/v1/moi").status_code
        vus.append((avant, code, datetime.now(UTC)))
    ouverture, fermeture = debut.replace(microsecond=0), fin.replace(microsecond=0)
    dedans = [c for avant, c, apres in vus if avant >= ouverture and apres < fermeture]
    dehors = [c for avant, c, apres in vus if apres < ouverture or avant >= fermeture]
    assert set(dedans) == {503}
    assert set(dehors) == {200}
    assert min(len(dedans), len(dehors)) > 5


@pytest.mark.regle("3.2-2")
def test_une_urgence_vaut_dans_tous_les_processus_en_quelques_secondes(serveur, operateur, technicien):
    urgente = annoncer(operateur, instant(), instant(minutes=10))
    debut = time.monotonic()
    jusqua(lambda: codes(technicien) == {503}, 20)
    assert time.monotonic() - debut < REGARD + 12  # and the time that the calls take
    assert codes(operateur) == {200}
    refus = technicien.post("/v1/signalements", un_signalement(), Idempotency_Key=cle())
    assert (refus.status_code, refus.json()["code"]) == (503, "maintenance")
    assert 540 < int(refus.headers["retry-after"]) <= 600
    assert REFERENT["telephone"] in refus.text
    assert operateur.post(f"/v1/maintenances/{urgente['id']}/annulation").status_code == 200
    jusqua(lambda: codes(technicien) == {200}, 10)


@pytest.mark.regle("3.2-3")
def test_la_base_tuee_l_etat_repond_encore_et_les_refus_nomment_les_referents(dossier):
    with un_serveur(dossier) as serveur:  # its own: the others go on with theirs
        _tuer_la_base(serveur)


def _tuer_la_base(serveur):
    serveur.client("a-orne").appel("PUT", "/v1/caisses/611/referents", [REFERENT])
    technicien = serveur.client("t-cias")
    orne = {"caisse": "611"}.items()

    def connue():
        voies = serveur.appel("GET", "/v1/statut").json()["autres_voies"]
        return [v for v in voies if orne <= v.items() and v["referents"]]

    jusqua(lambda: all(connue() for _ in range(40)), 90)  # both processes have looked: either answers a call
    postmaster = serveur.postmaster()
    gardien = int(Path(f"/proc/{postmaster}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(gardien, signal.SIGSTOP)  # it would start the engine again at once
    try:
        os.kill(postmaster, signal.SIGKILL)
        refus = jusqua(lambda: (r := technicien.get("/v1/demandes")).status_code == 503 and r, 20)
        assert refus.json()["code"] == "service-indisponible"
        assert REFERENT["telephone"] in refus.text
        inconnu = serveur.appel("POST", "/v1/mots-de-passe-oublies", json={"identifiant": "t-cias"})
        assert inconnu.status_code == 503
        assert REFERENT["nom"] in inconnu.text
        assert REFERENT["telephone"] not in inconnu.text

        def indisponible():
            lu = serveur.appel("GET", "/v1/statut")
            assert lu.status_code == 200
            return lu.json()["statut"] == "indisponible" and lu.json()

        lu = jusqua(indisponible, 20)
        assert lu["composants"]["base"]["etat"] == "indisponible"
        assert next(v for v in lu["autres_voies"] if orne <= v.items())["referents"]
        # Each process looks by itself: the page is asked until the one that answers has looked.
        page = jusqua(
            lambda: "Le service ne répond pas" in (p := serveur.appel("GET", "/statut")).text and p, 40
        )
        assert page.status_code == 200
    finally:
        os.kill(gardien, signal.SIGCONT)
    jusqua(
        lambda: serveur.appel("GET", "/v1/statut").json()["composants"]["base"]["etat"] == "disponible", 120
    )
    jusqua(lambda: technicien.get("/v1/demandes").status_code == 200, 60)
