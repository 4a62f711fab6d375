"""Nothing acknowledged is lost and nothing is done twice, whatever dies and whenever."""

import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.outils import un_signalement
from tests.serveur.machines import cle, enfants, jusqua, mots_de, vivant

REDACTEURS, MORTS = 8, int(os.environ.get("EP_LONG_TESTS", "4"))  # the long form: EP_LONG_TESTS=50

DEMANDES_SANS = """
SELECT count(*) FROM demandes d WHERE d.assure_nom LIKE 'Testard %%' AND d.type = 'signalement' AND (
    (SELECT count(*) FROM evenements e WHERE e.ressource_id = d.id::text AND e.type = 'demande.deposee') <> 1
    OR (SELECT count(*) FROM journal j WHERE j.ressource_id = d.id::text AND j.action = 'demande.deposee') <> 1
    OR (SELECT count(DISTINCT p.args->>'cote') FROM procrastinate_jobs p WHERE p.task_name = 'demandes.avertir'
        AND p.args->>'demande_id' = d.id::text AND p.args->>'evenement' = 'demande.deposee') <> 2
    OR (SELECT count(*) FROM procrastinate_jobs p WHERE p.task_name = 'demandes.avertir'
        AND p.args->>'demande_id' = d.id::text AND p.args->>'evenement' = 'demande.deposee') <> 2
    OR (SELECT count(*) FROM signalements s WHERE s.demande_id = d.id) <> 1)
"""
RIEN_SANS_DEMANDE = """
SELECT (SELECT count(*) FROM evenements e WHERE ressource = 'demande'
            AND NOT EXISTS (SELECT 1 FROM demandes d WHERE d.id::text = e.ressource_id)),
       (SELECT count(*) FROM journal j WHERE ressource = 'demande'
            AND NOT EXISTS (SELECT 1 FROM demandes d WHERE d.id::text = j.ressource_id)),
       (SELECT count(*) FROM procrastinate_jobs p WHERE task_name = 'demandes.avertir'
            AND NOT EXISTS (SELECT 1 FROM demandes d WHERE d.id::text = p.args->>'demande_id')),
       (SELECT count(*) FROM cles_idempotence WHERE statut IS NULL)
"""


def tout_se_tient(serveur) -> None:
    assert serveur.valeur(DEMANDES_SANS) == 0
    assert serveur.lignes(RIEN_SANS_DEMANDE) == [(0, 0, 0, 0)]


def deux_ouvriers(serveur) -> list[int]:
    return jusqua(
        lambda: len(p := serveur.ouvriers()) == 2 and serveur.pret() and p, 20, "l'ouvrier ne revient pas"
    )


@pytest.mark.parametrize("moment", ["meurs-avant", "meurs-apres"])
def test_une_mort_autour_du_commit_ne_perd_ni_ne_double_rien(serveur, moment):
    technicien, corps, cle_ = serveur.client("t-cias"), un_signalement(), cle()
    avant = set(deux_ouvriers(serveur))
    Path(serveur.dossier, moment).touch()
    with pytest.raises(httpx.TransportError):
        technicien.post("/v1/signalements", corps, Idempotency_Key=cle_)
    existait = serveur.valeur("SELECT count(*) FROM demandes WHERE assure_nom = %s", corps["assure"]["nom"])
    assert existait == (1 if moment == "meurs-apres" else 0)
    reprise = technicien.deposer_avec_reprises(corps, cle_)
    assert reprise.status_code == 201
    assert ("idempotency-replayed" in reprise.headers) is (moment == "meurs-apres")
    references = serveur.lignes(
        "SELECT reference FROM demandes WHERE assure_nom = %s", corps["assure"]["nom"]
    )
    assert references == [(reprise.json()["reference"],)]
    tout_se_tient(serveur)
    assert len(set(deux_ouvriers(serveur)) - avant) == 1


def test_des_morts_de_l_api_sous_la_charge_ne_perdent_rien(serveur, courrier):
    technicien, envoyes, recus, fini = serveur.client("t-cias"), [], {}, threading.Event()

    def ecrire() -> None:
        while not fini.is_set():
            corps, cle_ = un_signalement(), cle()
            envoyes.append(corps["assure"]["nom"])
            reponse = technicien.deposer_avec_reprises(corps, cle_)
            assert reponse.status_code == 201, reponse.text
            recus[cle_] = (reponse.json()["id"], reponse.json()["reference"], corps["assure"]["nom"])

    fils = [threading.Thread(target=ecrire) for _ in range(REDACTEURS)]
    for fil in fils:
        fil.start()
    for _ in range(MORTS):
        time.sleep(0.3)
        os.kill(jusqua(serveur.ouvriers, 20)[0], signal.SIGKILL)
    fini.set()
    for fil in fils:
        fil.join()
    deux_ouvriers(serveur)

    assert len(recus) >= REDACTEURS
    trouves = {str(i): (r, n) for i, r, n in serveur.lignes("SELECT id, reference, assure_nom FROM demandes")}
    assert [r for r in recus.values() if trouves.get(r[0]) != r[1:]] == []
    assert sorted(nom for _, nom in trouves.values() if nom in envoyes) == sorted(envoyes)
    tout_se_tient(serveur)
    for _, reference, _nom in recus.values():
        assert {str(m["to"]) for m in courrier.attendre(reference, 2)} == {
            "file@cpam-orne.example",
            "t-cias@cias.example",
        }


def test_le_worker_tue_est_relance(serveur):
    premier = jusqua(serveur.ouvrier_des_travaux)
    os.kill(premier, signal.SIGKILL)
    assert jusqua(lambda: (p := serveur.ouvrier_des_travaux()) and p != premier and p, 5)


def famille(serveur) -> list[int]:
    assert serveur.processus
    racine = serveur.processus.pid
    return [racine, *enfants(racine), serveur.postmaster()]


def repos(serveur, pids: list[int]) -> bool:
    return not any(vivant(pid) for pid in pids) and not (serveur.dossier / "postgres" / "socket").exists()


@pytest.mark.parametrize("signal_", [signal.SIGTERM, signal.SIGINT])
def test_serve_s_arrete_proprement_sur_un_signal(serveur, signal_):
    corps, cle_ = un_signalement(), cle()
    assert serveur.client("t-cias").post("/v1/signalements", corps, Idempotency_Key=cle_).status_code == 201
    jusqua(serveur.ouvrier_des_travaux)
    pids = famille(serveur)
    assert len(pids) >= 5
    debut = len(serveur.journal)
    assert serveur.arreter(signal_) == 0
    jusqua(lambda: repos(serveur, pids), 6, f"restent {[(p, mots_de(p)) for p in pids if vivant(p)]}")
    assert "Traceback" not in serveur.journal[debut:]
    serveur.demarrer()
    rejouee = serveur.client("t-cias").post("/v1/signalements", corps, Idempotency_Key=cle_)
    assert rejouee.headers["idempotency-replayed"] == "true"


def test_serve_tue_ne_laisse_aucun_orphelin_et_redemarre(serveur):
    jusqua(serveur.ouvrier_des_travaux)
    pids = famille(serveur)
    with suppress(httpx.TransportError):
        serveur.client("t-cias").deposer()
    serveur.arreter(signal.SIGKILL)
    jusqua(lambda: repos(serveur, pids), 10, f"restent {[(p, mots_de(p)) for p in pids if vivant(p)]}")
    serveur.demarrer()  # on the same port
    serveur.client("t-cias").deposer()
    tout_se_tient(serveur)


def test_postgresql_tue_revient_et_ce_qui_fut_acquitte_aussi(serveur, courrier):
    technicien = serveur.client("t-cias")
    avant = [technicien.deposer()["id"] for _ in range(5)]
    os.kill(serveur.postmaster(), signal.SIGKILL)
    reponse = technicien.deposer_avec_reprises(un_signalement(), cle())
    assert reponse.status_code == 201
    trouves = [str(i) for (i,) in serveur.lignes("SELECT id FROM demandes")]
    assert set(avant) <= set(trouves)
    courrier.attendre(reponse.json()["reference"], 2, 30)  # the worker came back too
    tout_se_tient(serveur)
