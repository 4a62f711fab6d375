"""The main job, from the deposit to the closing, by the two people who do it."""

import pytest


@pytest.mark.regle("1.1-1")
@pytest.mark.regle("1.1-3")
@pytest.mark.regle("1.2-3")
@pytest.mark.regle("1.2-7")
def test_un_signalement_du_depot_a_la_cloture(client_de):
    technicien, agent = client_de("t-cias"), client_de("a-orne")
    depose = technicien.deposer(commentaire="Courriers sans réponse depuis septembre.")
    chemin = f"/v1/demandes/{depose['id']}"
    assert depose["statut"] == "deposee"
    assert depose["theme"] == "rupture_de_droits"
    assert depose["actions_possibles"] == ["messages", "annulation", "retrait-consentement"]

    file = agent.get("/v1/demandes", statut="deposee", theme="rupture_de_droits").json()["donnees"]
    assert depose["id"] in [demande["id"] for demande in file]
    assert agent.post(f"{chemin}/prise-en-charge").json()["statut"] == "en_cours"
    complement = agent.post(
        f"{chemin}/demande-complement", {"message": "Merci d'envoyer l'avis d'imposition."}
    )
    assert complement.json()["statut"] == "complement_demande"
    assert complement.json()["echeance"] is None

    reponse = technicien.post(f"{chemin}/messages", {"texte": "Il est parti ce matin."}).json()
    assert reponse["statut"] == "en_cours"
    assert reponse["echeance"] == depose["echeance"]
    cloture = agent.post(
        f"{chemin}/cloture", {"issue": "traitee", "message": "Les droits sont ouverts."}
    ).json()
    assert (cloture["statut"], cloture["issue"]) == ("cloturee", "traitee")

    for lecteur in (technicien, agent):
        lue = lecteur.get(chemin).json()
        assert [message["role"] for message in lue["messages"]] == [
            "agent_caisse",
            "technicien",
            "agent_caisse",
        ]
        assert lue["actions_possibles"] == []
        assert depose["id"] in [demande["id"] for demande in lecteur.get("/v1/demandes").json()["donnees"]]
