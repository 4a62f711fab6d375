"""Art. 1.1, 1.2: the signalement, with the right actor and each wrong one."""

from datetime import timedelta

import pytest

from app.kit.clock import today
from tests.outils import un_signalement

AUTRES = ("g-cias", "a-orne", "n-operateur")


@pytest.mark.regle("1.1-1")
@pytest.mark.regle("1.2-3")
@pytest.mark.parametrize("identifiant", AUTRES)
def test_seul_un_technicien_signale(client_de, base, identifiant):
    avant = base.valeur("SELECT count(*) FROM demandes")
    reponse = client_de(identifiant).post("/v1/signalements", un_signalement())
    assert (reponse.status_code, reponse.json()["code"]) == (403, "permission-refusee")
    assert base.valeur("SELECT count(*) FROM demandes") == avant


@pytest.mark.regle("1.1-1")
def test_un_signalement_sans_difficulte_connue_est_refuse(client_de):
    technicien = client_de("t-cias")
    for difficultes in ([], ["inconnue"], ..., "rupture_de_droits", None):
        reponse = technicien.post("/v1/signalements", un_signalement(difficultes=difficultes))
        assert (reponse.status_code, reponse.json()["code"]) == (422, "validation")
        assert reponse.json()["erreurs"][0]["champ"].startswith("/difficultes")


@pytest.mark.regle("1.1-2")
@pytest.mark.parametrize(
    "consentement",
    [
        ...,
        None,
        {},
        {"recueilli": False, "date": "2026-01-15", "modalite": "oral"},
        {"recueilli": True, "modalite": "oral"},
        {"recueilli": True, "date": "2026-01-15"},
    ],
)
def test_sans_consentement_rien_n_est_enregistre(client_de, base, consentement):
    compter = "SELECT (SELECT count(*) FROM demandes), (SELECT count(*) FROM procrastinate_jobs)"
    avant = base.lignes(compter)
    reponse = client_de("t-cias").post("/v1/signalements", un_signalement(consentement=consentement))
    assert (reponse.status_code, reponse.json()["code"]) == (422, "consentement-manquant")
    assert base.lignes(compter) == avant


@pytest.mark.regle("1.1-2")
def test_le_consentement_est_garde_avec_sa_date_et_ne_peut_etre_a_venir(client_de):
    technicien = client_de("t-cias")
    assert technicien.deposer()["consentement"] == {
        "recueilli": True,
        "date": "2026-01-15",
        "modalite": "oral",
        "retire_le": None,
    }
    demain = (today() + timedelta(days=2)).isoformat()
    consentement = {"recueilli": True, "date": demain, "modalite": "oral"}
    reponse = technicien.post("/v1/signalements", un_signalement(consentement=consentement))
    assert reponse.json()["erreurs"][0]["champ"] == "/consentement/date"


@pytest.mark.regle("1.1-3")
def test_la_demande_arrive_dans_la_file_de_la_caisse_par_type_et_theme_et_s_affecte(client_de, base):
    depose = client_de("t-cias").deposer(difficultes=["carte_vitale", "numerique"])
    agent, autre_caisse = client_de("a-orne"), client_de("a-calvados")
    file = agent.get("/v1/demandes", type="signalement", theme="carte_vitale", statut="deposee").json()[
        "donnees"
    ]
    assert depose["id"] in [demande["id"] for demande in file]
    assert agent.get("/v1/demandes", theme="numerique", q=depose["reference"]).json()["donnees"] == []
    assert autre_caisse.get("/v1/demandes", q=depose["reference"]).json()["donnees"] == []

    collegue = base.valeur("SELECT id FROM comptes WHERE identifiant = 'a-orne-2'")
    affectee = agent.post(f"/v1/demandes/{depose['id']}/affectation", {"agent_id": str(collegue)}).json()
    assert (affectee["statut"], affectee["agent"]["nom_affiche"]) == ("deposee", "Bruno TESSIER")
    assert depose["id"] in [d["id"] for d in agent.get("/v1/demandes", agent=str(collegue)).json()["donnees"]]


@pytest.mark.regle("1.1-3")
@pytest.mark.parametrize("identifiant", ["a-calvados", "t-cias", "g-cias", "n-operateur"])
def test_on_n_affecte_qu_a_un_agent_actif_de_la_caisse(client_de, base, identifiant):
    depose = client_de("t-cias").deposer()
    cible = str(base.valeur("SELECT id FROM comptes WHERE identifiant = :i", i=identifiant))
    reponse = client_de("a-orne").post(f"/v1/demandes/{depose['id']}/affectation", {"agent_id": cible})
    assert (reponse.status_code, reponse.json()["erreurs"][0]["champ"]) == (422, "/agent_id")


@pytest.mark.regle("1.1-3")
@pytest.mark.parametrize("geste", ["prise-en-charge", "affectation", "demande-complement", "cloture"])
@pytest.mark.parametrize("identifiant", ["t-cias", "g-cias", "n-operateur"])
def test_la_caisse_seule_traite(client_de, geste, identifiant):
    depose = client_de("t-cias").deposer()
    corps = {
        "affectation": {"agent_id": depose["id"]},
        "demande-complement": {"message": "Merci."},
        "cloture": {"issue": "traitee", "message": "Merci."},
    }.get(geste)
    reponse = client_de(identifiant).post(f"/v1/demandes/{depose['id']}/{geste}", corps)
    assert (reponse.status_code, reponse.json()["code"]) == (403, "permission-refusee")


@pytest.mark.regle("1.1-4")
def test_une_situation_complexe_est_orientee_vers_le_service_social(client_de):
    depose = client_de("t-cias").deposer(
        difficultes=["situation_sociale_complexe"], orientation_souhaitee="service_social"
    )
    corps = {"issue": "orientee_service_social", "message": "Le service social appelle lundi."}
    close = client_de("a-orne").post(f"/v1/demandes/{depose['id']}/cloture", corps).json()
    assert (close["statut"], close["issue"]) == ("cloturee", "orientee_service_social")
    assert close["objet"]["orientation_souhaitee"] == "service_social"
    lue = client_de("t-cias").get(f"/v1/demandes/{depose['id']}").json()
    assert lue["issue"] == "orientee_service_social"


@pytest.mark.regle("1.2-7")
def test_l_historique_montre_les_demandes_de_tous_les_techniciens_de_la_structure(client_de):
    deposes = [client_de(t).deposer()["id"] for t in ("t-cias", "t-cias-2", "t-cias-3")]
    lus = [d["id"] for d in client_de("t-cias-2").get("/v1/demandes", limite=200).json()["donnees"]]
    assert set(deposes) <= set(lus)
    assert lus.index(deposes[2]) < lus.index(deposes[0])
    etrangers = [d["id"] for d in client_de("t-asso").get("/v1/demandes", limite=200).json()["donnees"]]
    assert not set(deposes) & set(etrangers)


@pytest.mark.regle("1.2-7")
@pytest.mark.parametrize("identifiant", ["g-cias", "n-operateur"])
def test_l_historique_n_est_pas_pour_les_autres_profils(client_de, identifiant):
    client = client_de(identifiant)
    for reponse in (client.get("/v1/demandes"), client.post("/v1/demandes/recherche", {"nom": "a"})):
        assert (reponse.status_code, reponse.json()["code"]) == (403, "permission-refusee")


def test_un_doublon_ouvert_de_la_structure_est_refuse_sauf_confirmation(client_de):
    technicien, autre = client_de("t-cias"), client_de("t-asso")
    corps = un_signalement()
    premier = technicien.post("/v1/signalements", corps).json()
    variante = corps | {
        "assure": corps["assure"] | {"nom": corps["assure"]["nom"].upper(), "prenom": "GINÉTTE"}
    }
    refus = technicien.post("/v1/signalements", variante)
    assert (refus.status_code, refus.json()["code"]) == (409, "demarche-en-cours")
    assert refus.json()["reference"] == premier["reference"]
    assert technicien.post("/v1/signalements", variante | {"doublon_confirme": True}).status_code == 201

    ailleurs = autre.post("/v1/signalements", corps)
    assert ailleurs.status_code == 201
    assert ailleurs.json()["demandes_liees"] == []
    vue = client_de("a-orne").get(f"/v1/demandes/{ailleurs.json()['id']}").json()
    assert premier["reference"] in vue["demandes_liees"]


def test_sans_caisse_la_demande_va_a_celle_du_departement_de_residence(client_de):
    corps = un_signalement()
    corps["assure"]["departement_residence"] = "14"
    assert client_de("t-cias").post("/v1/signalements", corps).json()["caisse"] == "141"
    refus = client_de("t-asso").post("/v1/signalements", corps)
    assert (refus.status_code, refus.json()["code"]) == (403, "caisse-non-conventionnee")
    assert refus.json()["caisses"] == ["611"]
    ailleurs = corps | {"assure": corps["assure"] | {"departement_residence": "2A"}}
    assert client_de("t-cias").post("/v1/signalements", ailleurs).json()["code"] == "caisse-non-conventionnee"


@pytest.mark.regle("5-1")
def test_l_identite_suffit_et_tout_autre_champ_est_refuse(client_de):
    technicien = client_de("t-cias")
    for chemin, ajout in (
        ("/assure/nir", {"nir": "1"}),
        ("/assure/numero_securite_sociale", {"numero_securite_sociale": "x"}),
    ):
        corps = un_signalement()
        corps["assure"] |= ajout
        reponse = technicien.post("/v1/signalements", corps)
        assert (reponse.status_code, reponse.json()["code"]) == (422, "validation")
        assert [e["champ"] for e in reponse.json()["erreurs"]] == [chemin]
    for champ in ("civilite", "nom", "prenom", "date_naissance", "departement_residence"):
        corps = un_signalement()
        del corps["assure"][champ]
        assert technicien.post("/v1/signalements", corps).json()["erreurs"][0]["champ"] == f"/assure/{champ}"


def test_un_texte_de_sante_se_confirme_et_la_confirmation_est_journalisee(client_de, base):
    technicien = client_de("t-cias")
    corps = un_signalement(commentaire="Madame est diabétique et suit une chimiothérapie.")
    refus = technicien.post("/v1/signalements", corps)
    assert (refus.status_code, refus.json()["code"]) == (422, "donnee-de-sante")
    assert {p["champ"] for p in refus.json()["passages"]} == {"/commentaire"}
    accepte = technicien.post("/v1/signalements", corps | {"texte_confirme": True})
    assert accepte.status_code == 201
    actions = base.lignes("SELECT action FROM journal WHERE ressource_id = :id", id=accepte.json()["id"])
    assert [ligne[0] for ligne in actions] == ["demande.deposee", "texte.confirme"]
    message = {"texte": "Il est hospitalisé en psychiatrie."}
    chemin = f"/v1/demandes/{accepte.json()['id']}/messages"
    assert client_de("a-orne").post(chemin, message).json()["code"] == "donnee-de-sante"
