"""Caisses, partenaires, conventions: who makes them, and from when they hold (art. 8.1)."""

from datetime import timedelta

import pytest

from app.kit.calendrier import ajouter_jours_ouvres
from app.kit.clock import today
from tests.outils import MOT_DE_PASSE, connexion, un_signalement, un_siret

STRUCTURE = {
    "raison_sociale": "CCAS d'essai",
    "type": "ccas",
    "effectif": 8,
    "domaines_email": ["ccas.example"],
    "departement": "61",
}
METIER = {"reference": "METIER-1", "signee_le": "2026-01-10"}


def test_l_administrateur_cree_une_caisse_que_les_autres_ne_creent_pas(client_de, base):
    corps = {
        "code": "761",
        "nom": "CPAM d'essai",
        "departement": "76",
        "departements": ["76"],
        "email_file": "file@cpam-essai.example",
    }
    for identifiant in ("t-cias", "g-cias", "a-orne"):
        assert client_de(identifiant).post("/v1/caisses", corps).json()["code"] == "permission-refusee"
    creee = client_de("n-operateur").post("/v1/caisses", corps)
    assert (creee.status_code, creee.headers["location"]) == (201, "/v1/caisses/761")
    assert all(creee.json()["fonctionnalites"].values())
    assert client_de("n-operateur").post("/v1/caisses", corps).json()["code"] == "deja-existant"
    assert client_de("a-orne").get("/v1/caisses/761").status_code == 404


def test_une_caisse_fixe_ses_delais_et_les_siens_seuls(client_de, base):
    agent = client_de("a-orne")
    modifiee = agent.patch("/v1/caisses/611", {"delais": {"signalement": 3}})
    assert modifiee.json()["delais"]["signalement"] == 3

    assert client_de("t-cias").deposer()["echeance"] == ajouter_jours_ouvres(today(), 3, "61").isoformat()
    assert agent.patch("/v1/caisses/141", {"nom": "Autre"}).status_code == 404
    assert agent.patch("/v1/caisses/611", {"nom": None}).json()["code"] == "validation"
    perimee = agent.patch("/v1/caisses/611", {"nom": "CPAM"}, If_Match='"0"')
    assert perimee.json()["code"] == "version-perimee"
    base.ecrire("DELETE FROM reglages_caisses WHERE caisse = '611'")


def test_un_agent_cree_un_partenaire_avec_ses_quotas(client_de):
    agent, corps = client_de("a-orne"), STRUCTURE | {"siret": un_siret()}
    cree = agent.post("/v1/partenaires", corps)
    assert cree.status_code == 201
    assert cree.json()["quotas"] == {
        "gestionnaires": {"maximum": 2, "utilises": 0},
        "techniciens": {"maximum": 5, "utilises": 0},
    }
    chemin = cree.headers["location"]
    assert agent.get(chemin).json() == cree.json()
    assert client_de("a-calvados").get(chemin).status_code == 404
    encore = client_de("a-calvados").post("/v1/partenaires", corps)
    assert (encore.json()["code"], encore.json()["partenaire_id"]) == ("deja-existant", cree.json()["id"])
    grandi = agent.patch(chemin, {"effectif": 26}).json()
    assert grandi["quotas"]["techniciens"]["maximum"] == 25
    for identifiant in ("t-cias", "g-cias", "n-operateur"):
        refus = client_de(identifiant).post("/v1/partenaires", corps)
        assert refus.json()["code"] == "permission-refusee"


@pytest.mark.parametrize(
    ("champ", "valeur"),
    [
        ("siret", "12345678901234"),
        ("siret", "00000000000000"),
        ("effectif", 0),
        ("effectif", "12"),
        ("departement", "20"),
        ("domaines_email", ["pas un domaine"]),
        ("type", "mairie"),
        ("raison_sociale", "   "),
        ("raison_sociale", "a\u0000b"),
    ],
)
def test_un_partenaire_mal_decrit_est_refuse(client_de, champ, valeur):
    corps = STRUCTURE | {"siret": un_siret()} | {champ: valeur}
    refus = client_de("a-orne").post("/v1/partenaires", corps)
    assert (refus.status_code, refus.json()["code"]) == (422, "validation")
    assert refus.json()["erreurs"][0]["champ"].startswith(f"/{champ}")


def test_chacun_lit_sa_structure_et_elle_seule(client_de):
    for identifiant in ("t-asso", "g-asso"):
        lues = client_de(identifiant).get("/v1/partenaires").json()["donnees"]
        assert [p["raison_sociale"] for p in lues] == ["Association Le Relais du Bocage"]
        assert client_de("t-cias").get(f"/v1/partenaires/{lues[0]['id']}").status_code == 404


@pytest.mark.regle("8.1-1")
def test_la_convention_entre_en_vigueur_a_la_derniere_signature_pour_un_an(client_de, fabrique):
    agent = client_de("a-orne")
    partenaire = agent.post("/v1/partenaires", STRUCTURE | {"siret": un_siret()}).json()["id"]
    technicien = client_de(fabrique.compte("technicien", partenaire_id=partenaire))
    cree = agent.post("/v1/conventions", {"partenaire_id": partenaire, "metier": METIER}).json()
    assert (cree["statut"], cree["debut_le"], cree["fin_le"]) == ("a_venir", None, None)
    assert technicien.post("/v1/signalements", un_signalement()).json()["code"] == "caisse-non-conventionnee"
    chemin = f"/v1/conventions/{cree['id']}/signatures"
    agent.post(chemin, {"partie": "partenaire", "le": "2026-04-18"})
    assert technicien.get("/v1/moi").json()["caisses"] == []
    signee = agent.post(chemin, {"partie": "caisse", "le": "2026-03-02"}).json()
    assert (signee["debut_le"], signee["fin_le"], signee["statut"]) == (
        "2026-04-18",
        "2027-04-17",
        "en_vigueur",
    )
    assert technicien.post("/v1/signalements", un_signalement()).status_code == 201
    encore = agent.post(chemin, {"partie": "caisse", "le": "2026-03-02"})
    assert (encore.status_code, encore.json()["code"]) == (409, "deja-signee")


@pytest.mark.regle("8.1-1")
def test_une_convention_finie_sans_reconduction_n_ouvre_plus_rien_reconduite_si(api, client_de, fabrique):
    agent = client_de("a-orne")
    for tacite, statut in ((True, "en_vigueur"), (False, "expiree")):
        partenaire = agent.post("/v1/partenaires", STRUCTURE | {"siret": un_siret()}).json()["id"]
        convention = fabrique.convention(
            partenaire,
            "611",
            signee_partenaire_le="2024-02-29",
            signee_caisse_le="2024-01-05",
            metier={"reference": "M", "signee_le": "2024-01-01"},
            tacite_reconduction=tacite,
        )
        assert convention["statut"] == statut
        identifiant = fabrique.compte("technicien", partenaire_id=partenaire)
        assert connexion(api, identifiant, MOT_DE_PASSE).status_code == (200 if tacite else 400)


def test_une_signature_a_venir_est_refusee_et_deux_conventions_ne_se_chevauchent_pas(client_de, fabrique):
    agent = client_de("a-orne")
    structure = fabrique.structure()
    demain = (today() + timedelta(days=2)).isoformat()
    corps = {"partenaire_id": structure.id, "metier": METIER}
    futur = agent.post("/v1/conventions", corps | {"signee_caisse_le": demain})
    assert futur.json()["erreurs"][0]["champ"] == "/signee_caisse_le"
    seconde = agent.post("/v1/conventions", corps | {"signee_partenaire_le": "2026-06-01"}).json()
    refus = agent.post(
        f"/v1/conventions/{seconde['id']}/signatures", {"partie": "caisse", "le": "2026-06-02"}
    )
    assert (refus.status_code, refus.json()["code"]) == (409, "convention-deja-ouverte")
    assert refus.json()["convention_id"] == structure.convention_id


def test_seule_la_caisse_cree_et_signe_une_convention(client_de, fabrique):
    structure = fabrique.structure(gestionnaires=1)
    gestionnaire = client_de(structure.gestionnaires[0])
    lues = gestionnaire.get("/v1/conventions").json()["donnees"]
    assert [c["id"] for c in lues] == [structure.convention_id]
    corps = {"partenaire_id": structure.id, "metier": METIER}
    for client in (gestionnaire, client_de(structure.techniciens[0]), client_de("n-operateur")):
        assert client.post("/v1/conventions", corps).json()["code"] == "permission-refusee"
    ailleurs = client_de("a-orne").post("/v1/conventions", corps | {"caisse": "141"})
    assert ailleurs.json()["code"] == "permission-refusee"
    inconnue = corps | {"partenaire_id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8b"}
    assert client_de("a-orne").post("/v1/conventions", inconnue).json()["code"] == "validation"
    assert client_de(structure.techniciens[0]).get("/v1/conventions").json()["code"] == "permission-refusee"


def test_les_nomenclatures_donnent_un_libelle_a_chaque_valeur_du_contrat(client_de):
    for identifiant in ("t-cias", "g-cias", "a-orne", "n-operateur"):
        lues = client_de(identifiant).get("/v1/nomenclatures").json()
        assert {"difficultes", "droit", "motif", "mode", "document", "sujet", "nature_piece", "issue"} <= set(
            lues
        )
        assert all(set(valeur) == {"code", "libelle"} for valeurs in lues.values() for valeur in valeurs)


def test_les_agents_se_listent_dans_leur_caisse_et_se_creent_par_l_administrateur(client_de, base):
    lus = client_de("a-orne").get("/v1/agents").json()["donnees"]
    assert {"a-orne", "a-orne-2"} <= {agent["identifiant"] for agent in lus}
    assert "a-calvados" not in {agent["identifiant"] for agent in lus}
    corps = {
        "caisse": "611",
        "civilite": "m",
        "nom": "Nouveau",
        "prenom": "Luc",
        "fonction": "Agent",
        "telephone": "02 61 91 00 00",
        "email": "luc@cpam-orne.example",
    }
    for identifiant in ("t-cias", "g-cias", "a-orne"):
        assert client_de(identifiant).post("/v1/agents", corps).json()["code"] == "permission-refusee"
    cree = client_de("n-operateur").post("/v1/agents", corps).json()
    assert (cree["statut"], cree["telephone"]) == ("en_attente", "+33261910000")
    envoi = (
        "SELECT count(*) FROM procrastinate_jobs"
        " WHERE task_name = 'comptes.envoyer_activation' AND args->>'compte_id' = :id"
    )
    assert base.valeur(envoi, id=cree["id"]) == 1
    inactive = (
        client_de("n-operateur").post(f"/v1/agents/{cree['id']}/inactivation", {"motif": "Départ"}).json()
    )
    assert inactive["statut"] == "inactif"
    assert inactive["supprime_le_prevu"] is not None
