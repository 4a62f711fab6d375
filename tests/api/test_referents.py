"""Art. 3.3, deliberation: each side names its référents and reads the other's."""

import pytest

PERSONNE = {
    "nom": "Lemoine",
    "prenom": "Agnès",
    "fonction": "Référente",
    "telephone": "+33233000000",
    "email": "agnes@cpam-orne.example",
}
DE_LA_STRUCTURE = PERSONNE | {"nom": "Vasseur", "email": "h.vasseur@essai.example"}
CAISSE = "/v1/caisses/611/referents"


@pytest.fixture
def structure(fabrique):
    return fabrique.structure(techniciens=1, gestionnaires=1)


def chemin(structure):
    return f"/v1/partenaires/{structure.id}/referents"


@pytest.mark.regle("3.3-1")
@pytest.mark.regle("D-1")
def test_la_caisse_nomme_ses_referents_et_ses_partenaires_les_lisent(client_de, structure, base):
    second = PERSONNE | {"nom": "Tessier", "email": "b.tessier@cpam-orne.example"}
    nommes = client_de("a-orne").put(CAISSE, [second, PERSONNE])
    assert (nommes.status_code, nommes.json()) == (200, [second, PERSONNE])
    for nom in (structure.techniciens[0], structure.gestionnaires[0], "a-orne-2", "n-operateur"):
        lus = client_de(nom).get(CAISSE)
        assert (lus.json(), lus.headers["etag"]) == ([second, PERSONNE], nommes.headers["etag"])
    assert client_de("a-calvados").get(CAISSE).status_code == 404
    assert client_de("t-asso").get("/v1/caisses/141/referents").status_code == 404
    evenement = base.lignes(
        "SELECT caisse, partenaire_id FROM evenements WHERE type = 'caisse.referents_nommes' ORDER BY numero DESC"
    )[0]
    assert tuple(evenement) == ("611", None)
    assert base.valeur(
        "SELECT action FROM journal WHERE ressource_id = '611' ORDER BY numero DESC LIMIT 1"
    ) == ("caisse.referents_nommes")


@pytest.mark.regle("3.3-1")
@pytest.mark.parametrize("qui", ["t-cias", "g-cias", "n-operateur"])
def test_nul_autre_que_la_caisse_ne_nomme_ses_referents(client_de, qui):
    refus = client_de(qui).put(CAISSE, [PERSONNE])
    assert (refus.status_code, refus.json()["code"]) == (403, "permission-refusee")
    assert client_de("a-calvados").put(CAISSE, [PERSONNE]).status_code == 404


@pytest.mark.regle("D-1")
def test_la_structure_nomme_ses_referents_et_sa_caisse_les_lit(client_de, structure, fabrique):
    gestionnaire = client_de(structure.gestionnaires[0])
    assert gestionnaire.get(chemin(structure)).json() == []
    nommes = gestionnaire.put(chemin(structure), [DE_LA_STRUCTURE])
    assert (nommes.status_code, nommes.json()) == (200, [DE_LA_STRUCTURE])
    for nom in (structure.techniciens[0], "a-orne"):
        assert client_de(nom).get(chemin(structure)).json() == [DE_LA_STRUCTURE]
    autre = fabrique.structure(gestionnaires=1)
    for nom in ("a-calvados", autre.gestionnaires[0], autre.techniciens[0]):
        assert client_de(nom).get(chemin(structure)).status_code == 404
    assert client_de(autre.gestionnaires[0]).put(chemin(structure), [DE_LA_STRUCTURE]).status_code == 404
    for nom in (structure.techniciens[0], "a-orne", "n-operateur"):
        assert client_de(nom).put(chemin(structure), [DE_LA_STRUCTURE]).status_code == 403
    assert client_de("n-operateur").get(chemin(structure)).status_code == 403


@pytest.mark.regle("D-1")
def test_la_fin_de_la_convention_ferme_les_referents_de_la_caisse(client_de, structure, base):
    assert client_de(structure.techniciens[0]).get(CAISSE).status_code == 200
    base.ecrire("UPDATE conventions SET signee_caisse_le = NULL WHERE id = :i", i=structure.convention_id)
    assert client_de(structure.techniciens[0]).get(CAISSE).status_code == 404


def test_la_liste_se_remplace_entiere_et_garde_sa_version(client_de, structure):
    gestionnaire = client_de(structure.gestionnaires[0])
    vide = gestionnaire.get(chemin(structure)).headers["etag"]
    premiere = gestionnaire.put(chemin(structure), [DE_LA_STRUCTURE] * 2, If_Match=vide)
    assert (premiere.status_code, len(premiere.json())) == (200, 2)
    perimee = gestionnaire.put(chemin(structure), [], If_Match=vide)
    assert (perimee.status_code, perimee.json()["code"]) == (412, "version-perimee")
    assert len(gestionnaire.get(chemin(structure)).json()) == 2
    seconde = gestionnaire.put(chemin(structure), [], If_Match=premiere.headers["etag"])
    assert (seconde.status_code, seconde.json()) == (200, [])
    assert len({vide, premiere.headers["etag"], seconde.headers["etag"]}) == 3


@pytest.mark.parametrize(
    ("changement", "champ"),
    [
        ({"telephone": "12"}, "/0/telephone"),
        ({"email": "pas-une-adresse"}, "/0/email"),
        ({"nom": " "}, "/0/nom"),
        ({"prive": "x"}, "/0/prive"),
        ({"fonction": None}, "/0/fonction"),
    ],
)
def test_un_referent_incomplet_ou_inconnu_est_refuse(client_de, changement, champ):
    refus = client_de("a-orne").put(CAISSE, [PERSONNE | changement])
    assert (refus.status_code, refus.json()["code"]) == (422, "validation")
    assert [e["champ"] for e in refus.json()["erreurs"]] == [champ]


def test_une_liste_trop_longue_ou_qui_n_en_est_pas_une_est_refusee(client_de):
    for corps in ([PERSONNE] * 21, PERSONNE, None, "x"):
        assert client_de("a-orne").put(CAISSE, corps).status_code == 422


@pytest.mark.regle("2.2.1-6")
@pytest.mark.parametrize("email", ["h.vasseur@gmail.com", "h.vasseur@ailleurs.example"])
def test_l_adresse_d_un_referent_de_la_structure_est_la_sienne(client_de, structure, email):
    refus = client_de(structure.gestionnaires[0]).put(
        chemin(structure), [DE_LA_STRUCTURE, DE_LA_STRUCTURE | {"email": email}]
    )
    assert (refus.status_code, refus.json()["code"]) == (422, "email-non-professionnel")
    assert refus.json()["domaines"] == ["essai.example"]
    assert client_de("a-orne").put(CAISSE, [PERSONNE | {"email": "a@gmail.com"}]).status_code == 422


@pytest.mark.regle("5-2")
def test_un_nir_n_entre_pas_dans_une_liste(client_de):
    refus = client_de("a-orne").put(CAISSE, [PERSONNE, PERSONNE | {"fonction": "2510561214087"}])
    assert (refus.status_code, refus.json()["code"]) == (422, "nir-interdit")
    assert refus.json()["passages"] == [{"champ": "/1/fonction", "debut": 0, "fin": 13}]
