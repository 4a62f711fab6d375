"""Art. 5: what an author confirmed against the guard is reviewed by the caisse, and a refused passage goes."""

import pytest

from app.rgpd.textes import RETIRE, masquer
from tests.api.test_genres import corps as corps_du_genre
from tests.outils import un_signalement

SANTE, ANODIN = "Elle attend depuis son opération du genou en mai.", "Son dossier attend."


def confirmes(agent, demande, **filtres):
    page = agent.get("/v1/textes-confirmes", limite=200, **filtres).json()["donnees"]
    return [texte for texte in page if texte["ressource_id"] == demande["id"]]


@pytest.fixture
def deposee(client_de):
    reponse = client_de("t-cias").post(
        "/v1/signalements", un_signalement(caisse="611", commentaire=SANTE, texte_confirme=True)
    )
    assert reponse.status_code == 201, reponse.text
    return reponse.json()


@pytest.mark.regle("5-3")
def test_une_confirmation_entre_dans_la_file_de_la_caisse_sans_le_texte(client_de, deposee):
    agent = client_de("a-orne")
    (texte,) = confirmes(agent, deposee)
    assert (texte["champ"], texte["statut"], texte["ressource"]) == ("/commentaire", "a_revoir", "demande")
    assert texte["auteur"] == deposee["auteur"]
    assert all("genou" in SANTE[p["debut"] : p["fin"]] or p["fin"] <= len(SANTE) for p in texte["passages"])
    assert "genou" not in str(texte)
    assert confirmes(agent, deposee, statut="admis") == []
    lu = agent.get(f"/v1/textes-confirmes/{texte['id']}")
    assert (lu.json(), lu.headers["etag"]) == (texte, '"1"')
    sans = client_de("t-cias").deposer(caisse="611", commentaire=ANODIN, texte_confirme=True)
    assert confirmes(agent, sans) == []


@pytest.mark.regle("5-3")
def test_admis_le_texte_reste_et_la_decision_est_prise_une_fois(client_de, base, deposee):
    agent = client_de("a-orne")
    (texte,) = confirmes(agent, deposee)
    chemin = f"/v1/textes-confirmes/{texte['id']}/revue"
    perimee = agent.post(chemin, {"decision": "admis"}, If_Match='"9"')
    assert (perimee.status_code, perimee.json()["code"]) == (412, "version-perimee")
    admis = agent.post(chemin, {"decision": "admis", "motif": "Nécessaire ici."}, If_Match='"1"')
    assert (admis.status_code, admis.json()["statut"]) == (200, "admis")
    encore = agent.post(chemin, {"decision": "refuse"})
    assert (encore.status_code, encore.json()["code"], encore.json()["statut"]) == (409, "deja-revu", "admis")
    assert agent.get(f"/v1/demandes/{deposee['id']}").json()["commentaire"] == SANTE
    actions = "SELECT action FROM journal WHERE ressource_id = :id ORDER BY numero DESC LIMIT 1"
    assert base.valeur(actions, id=deposee["id"]) == "texte.admis"


@pytest.mark.regle("5-3")
def test_refuse_le_passage_disparait_pour_les_deux_parties(client_de, base, deposee):
    agent, technicien = client_de("a-orne"), client_de("t-cias")
    (texte,) = confirmes(agent, deposee)
    avant = agent.get(f"/v1/demandes/{deposee['id']}").headers["etag"]
    refus = agent.post(f"/v1/textes-confirmes/{texte['id']}/revue", {"decision": "refuse"})
    assert refus.json()["statut"] == "refuse", refus.text
    attendu = masquer(SANTE, texte["passages"])
    assert RETIRE in attendu
    for client in (agent, technicien):
        lue = client.get(f"/v1/demandes/{deposee['id']}")
        assert lue.json()["commentaire"] == attendu
        assert lue.headers["etag"] != avant
    types = "SELECT type FROM evenements WHERE ressource_id = :id ORDER BY numero DESC LIMIT 1"
    assert base.valeur(types, id=deposee["id"]) == "demande.texte_retire"


@pytest.mark.regle("5-3")
def test_les_textes_des_deux_cotes_et_de_chaque_genre_se_retirent(client_de):
    agent, technicien = client_de("a-orne"), client_de("t-cias")
    contact = technicien.post(
        "/v1/contacts", corps_du_genre("contacts", message=SANTE, caisse="611", texte_confirme=True)
    ).json()
    chemin = f"/v1/demandes/{contact['id']}"
    for client in (technicien, agent):
        ecrit = client.post(f"{chemin}/messages", {"texte": f"Bonjour. {SANTE}", "texte_confirme": True})
        assert ecrit.status_code == 200, ecrit.text
    textes = confirmes(agent, contact)
    assert sorted(texte["champ"] for texte in textes) == ["/message", "/texte", "/texte"]
    for texte in textes:
        fait = agent.post(f"/v1/textes-confirmes/{texte['id']}/revue", {"decision": "refuse"})
        assert fait.status_code == 200, fait.text
    lue = technicien.get(chemin).json()
    for ecrit in (lue["objet"]["message"], *(message["texte"] for message in lue["messages"])):
        assert RETIRE in ecrit
        assert "opération" not in ecrit


@pytest.mark.regle("5-3")
def test_seule_la_caisse_de_la_demande_revoit(client_de, deposee):
    (texte,) = confirmes(client_de("a-orne"), deposee)
    chemin = f"/v1/textes-confirmes/{texte['id']}"
    for qui in ("t-cias", "g-cias", "n-operateur"):
        assert client_de(qui).get("/v1/textes-confirmes").json()["code"] == "permission-refusee"
        assert client_de(qui).post(f"{chemin}/revue", {"decision": "refuse"}).status_code == 403
    autre = client_de("a-calvados")
    assert autre.get(chemin).json()["code"] == "introuvable"
    assert autre.post(f"{chemin}/revue", {"decision": "refuse"}).json()["code"] == "introuvable"
    assert confirmes(autre, deposee) == []
    assert client_de("a-orne").get(chemin).json()["statut"] == "a_revoir"


def test_masquer_remplace_chaque_passage_a_sa_place():
    assert masquer("abcdef", [{"debut": 1, "fin": 2}, {"debut": 4, "fin": 6}]) == f"a{RETIRE}cd{RETIRE}"
