"""Art. 1.2: the calendar file of an appointment, read back by the library; and what the days do to slots."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from app.kit.calendrier import ajouter_jours_ouvres, jour_local
from app.kit.clock import now, today
from tests.api.courrier import courriers, travailler
from tests.api.test_cycle_de_vie import vivre
from tests.api.test_rendez_vous import LIEUX, Rendez, un_creneau

UN_JOUR = timedelta(days=1)
FILE = "file@cpam-orne.example"


@pytest.fixture
def rendez(client_de, base):
    return Rendez(client_de, base)


def telecharger(rendez, qui="technicien"):
    client = rendez.technicien if qui == "technicien" else rendez.agent
    return client.get(f"{rendez.chemin}/calendrier.ics")


def lu(rendez):
    """The file's (method, event), read by the library."""
    calendrier = Calendar.from_ical(telecharger(rendez).content)
    (evenement,) = calendrier.walk("VEVENT")
    return str(calendrier["METHOD"]), evenement


@pytest.mark.regle("1.2-4")
def test_le_fichier_est_celui_du_creneau_confirme(rendez):
    rendez.proposer(un_creneau())
    avant = telecharger(rendez)
    assert (avant.status_code, avant.json()["code"]) == (404, "introuvable")
    creneau = rendez.confirmer()["objet"]["creneaux"][0]
    reponse = telecharger(rendez)
    assert reponse.status_code == 200
    assert reponse.headers["content-type"] == "text/calendar; charset=utf-8"
    assert reponse.headers["x-content-type-options"] == "nosniff"
    nom = f"rendez-vous-{rendez.depot['reference']}.ics"
    assert reponse.headers["content-disposition"] == f'attachment; filename="{nom}"'
    assert reponse.content == telecharger(rendez, "agent_caisse").content
    methode, evenement = lu(rendez)
    assert (methode, evenement["STATUS"], evenement["SEQUENCE"]) == ("PUBLISH", "CONFIRMED", 0)
    assert evenement["UID"] == rendez.id
    assert evenement["SUMMARY"] == f"Rendez-vous {rendez.depot['reference']}"
    assert evenement.decoded("DTSTART") == datetime.fromisoformat(creneau["debut"])
    assert evenement.decoded("DTEND") == datetime.fromisoformat(creneau["fin"])
    assert evenement["LOCATION"] == LIEUX["accueil"]
    assert "heure de la caisse" in evenement["DESCRIPTION"]
    inchange = rendez.technicien.appel(
        "GET", f"{rendez.chemin}/calendrier.ics", entetes={"If-None-Match": reponse.headers["etag"]}
    )
    assert inchange.status_code == 304


def test_les_lignes_sont_celles_de_la_rfc_5545(rendez):
    rendez.proposer(un_creneau(lieu="Salle des Éléments, " + "près de l'entrée ; " * 14))
    rendez.confirmer()
    contenu = telecharger(rendez).content
    lignes = contenu.split(b"\r\n")
    assert lignes.pop() == b""
    assert [ligne for ligne in lignes if len(ligne) > 75 or b"\n" in ligne or b"\r" in ligne] == []
    assert any(ligne.startswith(b" ") for ligne in lignes)
    assert lu(rendez)[1]["LOCATION"].startswith("Salle des Éléments, près de l'entrée ; ")


@pytest.mark.regle("5-6")
@pytest.mark.parametrize("mode", LIEUX)
def test_le_fichier_ne_dit_rien_de_la_personne(rendez, mode):
    rendez.proposer(un_creneau(mode=mode))
    rendez.confirmer()
    texte = re.sub(r"\r\n ", "", telecharger(rendez).content.decode())
    for donnee in ("Testard", "Ginette", "1951", "33233000000", "02 33", "t-cias"):
        assert donnee not in texte
    assert ("https://visio" in texte) == (mode == "visio")
    assert "CLASS:PRIVATE" in texte


def test_annule_puis_deplace_le_meme_evenement_avance(rendez):
    rendez.jusqu_a("confirme").faire("annulation-creneau", {"motif": "Agent absent."})
    methode, annule = lu(rendez)
    assert (methode, annule["STATUS"], annule["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
    assert b"Agent absent" not in telecharger(rendez).content
    rendez.proposer(un_creneau(jours=8))
    assert lu(rendez)[0] == "CANCEL"
    rendez.confirmer()
    methode, deplace = lu(rendez)
    assert (methode, deplace["STATUS"], deplace["SEQUENCE"]) == ("PUBLISH", "CONFIRMED", 2)
    assert deplace["UID"] == annule["UID"]
    rendez.technicien.post(f"/v1/demandes/{rendez.id}/annulation", {"motif": "Démarche faite."})
    assert (lu(rendez)[0], lu(rendez)[1]["SEQUENCE"]) == ("CANCEL", 3)


def test_le_fichier_n_est_que_d_un_rendez_vous_et_des_siens(rendez, client_de, base):
    rendez.jusqu_a("confirme")
    signalement = rendez.technicien.deposer()["id"]
    assert rendez.technicien.get(f"/v1/rendez-vous/{signalement}/calendrier.ics").status_code == 404
    chemin = f"{rendez.chemin}/calendrier.ics"
    assert [client_de(qui).get(chemin).status_code for qui in ("t-asso", "a-calvados", "g-cias")] == [
        404,
        404,
        403,
    ]


def recus(rendez, sujet):
    adresses = (FILE, rendez.base.valeur("SELECT email FROM comptes WHERE identifiant = 't-cias'"))
    return [
        mail
        for adresse in adresses
        for mail in courriers(adresse)
        if sujet in mail["Subject"] and rendez.depot["reference"] in mail["Subject"]
    ]


@pytest.mark.regle("1.2-4")
def test_la_veille_chacun_recoit_un_rappel_une_seule_fois(api, rendez):
    rendez.proposer(un_creneau(jours=5))
    creneau = rendez.confirmer()["objet"]["creneaux"][0]
    debut = datetime.fromisoformat(creneau["debut"])
    jour = jour_local(debut, "Europe/Paris")
    assert creneau["id"] not in vivre(jour - 2 * UN_JOUR)
    assert creneau["id"] in vivre(jour - UN_JOUR, "--dry-run")
    assert creneau["id"] in vivre(jour - UN_JOUR)
    assert creneau["id"] not in vivre(jour - UN_JOUR)
    assert creneau["id"] not in vivre(jour)
    travailler(api)
    rappels = recus(rendez, "rappel de rendez-vous")
    assert len(rappels) == 2
    for rappel in rappels:
        assert f"{jour:%d/%m/%Y}" in rappel.get_content()
        for donnee in ("Testard", "Ginette", "Général-Bonet"):
            assert donnee not in rappel.get_content()


def test_un_creneau_annule_entre_le_rappel_et_son_envoi_n_est_pas_rappele(api, rendez):
    rendez.proposer(un_creneau(jours=5))
    debut = datetime.fromisoformat(rendez.confirmer()["objet"]["creneaux"][0]["debut"])
    vivre(jour_local(debut, "Europe/Paris") - UN_JOUR)
    rendez.faire("annulation-creneau", None)
    travailler(api)
    assert recus(rendez, "rappel de rendez-vous") == []


@pytest.mark.regle("1.2-4")
def test_des_creneaux_passes_sans_reponse_rendent_la_main_a_la_caisse(api, rendez):
    rendez.proposer(un_creneau(jours=2), un_creneau(jours=4))
    rendez.base.ecrire("UPDATE demandes SET jours_restants = 3 WHERE id = :id", id=rendez.id)
    jour = jour_local(now() + timedelta(days=4), "Europe/Paris")
    assert rendez.id not in vivre(jour)
    assert rendez.id in vivre(jour + UN_JOUR)
    assert rendez.id not in vivre(jour + UN_JOUR)
    assert rendez.statuts() == ["annule", "annule"]
    assert rendez.lue()["echeance"] == ajouter_jours_ouvres(jour + UN_JOUR, 3, "61").isoformat()
    travailler(api)
    assert len(recus(rendez, "créneaux sans réponse")) == 2
    assert (
        rendez.base.valeur(
            "SELECT count(*) FROM evenements WHERE ressource_id = :id AND type = 'rendez_vous.sans_reponse'",
            id=rendez.id,
        )
        == 1
    )


def test_un_rendez_vous_passe_sans_issue_rend_le_delai_et_se_dit_une_fois(api, rendez):
    rendez.jusqu_a("a_constater")
    rendez.base.ecrire("UPDATE demandes SET jours_restants = 3 WHERE id = :id", id=rendez.id)
    assert rendez.id in vivre(today() + UN_JOUR)
    assert rendez.id not in vivre(today() + UN_JOUR)
    assert rendez.statuts() == ["confirme", "refuse"]
    assert rendez.lue()["echeance"] == ajouter_jours_ouvres(today() + UN_JOUR, 3, "61").isoformat()
    travailler(api)
    assert len(recus(rendez, "rendez-vous passé")) == 2
    assert "issue" in rendez.lue("agent_caisse")["actions_possibles"]


def test_le_delai_reste_arrete_si_un_complement_est_attendu(rendez):
    rendez.jusqu_a("a_constater")
    chemin = f"/v1/demandes/{rendez.id}"
    rendez.agent.post(f"{chemin}/prise-en-charge")
    rendez.agent.post(f"{chemin}/demande-complement", {"message": "Merci de joindre l'avis."})
    assert rendez.id not in vivre(datetime.now(UTC).date() + 3 * UN_JOUR)
    assert rendez.lue()["echeance"] is None
