"""Art. 5: the words that a caisse adds to the guard, for the texts of its requests, on both sides."""

import pytest

from tests.outils import un_signalement

CHEMIN = "/v1/caisses/611/garde"
TEXTE = "Suivie par l'Équipe mobile des Tilleuls depuis mars."


@pytest.fixture
def garde(client_de):
    agent = client_de("a-orne")
    assert agent.get(CHEMIN).json() == {"termes": []}
    reponse = agent.put(CHEMIN, {"termes": ["equipe mobile", "lithiase*"]})
    assert reponse.status_code == 200, reponse.text
    yield agent
    agent.put(CHEMIN, {"termes": []})


def refusee(reponse):
    return reponse.status_code == 422 and reponse.json()["code"] == "donnee-de-sante"


@pytest.mark.regle("5-3")
def test_un_mot_ajoute_est_refuse_avec_sa_place_aux_deux_cotes(client_de, garde):
    technicien = client_de("t-cias")
    reponse = technicien.post("/v1/signalements", un_signalement(caisse="611", commentaire=TEXTE))
    assert refusee(reponse)
    (passage,) = reponse.json()["passages"]
    assert TEXTE[passage["debut"] : passage["fin"]] == "Équipe mobile"
    demande = technicien.deposer(caisse="611")
    chemin = f"/v1/demandes/{demande['id']}"
    for client in (technicien, garde):
        assert refusee(client.post(f"{chemin}/messages", {"texte": "Deux lithiases, dit le voisin."}))
    assert refusee(garde.post(f"{chemin}/cloture", {"issue": "traitee", "message": TEXTE}))
    assert refusee(technicien.post(f"{chemin}/annulation", {"motif": TEXTE}))
    assert technicien.get(chemin).json()["statut"] == "deposee"
    assert technicien.get(chemin).json()["messages"] == []


@pytest.mark.regle("5-3")
def test_son_auteur_confirme_et_la_caisse_le_revoit(client_de, garde):
    technicien = client_de("t-cias")
    demande = technicien.deposer(caisse="611", commentaire=TEXTE, texte_confirme=True)
    a_revoir = garde.get("/v1/textes-confirmes", statut="a_revoir").json()["donnees"]
    assert demande["id"] in {texte["ressource_id"] for texte in a_revoir}


@pytest.mark.regle("5-3")
def test_les_mots_d_une_caisse_ne_valent_que_pour_elle(client_de, garde):
    demande = client_de("t-cias").deposer(
        caisse="141", commentaire=TEXTE, assure=un_signalement()["assure"] | {"departement_residence": "14"}
    )
    assert demande["commentaire"] == TEXTE
    assert client_de("a-calvados").get("/v1/caisses/141/garde").json() == {"termes": []}


@pytest.mark.regle("5-3")
def test_la_caisse_seule_regle_ses_mots(client_de):
    for identifiant, statut in (("t-cias", 403), ("g-cias", 403), ("n-operateur", 403), ("a-calvados", 404)):
        client = client_de(identifiant)
        assert client.put(CHEMIN, {"termes": ["sevrage"]}).status_code == statut
        assert client.get(CHEMIN).status_code == statut


@pytest.mark.parametrize("terme", ["ab", "a b", "*", "12 rue", "deux  espaces", "mot**", "x" * 61])
def test_un_mot_qui_n_en_est_pas_un_est_refuse(client_de, terme):
    assert client_de("a-orne").put(CHEMIN, {"termes": [terme]}).json()["code"] == "validation"
    assert client_de("a-orne").get(CHEMIN).json() == {"termes": []}
