"""Mails over real SMTP: to both sides at each change, never a word of the person, never lost, never for nothing."""

import asyncio
import os
import signal
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from procrastinate.jobs import Job

from app.kit.jobs import RETRY, jobs, retry_stalled
from tests.outils import un_signalement
from tests.serveur.machines import jusqua

FILE, TECHNICIEN = "file@cpam-orne.example", "t-asso@asso.example"
CANARI = {
    "assure": {
        "civilite": "mme",
        "nom": "Zorglubette",
        "prenom": "Philomène-Éléonore",
        "date_naissance": "1947-11-23",
        "departement_residence": "61",
    },
    "commentaire": "Quinconce mordoré, à rappeler avant la foire.",
}
CANARIS = ("zorglubette", "philom", "léonore", "1947", "23/11", "quinconce", "mordor", "ginette", "testard")
REPRENDRE = "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('default', %s, %s)"


@pytest.fixture
def technicien(serveur):
    return serveur.client("t-asso")


@pytest.fixture
def agent(serveur):
    return serveur.client("a-orne")


@pytest.fixture(autouse=True)
def humeur_douce(courrier):
    yield
    courrier.humeur = lambda message: None


def travaux(serveur, demande_id: str) -> list[tuple[int, str, int, str]]:
    return serveur.lignes(
        "SELECT id, status::text, attempts, args->>'cote' FROM procrastinate_jobs"
        " WHERE args->>'demande_id' = %s ORDER BY id",
        demande_id,
    )


def avancer(serveur, demande_id: str) -> None:
    """Let the time of the retries come now."""
    serveur.lignes(
        "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo' AND args->>'demande_id' = %s",
        demande_id,
    )
    serveur.lignes(
        'SELECT pg_notify(\'procrastinate_any_queue_v1\', \'{"type": "job_inserted", "job_id": 0}\')'
    )


def test_chaque_changement_ecrit_a_la_file_et_au_technicien_sans_rien_de_la_personne(
    serveur, courrier, technicien, agent
):
    depose = technicien.deposer(**CANARI)
    chemin, reference = f"/v1/demandes/{depose['id']}", depose["reference"]
    gestes = [
        (agent, "prise-en-charge", None, "demande prise en charge"),
        (
            agent,
            "demande-complement",
            {"message": "Merci d'envoyer le quinconce de Mme Zorglubette."},
            "complément demandé",
        ),
        (technicien, "messages", {"texte": "Philomène l'a posté, mordoré."}, "nouveau message"),
        (
            agent,
            "cloture",
            {"issue": "traitee", "message": "Mme Zorglubette est à jour."},
            "demande clôturée",
        ),
    ]
    for appelant, geste, corps, _ in gestes:
        reponse = appelant.post(f"{chemin}/{geste}", corps)
        assert reponse.status_code == 200, reponse.text
    recus = courrier.attendre(reference, 2 * (1 + len(gestes)))
    attendus = ["demande déposée", *(sujet for *_, sujet in gestes)]
    assert Counter((m["to"], m["subject"]) for m in recus) == Counter(
        (a, f"Espace Partenaires : {sujet} ({reference})") for a in (FILE, TECHNICIEN) for sujet in attendus
    )
    assert len({m["message-id"] for m in recus}) == len(recus)
    for message in recus:
        texte = "\n".join(
            [str(message["subject"]), message.get_content(), *map(str, message.values())]
        ).lower()
        assert [canari for canari in CANARIS if canari in texte] == []
        assert f"Référence : {reference}" in message.get_content()


def test_le_courriel_est_bien_encode(courrier, technicien):
    reference = technicien.deposer()["reference"]
    courrier.attendre(reference, 2)
    rang = next(i for i, m in enumerate(courrier.recus) if reference in m["subject"])
    brut, message = courrier.bruts[rang], courrier.recus[rang]
    entetes, _, _ = brut.partition(b"\r\n\r\n")
    assert entetes.isascii()
    assert max(len(ligne) for ligne in brut.split(b"\r\n")) <= 998
    assert message.get_content_type() == "text/plain"
    assert message.get_content_charset() == "utf-8"
    assert "déposée" in message["subject"]
    assert "connectez-vous pour lire la demande" in message.get_content()
    assert message["auto-submitted"] == "auto-generated"
    assert abs(message["date"].datetime.replace(tzinfo=UTC) - datetime.now(UTC)) < timedelta(minutes=1)
    assert message["from"].addresses[0].addr_spec == "espace-partenaires@localhost"


def test_un_serveur_qui_refuse_deux_fois_recoit_le_meme_courriel_la_troisieme(serveur, courrier, technicien):
    refus: Counter[str] = Counter()

    def deux_refus(message):
        refus[message["message-id"]] += 1
        return "451 Reessayez plus tard" if refus[message["message-id"]] <= 2 else None

    courrier.humeur = deux_refus
    demande = technicien.deposer()
    for tour in (1, 2):
        jusqua(
            lambda tour=tour: [t[1:3] for t in travaux(serveur, demande["id"])] == [("todo", tour)] * 2, 15
        )
        attente = serveur.valeur(
            "SELECT min(scheduled_at - now()) FROM procrastinate_jobs WHERE args->>'demande_id' = %s",
            demande["id"],
        )
        assert attente.total_seconds() > 20
        assert courrier.pour(demande["reference"]) == []
        avancer(serveur, demande["id"])
    recus = courrier.attendre(demande["reference"], 2)
    jusqua(lambda: {t[1] for t in travaux(serveur, demande["id"])} == {"succeeded"})
    assert len(courrier.pour(demande["reference"])) == 2
    assert [refus[m["message-id"]] for m in recus] == [3, 3]
    essais = Counter(essai for essai, _ in courrier.essais if essai in {str(m["message-id"]) for m in recus})
    assert sorted(essais.values()) == [3, 3]


def test_une_requete_annulee_n_envoie_rien(serveur, courrier, technicien):
    depose = technicien.deposer()
    courrier.attendre(depose["reference"], 2)
    avant, maximum = (
        len(courrier.essais),
        serveur.valeur("SELECT max(id) FROM procrastinate_jobs WHERE task_name LIKE 'demandes.%%'"),
    )
    doublon = serveur.lignes("SELECT assure_nom FROM demandes WHERE id = %s", depose["id"])[0][0]
    corps = un_signalement()
    corps["assure"]["nom"] = doublon
    assert technicien.post("/v1/signalements", corps).status_code == 409
    assert (
        technicien.post(
            f"/v1/demandes/{depose['id']}/annulation", {"motif": "Erreur."}, If_Match='"9"'
        ).status_code
        == 412
    )
    assert technicien.post(f"/v1/demandes/{depose['id']}/prise-en-charge").status_code == 403
    # A deposit that fails at its very end, after its mails are enqueued: the log of events refuses it.
    serveur.lignes(
        "CREATE FUNCTION refuser() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'non'; END $$;"
        "CREATE TRIGGER refuser BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION refuser()"
    )
    try:
        assert technicien.post("/v1/signalements", un_signalement()).status_code == 500
    finally:
        serveur.lignes("DROP TRIGGER refuser ON journal; DROP FUNCTION refuser()")
    temoin = technicien.deposer()
    courrier.attendre(temoin["reference"], 2)
    assert len(courrier.essais) == avant + 2
    suivants = serveur.lignes(
        "SELECT DISTINCT args->>'demande_id' FROM procrastinate_jobs WHERE task_name LIKE 'demandes.%%' AND id > %s",
        maximum,
    )
    assert suivants == [(temoin["id"],)]


def test_un_worker_tue_pendant_l_envoi_finit_l_envoi_apres_sa_reprise(serveur, courrier, technicien):
    pris, fini = [], threading.Event()

    async def trainer(message) -> str:
        pris.append(message["message-id"])
        await asyncio.to_thread(fini.wait, 60)
        return "451 trop tard"

    jusqua(serveur.ouvrier_des_travaux)
    courrier.humeur = trainer
    demande = technicien.deposer()
    jusqua(lambda: len(set(pris)) == 2)
    tue = jusqua(serveur.ouvrier_des_travaux)
    os.kill(tue, signal.SIGKILL)
    courrier.humeur = lambda message: None
    jusqua(lambda: (p := serveur.ouvrier_des_travaux()) and p != tue, quoi="le worker n'est pas relancé")
    assert {t[1] for t in travaux(serveur, demande["id"])} == {"doing"}
    # As two minutes later: the dead worker's heart has stopped, and the periodic task comes.
    serveur.lignes(
        "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '3 minutes' WHERE id IN"
        " (SELECT worker_id FROM procrastinate_jobs WHERE args->>'demande_id' = %s)",
        demande["id"],
    )
    serveur.lignes(REPRENDRE, "app.kit.jobs.retry_stalled", '{"timestamp": 0}')
    jusqua(lambda: {m["message-id"] for m in courrier.pour(demande["reference"])} == set(pris), 25)
    jusqua(lambda: {t[1] for t in travaux(serveur, demande["id"])} == {"succeeded"})
    fini.set()
    assert len(courrier.pour(demande["reference"])) == 2


def test_la_reprise_des_travaux_tombe_toutes_les_deux_minutes_et_les_essais_durent_trois_jours():
    periodiques = {tache.task.name: tache.cron for tache in jobs.periodic_registry.periodic_tasks.values()}
    assert periodiques[retry_stalled.name] == "*/2 * * * *"
    debut, essais, attentes = datetime.now(UTC), 0, []
    while suite := RETRY.get_retry_decision(exception=OSError(), job=un_travail(essais)):
        attentes.append((suite.retry_at - debut).total_seconds())
        essais += 1
    assert 25 < attentes[0] < 60
    assert 2.5 * 86400 < sum(attentes) < 4 * 86400


def un_travail(essais: int) -> Job:
    return Job(id=1, queue="default", lock=None, queueing_lock=None, task_name="t", attempts=essais)
