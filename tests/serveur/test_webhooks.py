"""Webhooks on the real server: writers on two processes, a follower, and a worker that is killed."""

import os
import signal
import threading
import time
from functools import partial

import pytest

from tests.outils import un_signalement
from tests.recepteur import Recepteur
from tests.serveur.machines import cle, ensemble, jusqua

REPRENDRE = "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('default', %s, %s)"


@pytest.fixture
def prevenu(serveur):
    """A receiver, and the webhook of the caisse of the Orne that calls it."""
    agent = serveur.client("a-orne")
    with Recepteur() as recepteur:
        reponse = agent.post("/v1/webhooks", {"url": recepteur.url, "evenements": ["demande.deposee"]})
        assert reponse.status_code == 201, reponse.text
        yield recepteur, reponse.json(), agent
        agent.appel("DELETE", f"/v1/webhooks/{reponse.json()['id']}")


@pytest.mark.regle("7-2")
def test_chaque_depot_de_deux_processus_est_livre_et_le_fil_les_a_tous(serveur, prevenu):
    recepteur, _, agent = prevenu
    technicien = serveur.client("t-cias")
    depart = agent.get("/v1/evenements?apres=0&limite=1").json()
    apres = serveur.valeur("SELECT max(numero) FROM evenements") or depart["apres"]
    lus, fini = [], threading.Event()

    def suivre():
        numero, dernier = apres, False
        while not dernier:
            dernier = fini.is_set()
            page = agent.get(f"/v1/evenements?apres={numero}&limite=7").json()
            lus.extend(page["donnees"])
            numero, dernier = page["apres"], dernier and not page["donnees"]

    lecteur = threading.Thread(target=suivre)
    lecteur.start()
    depots = [(un_signalement(caisse="611"), cle()) for _ in range(60)]
    reponses = ensemble([partial(technicien.deposer_avec_reprises, *depot) for depot in depots])
    fini.set()
    lecteur.join(60)
    attendus = {reponse.json()["id"] for reponse in reponses}
    assert len(attendus) == 60
    numeros = [e["numero"] for e in lus]
    assert numeros == sorted(set(numeros))
    assert {e["ressource_id"] for e in lus if e["type"] == "demande.deposee"} >= attendus
    jusqua(
        lambda: {a.corps["data"]["ressource_id"] for a in recepteur.appels} >= attendus,
        40,
        "des livraisons manquent",
    )
    ids = [a.id for a in recepteur.appels]
    assert len(ids) == len(set(ids)), "one delivery an event"


@pytest.mark.regle("7-2")
def test_un_worker_tue_pendant_une_livraison_la_refait_sous_le_meme_identifiant(serveur, prevenu):
    recepteur, webhook, _ = prevenu
    lache = threading.Event()

    def trainer(appel):
        lache.wait(4)
        return 204

    recepteur.humeur = trainer
    jusqua(serveur.ouvrier_des_travaux)
    serveur.client("t-cias").deposer(caisse="611")
    jusqua(lambda: recepteur.appels, 30, "rien n'est parti")
    tue = jusqua(serveur.ouvrier_des_travaux)
    os.kill(tue, signal.SIGKILL)
    lache.set()
    recepteur.humeur = lambda appel: 204
    jusqua(lambda: (p := serveur.ouvrier_des_travaux()) and p != tue, quoi="le worker n'est pas relancé")
    # As two minutes later: the dead worker's heart has stopped, and the periodic task comes.
    serveur.lignes(
        "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '3 minutes' WHERE id IN"
        " (SELECT worker_id FROM procrastinate_jobs WHERE status = 'doing')"
    )
    serveur.lignes(REPRENDRE, "app.kit.jobs.retry_stalled", '{"timestamp": 0}')
    jusqua(lambda: len(recepteur.appels) >= 2, 30, "la livraison n'est pas refaite")
    assert len({a.id for a in recepteur.appels}) == 1
    for appel in recepteur.appels:
        appel.verifier(webhook["secret"])
    jusqua(
        lambda: (
            serveur.lignes("SELECT statut FROM livraisons WHERE webhook_id = %s", webhook["id"])
            == [("livree",)]
        ),
        30,
    )


@pytest.mark.regle("9-1")
def test_apres_tout_cela_la_chaine_du_journal_est_saine(serveur):
    verifie = serveur.commande("journal", "verify")
    assert (verifie.returncode, verifie.stdout.splitlines()[-1].endswith("0 wrong")) == (0, True), (
        verifie.stdout
    )


def test_le_premier_nouvel_essai_vient_de_lui_meme_dans_les_trente_secondes(serveur, prevenu):
    recepteur, _, _ = prevenu
    recepteur.humeur = lambda appel: 503
    serveur.client("t-cias").deposer(caisse="611")
    jusqua(lambda: recepteur.appels, 30)
    premier = time.monotonic()
    recepteur.humeur = lambda appel: 204
    jusqua(lambda: len(recepteur.appels) == 2, 30, "pas de nouvel essai")
    assert time.monotonic() - premier <= 30
