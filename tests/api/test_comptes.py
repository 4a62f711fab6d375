"""Art. 2.2: the accounts of a structure, with the right actor and each wrong one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.kit.clock import today

TECHNICIEN = {
    "civilite": "mme",
    "nom": "Nouvelle",
    "prenom": "Alma",
    "fonction": "Assistante sociale",
    "telephone": "02 61 91 00 01",
    "email": "alma@essai.example",
    "lien": "employe",
    "equipement_professionnel": True,
}


def identite(**changements):
    sans = {"lien", "equipement_professionnel"}
    return {k: v for k, v in (TECHNICIEN | changements).items() if k not in sans}


@pytest.fixture
def structure(fabrique):
    return fabrique.structure(techniciens=1, gestionnaires=2, effectif=8)


@pytest.mark.regle("2.2-3")
@pytest.mark.regle("2.2.1-5")
@pytest.mark.regle("2.2.1-7")
def test_un_gestionnaire_cree_un_technicien_qui_attend_son_activation(client_de, structure, base):
    gestionnaire = client_de(structure.gestionnaires[0])
    cree = gestionnaire.post("/v1/techniciens", TECHNICIEN)
    assert cree.status_code == 201
    compte = cree.json()
    assert (compte["statut"], compte["role"], compte["exclu"]) == ("en_attente", "technicien", False)
    assert compte["gestionnaire_id"] == gestionnaire.get("/v1/moi").json()["compte"]["id"]
    assert gestionnaire.get(cree.headers["location"]).json() == compte
    lien = base.lignes("SELECT lien, equipement_professionnel FROM comptes WHERE id = :id", id=compte["id"])
    assert lien == [("employe", True)]
    refuses = ({"lien": "stagiaire"}, {"lien": None}, {"equipement_professionnel": False})
    for changement in refuses:
        assert gestionnaire.post("/v1/techniciens", TECHNICIEN | changement).json()["code"] == "validation"


@pytest.mark.regle("2.2-3")
@pytest.mark.parametrize("qui", ["technicien", "a-orne", "a-calvados", "n-operateur"])
def test_personne_d_autre_ne_cree_un_technicien(client_de, structure, qui):
    client = client_de(structure.techniciens[0] if qui == "technicien" else qui)
    assert client.post("/v1/techniciens", TECHNICIEN).json()["code"] == "permission-refusee"


@pytest.mark.regle("2.2-1")
@pytest.mark.regle("2.2-2")
def test_une_personne_a_deux_comptes_pour_ses_deux_profils(client_de, structure):
    gestionnaire, agent = client_de(structure.gestionnaires[0]), client_de("a-orne")
    demande = agent.post(
        "/v1/demandes-habilitation",
        {"nature": "creation", "partenaire_id": structure.id, "identite": identite()},
    )
    assert demande.json()["code"] == "quota-atteint"
    technicien = gestionnaire.post("/v1/techniciens", TECHNICIEN).json()
    second = gestionnaire.post("/v1/techniciens", TECHNICIEN).json()
    assert technicien["email"] == second["email"]
    assert technicien["identifiant"] != second["identifiant"]


@pytest.mark.regle("2.2.1-6")
def test_l_adresse_est_professionnelle_et_de_la_structure(client_de, structure):
    gestionnaire = client_de(structure.gestionnaires[0])
    for adresse in ("alma@gmail.com", "alma@orange.fr", "alma@ailleurs.example", "alma@essai.example.com"):
        refus = gestionnaire.post("/v1/techniciens", TECHNICIEN | {"email": adresse})
        assert (refus.status_code, refus.json()["code"]) == (422, "email-non-professionnel")
        assert refus.json()["domaines"] == ["essai.example"]
    accepte = gestionnaire.post("/v1/techniciens", TECHNICIEN | {"email": "alma@social.Essai.example"})
    assert accepte.status_code == 201
    change = gestionnaire.patch(f"/v1/techniciens/{accepte.json()['id']}", {"email": "alma@free.fr"})
    assert change.json()["code"] == "email-non-professionnel"


@pytest.mark.regle("2.2.1-6")
def test_un_fournisseur_grand_public_n_est_ni_un_domaine_ni_une_adresse_de_gestionnaire(client_de, structure):
    agent = client_de("a-orne")
    refus = agent.patch(f"/v1/partenaires/{structure.id}", {"domaines_email": ["essai.example", "gmail.com"]})
    assert refus.json()["erreurs"][0]["champ"] == "/domaines_email/1"
    gestionnaires = agent.get("/v1/gestionnaires").json()["donnees"]
    cible = next(g for g in gestionnaires if g["identifiant"] == structure.gestionnaires[0])
    refus = agent.patch(f"/v1/gestionnaires/{cible['id']}", {"email": "g@laposte.net"})
    assert refus.json()["code"] == "email-non-professionnel"


@pytest.mark.regle("2.2.1-9")
@pytest.mark.parametrize(("effectif", "maximum"), [(1, 5), (10, 5), (11, 15), (25, 15), (26, 25), (500, 25)])
def test_le_quota_de_techniciens_suit_la_taille(client_de, fabrique, base, effectif, maximum):
    structure = fabrique.structure(techniciens=0, gestionnaires=1, effectif=effectif)
    for _ in range(maximum - 1):
        fabrique.compte("technicien", partenaire_id=structure.id)
    gestionnaire = client_de(structure.gestionnaires[0])
    dernier = gestionnaire.post("/v1/techniciens", TECHNICIEN)
    assert dernier.status_code == 201
    refus = gestionnaire.post("/v1/techniciens", TECHNICIEN)
    assert (refus.status_code, refus.json()["code"]) == (409, "quota-atteint")
    assert (refus.json()["maximum"], refus.json()["utilises"]) == (maximum, maximum)
    gestionnaire.post(f"/v1/techniciens/{dernier.json()['id']}/inactivation", {"motif": "Erreur"})
    assert gestionnaire.post("/v1/techniciens", TECHNICIEN).status_code == 201


@pytest.mark.regle("2.2.1-8")
@pytest.mark.parametrize(("effectif", "maximum"), [(10, 2), (11, 3), (25, 3), (26, 5)])
def test_le_quota_de_gestionnaires_suit_la_taille(client_de, fabrique, effectif, maximum):
    structure = fabrique.structure(techniciens=0, gestionnaires=maximum - 1, effectif=effectif)
    agent = client_de("a-orne")
    corps = {"nature": "creation", "partenaire_id": structure.id, "identite": identite()}
    deux = [agent.post("/v1/demandes-habilitation", corps).json()["id"] for _ in range(2)]
    premiere = agent.post(f"/v1/demandes-habilitation/{deux[0]}/acceptation")
    assert (premiere.status_code, premiere.json()["statut"]) == (200, "acceptee")
    seconde = agent.post(f"/v1/demandes-habilitation/{deux[1]}/acceptation")
    assert (seconde.status_code, seconde.json()["code"]) == (409, "quota-atteint")
    assert (seconde.json()["maximum"], seconde.json()["utilises"]) == (maximum, maximum)


@pytest.mark.regle("2.2.1-10")
def test_cinquante_creations_simultanees_ne_passent_jamais_le_quota(client_de, fabrique, base):
    structure = fabrique.structure(techniciens=0, gestionnaires=1, effectif=30)
    gestionnaire = client_de(structure.gestionnaires[0])
    with ThreadPoolExecutor(10) as pool:
        statuts = list(
            pool.map(lambda _: gestionnaire.post("/v1/techniciens", TECHNICIEN).status_code, range(50))
        )
    assert (statuts.count(201), statuts.count(409)) == (25, 25)
    compter = "SELECT count(*) FROM comptes WHERE partenaire_id = :id AND role = 'technicien'"
    assert base.valeur(compter, id=structure.id) == 25


def test_une_structure_qui_retrecit_ne_perd_personne_mais_attend(client_de, fabrique):
    structure = fabrique.structure(techniciens=6, gestionnaires=1, effectif=12)
    client_de("a-orne").patch(f"/v1/partenaires/{structure.id}", {"effectif": 5})
    gestionnaire = client_de(structure.gestionnaires[0])
    assert client_de(structure.techniciens[5]).get("/v1/moi").status_code == 200
    refus = gestionnaire.post("/v1/techniciens", TECHNICIEN).json()
    assert (refus["code"], refus["maximum"], refus["utilises"]) == ("quota-atteint", 5, 6)
    lu = gestionnaire.get(f"/v1/partenaires/{structure.id}").json()["quotas"]["techniciens"]
    assert lu == {"maximum": 5, "utilises": 6}


@pytest.mark.regle("2.2.3-7")
@pytest.mark.regle("4.1-2")
def test_tout_gestionnaire_de_la_structure_inactive_un_technicien_et_son_jeton_meurt(
    client_de, structure, fabrique
):
    technicien = client_de(structure.techniciens[0])
    id_ = technicien.get("/v1/moi").json()["compte"]["id"]
    ailleurs = client_de(fabrique.structure(gestionnaires=1).gestionnaires[0])
    chemin = f"/v1/techniciens/{id_}/inactivation"
    assert ailleurs.post(chemin, {"motif": "Non"}).status_code == 404
    assert client_de("a-orne").post(chemin, {"motif": "Non"}).json()["code"] == "permission-refusee"
    autre = client_de(structure.gestionnaires[1])
    inactif = autre.post(chemin, {"motif": "Départ"}).json()
    assert (inactif["statut"], inactif["motif_inactivation"]) == ("inactif", "Départ")
    assert technicien.get("/v1/moi").status_code == 401
    encore = autre.post(chemin, {"motif": "Départ"})
    assert (encore.status_code, encore.json()["code"]) == (409, "etat-du-compte")


def test_une_fin_annoncee_prend_effet_d_elle_meme_a_son_jour(client_de, structure, base):
    technicien, gestionnaire = client_de(structure.techniciens[0]), client_de(structure.gestionnaires[0])
    id_ = technicien.get("/v1/moi").json()["compte"]["id"]
    effet = (today() + timedelta(days=10)).isoformat()
    prevu = gestionnaire.post(
        f"/v1/techniciens/{id_}/inactivation", {"motif": "Départ", "effet_le": effet}
    ).json()
    assert (prevu["statut"], prevu["fin_prevue_le"]) == ("actif", effet)
    assert technicien.get("/v1/moi").status_code == 200
    passe = gestionnaire.post(f"/v1/techniciens/{id_}/inactivation", {"motif": "x", "effet_le": "2026-01-01"})
    assert passe.json()["erreurs"][0]["champ"] == "/effet_le"
    base.ecrire("UPDATE comptes SET fin_prevue_le = :j WHERE id = :id", j=today(), id=id_)
    assert technicien.get("/v1/moi").status_code == 401
    assert gestionnaire.get(f"/v1/techniciens/{id_}").json()["statut"] == "inactif"


def test_la_reactivation_rend_le_mot_de_passe_et_aucun_ancien_jeton(client_de, structure, api):
    from tests.outils import Client

    identifiant = structure.techniciens[0]
    technicien, gestionnaire = client_de(identifiant), client_de(structure.gestionnaires[0])
    id_ = technicien.get("/v1/moi").json()["compte"]["id"]
    gestionnaire.post(f"/v1/techniciens/{id_}/inactivation", {"motif": "Congé"})
    actif = gestionnaire.post(f"/v1/techniciens/{id_}/reactivation").json()
    assert (actif["statut"], actif["motif_inactivation"]) == ("actif", None)
    assert technicien.get("/v1/moi").status_code == 401
    rafraichi = api.post(
        "/v1/oauth/token", data={"grant_type": "refresh_token", "refresh_token": technicien.rafraichissement}
    )
    assert rafraichi.status_code == 400
    assert Client.connecte(api, identifiant).get("/v1/moi").status_code == 200
    assert gestionnaire.post(f"/v1/techniciens/{id_}/reactivation").json()["code"] == "etat-du-compte"


@pytest.mark.regle("4.1-4")
def test_un_exclu_ne_revient_pas_par_un_gestionnaire(client_de, structure):
    technicien, gestionnaire = client_de(structure.techniciens[0]), client_de(structure.gestionnaires[0])
    id_ = technicien.get("/v1/moi").json()["compte"]["id"]
    chemin = f"/v1/techniciens/{id_}/exclusion"
    assert gestionnaire.post(chemin, {"motif": "Non"}).json()["code"] == "permission-refusee"
    assert client_de("a-calvados").post(chemin, {"motif": "Non"}).status_code == 404
    exclu = client_de("a-orne").post(chemin, {"motif": "Usage non conforme"}).json()
    assert (exclu["statut"], exclu["exclu"]) == ("inactif", True)
    assert technicien.get("/v1/moi").status_code == 401
    refus = gestionnaire.post(f"/v1/techniciens/{id_}/reactivation")
    assert (refus.status_code, refus.json()["code"]) == (409, "compte-exclu")


@pytest.mark.regle("2.2.2-1")
def test_la_caisse_seule_modifie_un_gestionnaire_et_quatre_champs_seulement(client_de, structure):
    agent, gestionnaire = client_de("a-orne"), client_de(structure.gestionnaires[0])
    id_ = gestionnaire.get("/v1/moi").json()["compte"]["id"]
    chemin = f"/v1/gestionnaires/{id_}"
    change = {
        "telephone": "+33261910099",
        "email": "g@essai.example",
        "fonction": "Directrice",
        "nom": "Neuve",
    }
    lu = agent.patch(chemin, change | {"demande_recue_le": "2026-01-05"}).json()
    assert {cle: lu[cle] for cle in change} == change
    for champ in ({"prenom": "Autre"}, {"civilite": "m"}, {"identifiant": "x"}):
        assert agent.patch(chemin, champ).json()["code"] == "validation"
    for client in (gestionnaire, client_de(structure.techniciens[0]), client_de("n-operateur")):
        assert client.patch(chemin, {"fonction": "x"}).json()["code"] == "permission-refusee"
    assert client_de("a-calvados").patch(chemin, {"fonction": "x"}).status_code == 404
