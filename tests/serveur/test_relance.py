"""Art. 3.2: an update without interruption: two servers on one database, started again one after the other."""

import itertools
import signal
import threading
from contextlib import suppress

import httpx
import pytest

from tests.outils import un_signalement
from tests.serveur.machines import Serveur, cle, jusqua

REDACTEURS = 4


class Repartiteur:
    """What a load balancer does: the next server when one refuses the connection, never the same call twice."""

    def __init__(self, serveurs, jeton):
        seule_fois = httpx.Limits(max_keepalive_connections=0)
        self.jeton, self.tour = jeton, itertools.count()
        self.portes = [
            httpx.Client(base_url=serveur.url, timeout=30, limits=seule_fois, trust_env=False)
            for serveur in serveurs
        ]

    def deposer(self):
        entetes = {"Authorization": f"Bearer {self.jeton}", "Idempotency-Key": cle()}
        corps, depart = un_signalement(), next(self.tour)
        for rang in range(len(self.portes) * 50):
            porte = self.portes[(depart + rang) % len(self.portes)]
            with suppress(httpx.ConnectError):
                return porte.post("/v1/signalements", json=corps, headers=entetes)
        raise AssertionError("aucun serveur ne prend la connexion")


def encore(reponses):
    """Wait until a few more calls are answered."""
    avant = len(reponses)
    jusqua(lambda: len(reponses) > avant + 5, 60)


@pytest.mark.regle("3.2-1")
def test_relancer_un_serveur_apres_l_autre_ne_perd_aucun_appel(serveur):
    second = Serveur(serveur.env, serveur.dossier, workers=1)
    second.demarrer("--no-jobs")
    try:
        equipe = (serveur, second)
        repartiteur = Repartiteur(equipe, serveur.client("t-cias").jeton)
        fini, reponses, pannes = threading.Event(), [], []

        def ecrire():
            while not fini.is_set():
                try:
                    reponses.append(repartiteur.deposer())
                except httpx.TransportError as panne:
                    pannes.append(type(panne).__name__)

        fils = [threading.Thread(target=ecrire) for _ in range(REDACTEURS)]
        for fil in fils:
            fil.start()
        for relance, options in ((serveur, ()), (second, ("--no-jobs",))):
            encore(reponses)
            relance.arreter(signal.SIGTERM)
            encore(reponses)
            relance.demarrer(*options)
        fini.set()
        for fil in fils:
            fil.join()
        assert pannes == []
        assert {reponse.status_code for reponse in reponses} == {201}
        ids = {reponse.json()["id"] for reponse in reponses}
        assert len(ids) == len(reponses)
        assert ids <= {str(i) for (i,) in serveur.lignes("SELECT id FROM demandes")}
    finally:
        second.arreter()
