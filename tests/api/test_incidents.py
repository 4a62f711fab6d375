"""Art. 4.1: frauds, thefts, losses, misuses and exclusions, with the right actor and each wrong one."""

import uuid
from datetime import timedelta

import pytest

from app.kit.clock import today
from tests.api.courrier import courriers, travailler

CHEMIN = "/v1/incidents"


@pytest.fixture
def structure(fabrique):
    return fabrique.structure(techniciens=2, gestionnaires=2, effectif=30)


@pytest.fixture
def ids(base, structure):
    lignes = base.lignes("SELECT identifiant, id::text FROM comptes WHERE partenaire_id = :p", p=structure.id)
    return {ligne.identifiant: ligne.id for ligne in lignes}


def un_incident(compte_id, **changements):
    return {
        "nature": "perte",
        "compte_id": compte_id,
        "constate_le": today().isoformat(),
        "preuve": "Déclaration n° 2026-118",
        "description": "Carnet perdu dans un train.",
    } | changements


def traces(base):
    tables = ("procrastinate_jobs", "evenements", "journal", "incidents")
    return [base.valeur(f"SELECT count(*) FROM {table}") for table in tables]


def refuse(reponse, statut, code):
    assert (reponse.status_code, reponse.json()["code"]) == (statut, code), reponse.text
    return reponse.json()


@pytest.mark.regle("4.1-2")
@pytest.mark.parametrize("nature", ["fraude", "vol", "perte"])
@pytest.mark.parametrize("qui", ["gestionnaire", "technicien", "a-orne"])
def test_un_incident_coupe_le_compte_aussitot(client_de, structure, ids, base, api, nature, qui):
    declarants = {"gestionnaire": structure.gestionnaires[0], "technicien": structure.techniciens[0]}
    declarant, victime = client_de(declarants.get(qui, qui)), client_de(structure.techniciens[0])
    id_ = ids[structure.techniciens[0]]
    reponse = declarant.post(CHEMIN, un_incident(id_, nature=nature))
    assert reponse.status_code == 201, reponse.text
    incident = reponse.json()
    assert (incident["nature"], incident["compte_coupe"]) == (nature, True)
    assert victime.get("/v1/moi").status_code == 401
    rafraichi = {"grant_type": "refresh_token", "refresh_token": victime.rafraichissement}
    assert api.post("/v1/oauth/token", data=rafraichi).status_code == 400
    compte = client_de(structure.gestionnaires[0]).get(f"/v1/techniciens/{id_}").json()
    assert (compte["statut"], compte["exclu"]) == ("inactif", False)
    evenements = base.lignes(
        "SELECT type FROM evenements WHERE ressource_id IN (:i, :c) ORDER BY numero", i=incident["id"], c=id_
    )
    assert [e.type for e in evenements][-2:] == ["compte.inactive", "incident.declare"]


@pytest.mark.regle("4.1-3")
@pytest.mark.parametrize("qui", ["gestionnaire", "a-orne"])
def test_les_deux_parties_sont_averties_et_lisent_la_preuve(client_de, structure, ids, base, api, qui):
    gestionnaire, agent = client_de(structure.gestionnaires[0]), client_de("a-orne")
    declarant = gestionnaire if qui == "gestionnaire" else agent
    preuve = f"Journal de connexion {uuid.uuid4().hex[:8]}"
    depot = un_incident(ids[structure.techniciens[0]], nature="fraude", preuve=preuve)
    incident = declarant.post(CHEMIN, depot).json()
    for client in (gestionnaire, agent):
        assert client.get(f"{CHEMIN}/{incident['id']}").json()["preuve"] == preuve
        lus = client.get(CHEMIN).json()["donnees"]
        assert incident in lus
    travailler(api)
    file_ = base.valeur("SELECT email_file FROM caisses WHERE code = '611'")
    adresses = [f"{identifiant}@essai.example" for identifiant in structure.gestionnaires]
    for adresse in (*adresses, file_):
        mails = [m for m in courriers(adresse) if incident["id"] in m.get_content()]
        assert len(mails) == 1, adresse
        assert preuve not in mails[0].get_content()
    coupe = [m for a in ([file_] if qui == "gestionnaire" else adresses) for m in courriers(a)]
    assert any("compte inactivé" in m["Subject"] for m in coupe)


@pytest.mark.regle("4.1-2")
def test_un_usage_non_conforme_est_d_abord_juge_par_la_caisse(client_de, structure, ids):
    gestionnaire, victime = client_de(structure.gestionnaires[0]), client_de(structure.techniciens[0])
    incident = gestionnaire.post(
        CHEMIN, un_incident(ids[structure.techniciens[0]], nature="usage_non_conforme")
    )
    assert (incident.status_code, incident.json()["compte_coupe"]) == (201, False)
    assert victime.get("/v1/moi").status_code == 200


@pytest.mark.regle("4.1-2")
def test_l_urgence_coupe_meme_le_dernier_gestionnaire(client_de, fabrique):
    structure = fabrique.structure(techniciens=1, gestionnaires=1)
    gestionnaire = client_de(structure.gestionnaires[0])
    id_ = gestionnaire.get("/v1/moi").json()["compte"]["id"]
    assert gestionnaire.post(CHEMIN, un_incident(id_, nature="vol")).json()["compte_coupe"] is True
    assert gestionnaire.get("/v1/moi").status_code == 401
    assert client_de(structure.techniciens[0]).get("/v1/moi").status_code == 200


@pytest.mark.regle("4.1-2")
@pytest.mark.parametrize(
    "changement",
    [
        {"preuve": ""},
        {"preuve": None},
        {"description": "  "},
        {"nature": "autre"},
        {"constate_le": (today() + timedelta(days=1)).isoformat()},
        {"constate_le": None},
        {"compte_coupe": False},
    ],
)
def test_sans_preuve_ni_date_rien_n_est_enregistre(client_de, structure, ids, base, changement):
    gestionnaire, victime = client_de(structure.gestionnaires[0]), client_de(structure.techniciens[0])
    avant = traces(base)
    depot = un_incident(ids[structure.techniciens[0]], **changement)
    (champ,) = changement
    refus = refuse(gestionnaire.post(CHEMIN, depot), 422, "validation")
    assert refus["erreurs"][0]["champ"] == f"/{champ}"
    assert traces(base) == avant
    assert victime.get("/v1/moi").status_code == 200


@pytest.mark.regle("4.1-2")
def test_chaque_mauvais_acteur_est_refuse(client_de, structure, fabrique, ids, base):
    technicien, national = client_de(structure.techniciens[0]), client_de("n-operateur")
    ailleurs = fabrique.structure(gestionnaires=1)
    etranger, voisine = client_de(ailleurs.gestionnaires[0]), client_de("a-calvados")
    collegue, gestionnaire = client_de(structure.techniciens[1]), client_de(structure.gestionnaires[0])
    sien = collegue.post(
        CHEMIN, un_incident(ids[structure.techniciens[1]], nature="usage_non_conforme")
    ).json()
    avant = traces(base)
    refuse(national.post(CHEMIN, un_incident(ids[structure.techniciens[0]])), 403, "permission-refusee")
    refuse(national.get(CHEMIN), 403, "permission-refusee")
    for identifiant in (structure.techniciens[1], structure.gestionnaires[0]):
        refus = refuse(technicien.post(CHEMIN, un_incident(ids[identifiant])), 422, "validation")
        assert refus["erreurs"][0]["champ"] == "/compte_id"
    for client in (etranger, voisine):
        refuse(client.post(CHEMIN, un_incident(ids[structure.techniciens[0]])), 422, "validation")
    agent_id = base.valeur("SELECT id::text FROM comptes WHERE identifiant = 'a-orne'")
    for client in (client_de("a-orne"), gestionnaire):
        refuse(client.post(CHEMIN, un_incident(agent_id)), 422, "validation")
    for client in (etranger, voisine, technicien):
        refuse(client.get(f"{CHEMIN}/{sien['id']}"), 404, "introuvable")
        assert sien["id"] not in [i["id"] for i in client.get(CHEMIN).json()["donnees"]]
    assert traces(base) == avant
    assert collegue.get(f"{CHEMIN}/{sien['id']}").json() == sien
    assert technicien.get("/v1/moi").status_code == 200


@pytest.mark.regle("4.1-3")
def test_une_caisse_sans_convention_en_vigueur_ne_coupe_personne(client_de, structure, fabrique, ids, base):
    fabrique.convention(structure.id, "141")
    victime, orne = client_de(structure.techniciens[0]), client_de("a-orne")
    base.ecrire(
        "UPDATE conventions SET signee_partenaire_le = '2024-01-01', signee_caisse_le = '2024-01-01',"
        " tacite_reconduction = false WHERE partenaire_id = :p AND caisse = '611'",
        p=structure.id,
    )
    id_ = ids[structure.techniciens[0]]
    avant = traces(base)
    refuse(orne.post(CHEMIN, un_incident(id_, nature="fraude")), 403, "caisse-non-conventionnee")
    exclusion = orne.post(f"/v1/techniciens/{id_}/exclusion", {"motif": "Fraude"})
    refuse(exclusion, 403, "caisse-non-conventionnee")
    assert traces(base) == avant
    assert victime.get("/v1/moi").status_code == 200
    assert client_de("a-calvados").post(CHEMIN, un_incident(id_, nature="fraude")).status_code == 201
    assert victime.get("/v1/moi").status_code == 401


@pytest.mark.regle("4.1-1")
def test_rien_ne_redonne_un_mot_de_passe_une_empreinte_ou_un_lien(client_de, structure, ids, base, api):
    gestionnaire, agent = client_de(structure.gestionnaires[0]), client_de("a-orne")
    id_ = ids[structure.gestionnaires[1]]
    lectures = [
        gestionnaire.get("/v1/moi"),
        gestionnaire.get("/v1/techniciens"),
        gestionnaire.get("/v1/gestionnaires"),
        gestionnaire.get("/v1/tableau-habilitations"),
        gestionnaire.appel("GET", "/v1/tableau-habilitations", entetes={"Accept": "text/csv"}),
        agent.get(f"/v1/gestionnaires/{id_}"),
        agent.patch(f"/v1/gestionnaires/{id_}", {"fonction": "Directrice"}),
        agent.post(f"/v1/gestionnaires/{id_}/inactivation", {"motif": "Départ"}),
        gestionnaire.post(CHEMIN, un_incident(ids[structure.techniciens[0]])),
    ]
    empreintes = base.lignes("SELECT mot_de_passe FROM comptes WHERE partenaire_id = :p", p=structure.id)
    liens = base.lignes("SELECT empreinte FROM liens")
    secrets = {ligne[0] for ligne in (*empreintes, *liens) if ligne[0]}
    for lecture in lectures:
        assert lecture.status_code < 300
        assert "$argon2" not in lecture.text
        assert not [secret for secret in secrets if secret in lecture.text]


@pytest.mark.regle("4.1-4")
@pytest.mark.parametrize("profil", ["techniciens", "gestionnaires"])
def test_une_exclusion_est_notifiee_prend_effet_et_dure(client_de, structure, ids, base, api, profil):
    identifiant = getattr(structure, profil)[1]
    exclu, agent = client_de(identifiant), client_de("a-orne")
    gestionnaire = client_de(structure.gestionnaires[0])
    chemin = f"/v1/{profil}/{ids[identifiant]}/exclusion"
    for client in (gestionnaire, client_de(structure.techniciens[0]), client_de("n-operateur")):
        refuse(client.post(chemin, {"motif": "Non"}), 403, "permission-refusee")
    refuse(client_de("a-calvados").post(chemin, {"motif": "Non"}), 404, "introuvable")
    assert exclu.get("/v1/moi").status_code == 200
    fait = agent.post(chemin, {"motif": "Usage non conforme"}).json()
    assert (fait["statut"], fait["exclu"], fait["motif_inactivation"]) == (
        "inactif",
        True,
        "Usage non conforme",
    )
    assert exclu.get("/v1/moi").status_code == 401
    travailler(api)
    mails = courriers(f"{structure.gestionnaires[0]}@essai.example")
    assert [m["Subject"] for m in mails if identifiant in m.get_content()] == [
        "Espace Partenaires : compte exclu"
    ]
    evenement = "SELECT count(*) FROM evenements WHERE ressource_id = :id AND type = 'compte.exclu'"
    assert base.valeur(evenement, id=ids[identifiant]) == 1
    if profil == "techniciens":
        refus = gestionnaire.post(f"/v1/techniciens/{ids[identifiant]}/reactivation")
        refuse(refus, 409, "compte-exclu")
    rejoue = agent.post(chemin, {"motif": "Encore"})
    assert rejoue.json()["motif_inactivation"] == "Usage non conforme"
    assert base.valeur(evenement, id=ids[identifiant]) == 1


@pytest.mark.regle("4.1-4")
def test_une_exclusion_vaut_pour_toutes_les_caisses(client_de, structure, fabrique, ids):
    fabrique.convention(structure.id, "141")
    exclu, id_ = client_de(structure.techniciens[0]), ids[structure.techniciens[0]]
    assert (
        client_de("a-calvados").post(f"/v1/techniciens/{id_}/exclusion", {"motif": "Fraude"}).status_code
        == 200
    )
    assert exclu.get("/v1/moi").status_code == 401
    assert client_de("a-orne").get(f"/v1/techniciens/{id_}").json()["exclu"] is True
