"""Art. 3.2: an update without interruption: two servers on one database, started again one after the other."""

import itertools
import signal
import threading
from contextlib import suppress

import httpx
import pytest

from tests.outils import un_signalement
from tests.serveur.machines import Serveur, cle, jusqua

REDACTEURS, TOURS = 4, 50


class Repartiteur:
    """What a load balancer does: a call cut before its answer goes to the next server, with its own key."""

    def __init__(self, serveurs, jeton):
        seule_fois = httpx.Limits(max_keepalive_connections=0)
        self.jeton, self.tour, self.coupures = jeton, itertools.count(), []
        self.portes = [
            httpx.Client(base_url=serveur.url, timeout=30, limits=seule_fois, trust_env=False)
            for serveur in serveurs
        ]

    def deposer(self, corps):
        entetes = {"Authorization": f"Bearer {self.jeton}", "Idempotency-Key": cle()}
        depart = next(self.tour)
        for rang in range(len(self.portes) * TOURS):
            porte = self.portes[(depart + rang) % len(self.portes)]
            try:
                reponse = porte.post("/v1/signalements", json=corps, headers=entetes)
            except httpx.TransportError as coupure:
                self.coupures.append(type(coupure).__name__)
            else:
                if reponse.status_code != 409:  # the first sending still holds the key
                    return reponse
        raise AssertionError("aucun serveur ne répond")


def encore(reponses):
    """Wait until a few more calls are answered."""
    avant = len(reponses)
    jusqua(lambda: len(reponses) > avant + 5, 60)


@pytest.mark.regle("3.2-1")
def test_relancer_un_serveur_apres_l_autre_ne_perd_ni_ne_double_aucun_appel(serveur):
    second = Serveur(serveur.env | {"EP_BASE_URL": serveur.url}, serveur.dossier, workers=1)
    second.demarrer("--no-jobs")
    repartiteur = Repartiteur((serveur, second), serveur.client("t-cias").jeton)
    fini, noms, reponses = threading.Event(), [], []

    def ecrire():
        while not fini.is_set():
            corps = un_signalement()
            noms.append(corps["assure"]["nom"])
            reponses.append(repartiteur.deposer(corps))

    fils = [threading.Thread(target=ecrire) for _ in range(REDACTEURS)]
    try:
        for fil in fils:
            fil.start()
        for relance, options in ((serveur, ()), (second, ("--no-jobs",))):
            encore(reponses)
            relance.arreter(signal.SIGTERM)
            encore(reponses)  # the other one answers meanwhile
            relance.demarrer(*options)
    finally:
        fini.set()
        for fil in fils:
            fil.join()
        with suppress(ProcessLookupError):
            second.arreter()
    assert {reponse.status_code for reponse in reponses} == {201}
    assert len(reponses) == len(noms)
    trouves = [nom for (nom,) in serveur.lignes("SELECT assure_nom FROM demandes") if nom in set(noms)]
    assert sorted(trouves) == sorted(noms)
    assert {"ConnectError"} & set(repartiteur.coupures)  # the writers did meet the stops
