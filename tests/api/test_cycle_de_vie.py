"""Art. 2.2.3: what the dates decide, at the very call, and then settled by the daily rules."""

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from app.kit.calendrier import ajouter_mois
from app.kit.clock import today
from tests.outils import MOT_DE_PASSE, connexion, un_signalement

COMMANDE = Path(sys.executable).parent / "espace-partenaires"


def vivre(jour, *options):
    """Run the command as an operator does, beside the API that serves."""
    commande = [COMMANDE, "lifecycle", "--as-of", jour.isoformat(), *options]
    fait = subprocess.run(commande, capture_output=True, text=True, check=False)
    assert fait.returncode == 0, fait.stderr[-800:]
    return fait.stdout


def id_de(base, identifiant):
    return str(base.valeur("SELECT id FROM comptes WHERE identifiant = :i", i=identifiant))


def finir_convention(base, convention_id, jour):
    """Make a convention end on a day: signed a year before, not renewed."""
    debut = date(jour.year - 1, jour.month, min(jour.day, 28)) + timedelta(days=1)
    base.ecrire(
        "UPDATE conventions SET tacite_reconduction = false, signee_caisse_le = :d, signee_partenaire_le = :d"
        " WHERE id = :id",
        d=debut,
        id=convention_id,
    )


@pytest.mark.regle("2.2.3-8")
def test_six_mois_apres_son_inactivation_un_compte_disparait_et_rien_ne_reste_de_la_personne(
    api, client_de, fabrique, base
):
    structure = fabrique.structure(techniciens=0, gestionnaires=1)
    gestionnaire = client_de(structure.gestionnaires[0])
    corps = {
        "civilite": "mme",
        "nom": "Quatrebarbes",
        "prenom": "Philippine",
        "fonction": "Psychologue Quatrebarbes",
        "telephone": "0261910077",
        "email": "p.quatrebarbes@essai.example",
        "lien": "benevole",
        "equipement_professionnel": True,
    }
    id_ = gestionnaire.post("/v1/techniciens", corps, Idempotency_Key="cle-quatrebarbes").json()["id"]
    empreinte = base.valeur(
        "SELECT mot_de_passe FROM comptes WHERE identifiant = :i", i=structure.gestionnaires[0]
    )
    base.ecrire("UPDATE comptes SET statut = 'actif', mot_de_passe = :m WHERE id = :id", m=empreinte, id=id_)
    identifiant = base.valeur("SELECT identifiant FROM comptes WHERE id = :id", id=id_)
    base.ecrire(
        "UPDATE comptes SET cgu_version = '2026-11', mot_de_passe_change_le = now() WHERE id = :id", id=id_
    )
    depose = client_de(identifiant).deposer()
    gestionnaire.post(f"/v1/techniciens/{id_}/inactivation", {"motif": "Départ de Philippine Quatrebarbes"})

    echeance = ajouter_mois(today(), 6)
    assert gestionnaire.get(f"/v1/techniciens/{id_}").json()["supprime_le_prevu"] == echeance.isoformat()
    assert id_ not in vivre(echeance - timedelta(days=1))
    assert id_ in vivre(echeance, "--dry-run")
    assert gestionnaire.get(f"/v1/techniciens/{id_}").status_code == 200
    assert id_ in vivre(echeance)
    assert id_ not in vivre(echeance)

    assert gestionnaire.get(f"/v1/techniciens/{id_}").status_code == 404
    assert id_ not in [t["id"] for t in gestionnaire.get("/v1/techniciens").json()["donnees"]]
    lue = client_de("a-orne").get(f"/v1/demandes/{depose['id']}").json()
    assert lue["auteur"]["nom_affiche"] == "ancien compte"
    assert connexion(api, identifiant, MOT_DE_PASSE).status_code == 400
    for canari in ("quatrebarbes", "philippine", "261910077"):
        assert ou_se_trouve(base, canari) == []


def ou_se_trouve(base, texte):
    """Return the tables of the whole database that hold a text, in any column, bytes included."""
    tables = base.lignes("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    trouve = "SELECT count(*) FROM {} AS t WHERE lower(t::text) LIKE :m OR lower(t::text) LIKE :h"
    motif = {"m": f"%{texte}%", "h": f"%{texte.encode().hex()}%"}
    return [nom for (nom,) in tables if base.valeur(trouve.format(nom), **motif)]


@pytest.mark.regle("2.2.3-1")
def test_la_fin_de_la_seule_convention_inactive_tous_les_comptes(api, client_de, fabrique, base):
    structure = fabrique.structure(techniciens=2, gestionnaires=1)
    clients = [client_de(i) for i in (*structure.techniciens, *structure.gestionnaires)]
    finir_convention(base, structure.convention_id, today() - timedelta(days=1))
    for client in clients:
        assert client.get("/v1/moi").status_code == 401
    assert connexion(api, structure.techniciens[0], MOT_DE_PASSE).status_code == 400
    ids = [id_de(base, i) for i in (*structure.techniciens, *structure.gestionnaires)]
    sortie = vivre(today())
    assert all(id_ in sortie for id_ in ids)
    etats = "SELECT DISTINCT statut, motif_inactivation FROM comptes WHERE partenaire_id = :p"
    assert base.lignes(etats, p=structure.id) == [("inactif", "Fin des conventions de la structure")]
    assert not any(id_ in vivre(today()) for id_ in ids)


@pytest.mark.regle("2.2.3-2")
def test_la_fin_avec_une_caisse_ne_ferme_que_l_acces_a_celle_la(client_de, fabrique, base):
    structure = fabrique.structure(techniciens=1)
    autre = fabrique.convention(structure.id, "141")
    technicien = client_de(structure.techniciens[0])
    la = technicien.deposer(caisse="141")
    finir_convention(base, autre["id"], today() - timedelta(days=1))
    moi = technicien.get("/v1/moi").json()
    assert [caisse["code"] for caisse in moi["caisses"]] == ["611"]
    refus = technicien.post("/v1/signalements", un_signalement(caisse="141"))
    assert (refus.status_code, refus.json()["code"]) == (403, "caisse-non-conventionnee")
    assert technicien.get(f"/v1/demandes/{la['id']}").status_code == 404
    assert client_de("a-calvados").get(f"/v1/demandes/{la['id']}").status_code == 200
    assert technicien.deposer()["caisse"] == "611"
    assert id_de(base, structure.techniciens[0]) not in vivre(today())


@pytest.mark.regle("4.1-5")
def test_la_caisse_coupe_l_acces_de_toute_la_structure_et_le_retablit(client_de, fabrique):
    structure = fabrique.structure(techniciens=1, gestionnaires=1)
    fabrique.convention(structure.id, "141")
    technicien, agent = client_de(structure.techniciens[0]), client_de("a-orne")
    depose = technicien.deposer()
    chemin = f"/v1/conventions/{structure.convention_id}"
    motif = {"motif": "Usage non conforme"}
    for client in (technicien, client_de(structure.gestionnaires[0]), client_de("n-operateur")):
        assert client.post(f"{chemin}/suspension", motif).json()["code"] == "permission-refusee"
    assert client_de("a-calvados").post(f"{chemin}/suspension", motif).status_code == 404
    assert agent.post(f"{chemin}/suspension", motif).json()["statut"] == "suspendue"
    assert agent.post(f"{chemin}/suspension", motif).json()["code"] == "etat-de-la-convention"
    assert technicien.get(f"/v1/demandes/{depose['id']}").status_code == 404
    refus = technicien.post("/v1/signalements", un_signalement())
    assert (refus.json()["code"], refus.json()["caisses"]) == ("caisse-non-conventionnee", ["141"])
    assert technicien.post("/v1/signalements", un_signalement(caisse="141")).status_code == 201
    assert agent.post(f"{chemin}/levee-suspension", motif).json()["statut"] == "en_vigueur"
    assert technicien.get(f"/v1/demandes/{depose['id']}").status_code == 200


@pytest.mark.regle("4.1-5")
def test_une_seule_convention_suspendue_n_inactive_aucun_compte(client_de, fabrique, base):
    structure = fabrique.structure(techniciens=1)
    technicien = client_de(structure.techniciens[0])
    client_de("a-orne").post(f"/v1/conventions/{structure.convention_id}/suspension", {"motif": "Contrôle"})
    assert technicien.get("/v1/moi").json()["caisses"] == []
    assert technicien.get("/v1/demandes").json()["code"] == "caisse-non-conventionnee"
    assert id_de(base, structure.techniciens[0]) not in vivre(today())


def test_une_fin_annoncee_se_regle_au_jour_dit_meme_apres_des_jours_d_arret(client_de, fabrique, base):
    structure = fabrique.structure(techniciens=1, gestionnaires=1)
    id_ = id_de(base, structure.techniciens[0])
    effet = today() + timedelta(days=3)
    fin = {"motif": "Départ", "effet_le": effet.isoformat()}
    client_de(structure.gestionnaires[0]).post(f"/v1/techniciens/{id_}/inactivation", fin)
    assert id_ not in vivre(effet - timedelta(days=1))
    rattrapage = effet + timedelta(days=4)
    assert id_ in vivre(rattrapage)
    inactif = base.lignes(
        "SELECT statut, motif_inactivation, inactive_le::date FROM comptes WHERE id = :id", id=id_
    )
    assert inactif == [("inactif", "Départ", rattrapage)]
    assert id_ not in vivre(rattrapage)


def test_un_jour_qui_n_en_est_pas_un_est_refuse():
    fait = subprocess.run(
        [COMMANDE, "lifecycle", "--as-of", "demain"], capture_output=True, text=True, check=False
    )
    assert fait.returncode == 2
    assert "2026-01-31" in fait.stderr
