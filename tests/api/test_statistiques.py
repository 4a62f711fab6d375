"""Art. D-2: the figures of the partnership, by whom they concern, and never on fewer than five persons."""

import csv
import io

import pytest

from tests.api.danse import Navigateur
from tests.api.jours import le_jour
from tests.outils import Fabrique

CHEMIN = "/v1/statistiques"
EN_PAGE = {"Accept": "text/html,*/*;q=0.8"}
MESSAGE = {"message": "Merci d'envoyer l'avis."}


def chiffres(client, **params):
    reponse = client.get(CHEMIN, **params)
    assert reponse.status_code == 200, reponse.text
    return reponse.json()["lignes"]


@pytest.fixture(scope="module")
def structure(request):
    """Thirteen persons on Friday 24 April 2026: twelve taken on Monday, six of them closed on Tuesday 5 May."""
    base, client_de = request.getfixturevalue("base"), request.getfixturevalue("client_de")
    structure = Fabrique(base, client_de).structure(techniciens=1, gestionnaires=1)
    technicien, agent = client_de(structure.techniciens[0]), client_de("a-orne")
    with le_jour("2026-04-24"):
        ids = [technicien.deposer(caisse="611")["id"] for _ in range(13)]
    with le_jour("2026-04-27"):
        for id_ in ids[:12]:
            agent.post(f"/v1/demandes/{id_}/prise-en-charge")
        for id_ in ids[:6]:
            agent.post(f"/v1/demandes/{id_}/demande-complement", MESSAGE)
    with le_jour("2026-05-04"):  # Friday 1 May is a holiday: four working days were spent waiting
        for id_ in ids[:6]:
            technicien.post(f"/v1/demandes/{id_}/messages", {"texte": "Voici l'avis."})
    with le_jour("2026-05-05"):
        for id_ in ids[:6]:
            corps = {"issue": "traitee", "message": "Les droits sont ouverts."}
            agent.post(f"/v1/demandes/{id_}/cloture", corps)
    return structure


@pytest.mark.regle("D-2")
def test_une_structure_lit_ses_nombres_ses_issues_et_ses_delais(client_de, structure):
    for identifiant in (*structure.techniciens, *structure.gestionnaires):
        (ligne,) = chiffres(client_de(identifiant))
        assert ligne["partenaire_id"] == structure.id
        assert (ligne["type"], ligne["deposees"], ligne["ouvertes"]) == ("signalement", 13, 7)
        assert ligne["issues"] == {"traitee": 6, "rejetee": 0, "sans_suite": 0, "orientee_service_social": 0}
        assert ligne["delai_prise_en_charge"] == {"mediane": 1, "neuvieme_decile": 1}
        assert ligne["delai_cloture"] == {"mediane": 2, "neuvieme_decile": 2}
        assert ligne["attente_partenaire"] == {"mediane": 4, "neuvieme_decile": 4}


@pytest.mark.regle("D-2")
def test_la_caisse_lit_les_siens_par_structure_et_nulle_autre_ne_les_lit(client_de, structure):
    def vus(identifiant, **params):
        lignes = chiffres(client_de(identifiant), **params)
        return [ligne for ligne in lignes if ligne["partenaire_id"] == structure.id]

    (ligne,) = vus("a-orne", par=["partenaire", "mois"], partenaire_id=structure.id)
    assert (ligne["caisse"], ligne["mois"], ligne["annee"]) == ("611", "2026-04", "2026")
    for identifiant in ("a-calvados", "t-cias", "g-asso", "n-operateur"):
        assert vus(identifiant, par=["partenaire"]) == []
    assert {ligne["caisse"] for ligne in chiffres(client_de("a-calvados"))} <= {"141"}


@pytest.mark.regle("D-2")
def test_l_administrateur_lit_les_sommes_de_chaque_caisse_et_rien_par_structure(client_de, structure):
    lignes = chiffres(client_de("n-operateur"), par=["partenaire", "type"])
    assert {ligne["partenaire_id"] for ligne in lignes} == {None}
    assert sum(ligne["deposees"] or 0 for ligne in lignes if ligne["caisse"] == "611") >= 13


@pytest.mark.regle("D-2")
def test_rien_n_est_dit_d_un_groupe_de_moins_de_cinq_personnes(client_de, fabrique, structure):
    petite = fabrique.structure(techniciens=1)
    technicien = client_de(petite.techniciens[0])
    for _ in range(4):
        technicien.deposer(caisse="611")
    (ligne,) = chiffres(technicien)
    assert (ligne["masquee"], ligne["deposees"], ligne["ouvertes"]) == (True, None, None)
    assert set(ligne["issues"].values()) == {None}
    une = technicien.deposer(caisse="611")
    (ligne,) = chiffres(technicien)
    assert (ligne["masquee"], ligne["deposees"], ligne["ouvertes"]) == (False, 5, 5)
    assert ligne["delai_cloture"] == {"mediane": None, "neuvieme_decile": None}
    client_de("a-orne").post(
        f"/v1/demandes/{une['id']}/cloture", {"issue": "rejetee", "message": "Déjà fait."}
    )
    (ligne,) = chiffres(technicien)
    assert (ligne["deposees"], ligne["ouvertes"], ligne["issues"]["rejetee"]) == (5, None, None)


@pytest.mark.regle("D-2")
def test_cinq_demandes_d_une_personne_ne_sont_pas_cinq_personnes(client_de, fabrique):
    petite = fabrique.structure(techniciens=1)
    technicien = client_de(petite.techniciens[0])
    assure = technicien.deposer(caisse="611")["assure"]
    for _ in range(5):
        technicien.deposer(caisse="611", assure=assure, doublon_confirme=True)
    (ligne,) = chiffres(technicien)
    assert ligne["masquee"] is True


@pytest.mark.regle("D-2")
def test_le_fichier_dit_les_memes_lignes(client_de, structure):
    client = client_de(structure.gestionnaires[0])
    reponse = client.appel("GET", CHEMIN, entetes={"Accept": "text/csv"})
    assert reponse.headers["content-type"].startswith("text/csv")
    (ligne,) = csv.DictReader(io.StringIO(reponse.content.decode("utf-8-sig")), delimiter=";")
    assert (ligne["deposees"], ligne["traitee"], ligne["delai_cloture_mediane"]) == ("13", "6", "2")


@pytest.mark.regle("D-2")
def test_le_rapport_dessine_sans_rien_demander_ailleurs(client_de, structure):
    reponse = client_de(structure.gestionnaires[0]).get(f"{CHEMIN}/rapport")
    assert reponse.status_code == 200
    assert "<svg" in reponse.text
    assert "avr. 26" in reponse.text
    assert "style=" not in reponse.text
    assert "unsafe-inline" not in reponse.headers["content-security-policy"]


@pytest.mark.regle("D-2")
@pytest.mark.regle("4.1-1")
def test_le_rapport_s_ouvre_au_navigateur_connecte_et_a_lui_seul(api, base, fabrique, structure):
    etranger, navigateur = Navigateur(api), Navigateur(api)
    page = etranger.http.get(f"{CHEMIN}/rapport", headers=EN_PAGE)
    assert (page.status_code, page.headers["location"]) == (303, "/connexion")
    assert etranger.http.get(f"{CHEMIN}/rapport").json()["code"] == "jeton-invalide"

    navigateur.aller("/connexion")
    navigateur.se_connecter(structure.gestionnaires[0])
    assert f'href="{CHEMIN}/rapport"' in navigateur.page.text
    page = navigateur.http.get(f"{CHEMIN}/rapport", headers=EN_PAGE)
    assert page.status_code == 200
    assert "avr. 26" in page.text
    assert navigateur.http.get(CHEMIN).status_code == 401  # the session opens pages, and nothing else
    assert navigateur.http.get(f"{CHEMIN}/rapport", headers={"Authorization": "Bearer x"}).status_code == 401

    base.ecrire(
        "UPDATE comptes SET mot_de_passe_change_le = '2020-01-01' WHERE identifiant = :i",
        i=structure.gestionnaires[0],
    )
    page = navigateur.http.get(f"{CHEMIN}/rapport", headers=EN_PAGE)
    assert (page.status_code, page.headers["location"]) == (303, "/mot-de-passe")
    base.ecrire(
        "UPDATE comptes SET mot_de_passe_change_le = now(), epoque = epoque + 1 WHERE identifiant = :i",
        i=structure.gestionnaires[0],
    )
    page = navigateur.http.get(f"{CHEMIN}/rapport", headers=EN_PAGE)
    assert (page.status_code, page.headers["location"]) == (303, "/connexion")


def test_un_axe_inconnu_ou_un_mois_impossible_est_refuse(client_de):
    client = client_de("a-orne")
    assert client.get(CHEMIN, par=["prenom"]).json()["code"] == "validation"
    assert client.get(CHEMIN, mois="2026-13").json()["code"] == "validation"
