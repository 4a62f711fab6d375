"""Art. 1.2: what holds of one kind of request holds of the five: read from one table, kind by kind."""

import csv
import io

import pytest

from app.kit.calendrier import ajouter_jours_ouvres
from app.kit.clock import today
from tests.api.courrier import courriers, travailler
from tests.api.test_genres import GENRES, corps

pytestmark = pytest.mark.parametrize("chemin", GENRES)
COMPLEMENT, MESSAGE = {"message": "Merci de joindre l'avis."}, {"texte": "Le voici."}
CLOTURE = {"issue": "orientee_service_social", "message": "Le service social prend la suite."}
# The nomenclature of each enumerated field.
ENUMERES = {
    "signalements": {"difficultes": "difficultes", "orientation_souhaitee": "orientation_souhaitee"},
    "etudes-dossier": {"droit": "droit"},
    "rendez-vous": {"motif": "motif", "mode": "mode"},
    "demandes-documents": {"document": "document"},
    "contacts": {"sujet": "sujet"},
}
# Their free texts, beside the comment that all have.
TEXTES = {"contacts": ["message"]}
SANTE = "Elle est en dialyse trois fois par semaine."
# Own bodies that pass a bound.
HORS_BORNES = {
    "signalements": [
        {"difficultes": []},
        {"difficultes": ["numerique"] * 13},
        {"orientation_souhaitee": "x"},
    ],
    "etudes-dossier": [{"droit": ""}, {"droit": ["c2s"]}],
    "rendez-vous": [
        {"disponibilites": []},
        {"disponibilites": [GENRES["rendez-vous"][2]["disponibilites"][0]] * 11},
        {"mode": "domicile"},
    ],
    "demandes-documents": [{"document": "piece_identite"}],
    "contacts": [{"message": ""}, {"message": "a" * 4001}, {"sujet": "autre sujet"}],
}


@pytest.fixture
def demande(client_de, chemin):
    depot = client_de("t-cias").post(f"/v1/{chemin}", corps(chemin))
    assert depot.status_code == 201, depot.text
    return depot.json()


def test_chaque_enumeration_est_dans_les_nomenclatures_et_chaque_code_passe(client_de, chemin):
    technicien = client_de("t-cias")
    nomenclatures = technicien.get("/v1/nomenclatures").json()
    type_ = GENRES[chemin][0]
    assert type_ in [valeur["code"] for valeur in nomenclatures["type"]]
    for champ, nom in ENUMERES[chemin].items():
        for valeur in nomenclatures[nom]:
            assert valeur["libelle"]
            code = [valeur["code"]] if champ == "difficultes" else valeur["code"]
            depot = technicien.post(f"/v1/{chemin}", corps(chemin, **{champ: code}))
            assert depot.status_code == 201, depot.text
            assert depot.json()["objet"][champ] == code


def test_hors_de_ses_bornes_rien_n_est_enregistre(client_de, base, chemin):
    avant = base.valeur("SELECT count(*) FROM demandes")
    for propres in [*HORS_BORNES[chemin], {"inconnu": "x"}]:
        refus = client_de("t-cias").post(f"/v1/{chemin}", corps(chemin, **propres))
        assert (refus.status_code, refus.json()["code"]) == (422, "validation"), propres
        assert refus.json()["erreurs"][0]["champ"].startswith(f"/{next(iter(propres))}")
    assert base.valeur("SELECT count(*) FROM demandes") == avant


@pytest.mark.regle("5-3")
def test_chaque_texte_libre_est_relu(client_de, chemin):
    for champ in ["commentaire", *TEXTES.get(chemin, [])]:
        refus = client_de("t-cias").post(f"/v1/{chemin}", corps(chemin, **{champ: SANTE}))
        assert (refus.json()["code"], refus.json()["passages"][0]["champ"]) == (
            "donnee-de-sante",
            f"/{champ}",
        )
        confirme = corps(chemin, texte_confirme=True, **{champ: SANTE})
        assert client_de("t-cias").post(f"/v1/{chemin}", confirme).status_code == 201


@pytest.mark.regle("1.1-2")
def test_sans_consentement_rien_n_est_depose(client_de, chemin):
    refus = client_de("t-cias").post(f"/v1/{chemin}", corps(chemin, consentement=None))
    assert (refus.status_code, refus.json()["code"]) == (422, "consentement-manquant")


@pytest.mark.regle("1.1-3")
@pytest.mark.regle("1.1-4")
def test_toute_la_vie_d_une_demande(api, client_de, base, demande, chemin):
    technicien, agent = client_de("t-cias"), client_de("a-orne")
    ici = f"/v1/demandes/{demande['id']}"
    file = agent.get("/v1/demandes", theme=demande["theme"], type=demande["type"], limite=200).json()[
        "donnees"
    ]
    assert demande["id"] in [d["id"] for d in file]
    ailleurs = agent.get("/v1/demandes", theme="zzz", limite=200).json()["donnees"]
    assert demande["id"] not in [d["id"] for d in ailleurs]
    agent_id = agent.get("/v1/moi").json()["compte"]["id"]
    for client, geste, envoi, statut in (
        (agent, "prise-en-charge", None, "en_cours"),
        (agent, "affectation", {"agent_id": agent_id}, "en_cours"),
        (agent, "demande-complement", COMPLEMENT, "complement_demande"),
        (technicien, "messages", MESSAGE, "en_cours"),
        (agent, "messages", MESSAGE, "en_cours"),
        (agent, "cloture", CLOTURE, "cloturee"),
    ):
        fait = client.post(f"{ici}/{geste}", envoi)
        assert (fait.status_code, fait.json()["statut"]) == (200, statut), fait.text
    fin = technicien.get(f"/v1/{chemin}/{demande['id']}").json()
    assert fin["objet"] == demande["objet"]
    assert (fin["issue"], len(fin["messages"]), fin["actions_possibles"]) == (
        "orientee_service_social",
        4,
        [],
    )
    types = base.lignes(
        "SELECT type FROM evenements WHERE ressource_id = :id ORDER BY numero", id=demande["id"]
    )
    assert [type_.removeprefix("demande.") for (type_,) in types] == [
        *("deposee", "prise_en_charge", "affectee", "complement_demande", "message", "message", "cloturee")
    ]
    lignes = "SELECT count(*) FROM journal WHERE ressource_id = :id"
    assert base.valeur(lignes, id=demande["id"]) == 7
    travailler(api)
    adresse = base.valeur("SELECT email FROM comptes WHERE identifiant = 't-cias'")
    for boite in (adresse, "file@cpam-orne.example"):
        recus = [m for m in courriers(boite) if demande["reference"] in m["Subject"]]
        assert len(recus) == 7
        assert "Testard" not in "".join(m.get_content() for m in recus)


def test_annuler_retirer_et_chercher(client_de, demande, chemin):
    technicien = client_de("t-cias")
    for recherche in (
        {"nom": demande["assure"]["nom"], "type": demande["type"]},
        {"reference": demande["reference"]},
    ):
        trouvees = technicien.post("/v1/demandes/recherche", recherche).json()["donnees"]
        assert [d["id"] for d in trouvees] == [demande["id"]]
    par_reference = technicien.get("/v1/demandes", q=demande["reference"]).json()["donnees"]
    assert [d["id"] for d in par_reference] == [demande["id"]]
    annulee = technicien.post(f"/v1/demandes/{demande['id']}/annulation", {"motif": "Démarche faite."})
    assert annulee.json()["statut"] == "annulee"
    autre = technicien.post(f"/v1/{chemin}", corps(chemin)).json()
    retrait = technicien.post(
        f"/v1/demandes/{autre['id']}/retrait-consentement", {"date": today().isoformat()}
    )
    assert retrait.json()["motif_annulation"] == "consentement_retire"


@pytest.mark.regle("1.1-3")
def test_le_delai_est_celui_que_la_caisse_fixe_pour_ce_type(client_de, base, chemin):
    type_, agent = GENRES[chemin][0], client_de("a-orne")
    assert agent.patch("/v1/caisses/611", {"delais": {type_: 17}}).status_code == 200
    try:
        depot = client_de("t-cias").post(f"/v1/{chemin}", corps(chemin)).json()
    finally:
        base.ecrire("UPDATE reglages_caisses SET delai = NULL WHERE caisse = '611'")
    assert depot["echeance"] == ajouter_jours_ouvres(today(), 17, "61").isoformat()


@pytest.mark.regle("1.2-7")
def test_les_champs_propres_sont_dans_le_fichier_de_l_historique(client_de, demande, chemin):
    reponse = client_de("t-cias").appel(
        "GET", "/v1/demandes", params={"q": demande["reference"]}, entetes={"Accept": "text/csv"}
    )
    (ligne,) = csv.DictReader(io.StringIO(reponse.content.decode("utf-8-sig")), delimiter=";")
    for champ in ENUMERES[chemin]:
        valeur = demande["objet"][champ]
        assert ligne[champ] == (", ".join(valeur) if isinstance(valeur, list) else valeur or "")
    if chemin == "rendez-vous":
        assert ligne["disponibilites"] == "2027-01-11T09:00:00+01:00 2027-01-11T12:00:00+01:00"
        assert (ligne["creneaux"], ligne["honore"]) == ("", "")
    if chemin == "contacts":
        assert ligne["message"] == "Où en est la demande ?"
    etrangers = {champ for autre in set(ENUMERES) - {chemin} for champ in ENUMERES[autre]} - set(
        ENUMERES[chemin]
    )
    assert {ligne[champ] for champ in etrangers} == {""}
