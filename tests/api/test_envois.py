"""Art. 1.2: a document goes by post to the address that the caisse knows; the agent says when."""

from datetime import timedelta

import pytest

from app.kit.clock import today
from tests.api.courrier import courriers, travailler
from tests.api.test_genres import corps


@pytest.fixture
def demande(client_de):
    depot = client_de("t-cias").post("/v1/demandes-documents", corps("demandes-documents"))
    assert depot.status_code == 201, depot.text
    return depot.json()


def envoyer(client, demande, le=None, **entetes):
    chemin = f"/v1/demandes-documents/{demande['id']}/envoi"
    return client.post(chemin, {"le": (le or today()).isoformat()}, **entetes)


@pytest.mark.regle("1.2-6")
def test_l_agent_dit_une_fois_quand_le_document_est_parti(api, client_de, base, demande):
    technicien, agent = client_de("t-cias"), client_de("a-orne")
    assert demande["objet"] == {"document": "certificat_provisoire", "envoye_le": None}
    assert "envoi" not in demande["actions_possibles"]
    assert "envoi" in agent.get(f"/v1/demandes/{demande['id']}").json()["actions_possibles"]
    envoye = envoyer(agent, demande)
    assert envoye.status_code == 200, envoye.text
    assert envoye.json()["objet"]["envoye_le"] == today().isoformat()
    assert envoye.json()["statut"] == "deposee"
    assert technicien.get(f"/v1/demandes/{demande['id']}").json()["objet"] == envoye.json()["objet"]
    encore = envoyer(agent, demande)
    assert (encore.status_code, encore.json()["code"]) == (409, "transition-interdite")
    assert "envoi" not in encore.json()["actions_possibles"]
    types = base.lignes(
        "SELECT type FROM evenements WHERE ressource_id = :id ORDER BY numero", id=demande["id"]
    )
    assert [type_ for (type_,) in types] == ["demande.deposee", "document.envoye"]
    travailler(api)
    adresse = base.valeur("SELECT email FROM comptes WHERE identifiant = 't-cias'")
    (mail,) = [m for m in courriers(adresse) if f"document envoyé ({demande['reference']})" in m["Subject"]]
    assert "Testard" not in mail.get_content()


@pytest.mark.regle("1.2-6")
@pytest.mark.parametrize("qui", ["t-cias", "g-cias", "n-operateur"])
def test_personne_d_autre_ne_le_dit(client_de, demande, qui):
    refus = envoyer(client_de(qui), demande)
    assert (refus.status_code, refus.json()["code"]) == (403, "permission-refusee")


@pytest.mark.parametrize("ecart", [-1, 1])
def test_un_envoi_ne_precede_pas_le_depot_et_n_est_pas_a_venir(client_de, demande, ecart):
    refus = envoyer(client_de("a-orne"), demande, today() + timedelta(days=ecart))
    assert (refus.status_code, refus.json()["code"]) == (422, "validation")
    assert [e["champ"] for e in refus.json()["erreurs"]] == ["/le"]


def test_rien_ne_part_d_une_demande_close_ni_d_un_autre_type(client_de, demande):
    agent = client_de("a-orne")
    perimee = envoyer(agent, demande, If_Match='"99"')
    assert (perimee.status_code, perimee.json()["code"]) == (412, "version-perimee")
    close = agent.post(f"/v1/demandes/{demande['id']}/cloture", {"issue": "traitee", "message": "Fait."})
    assert close.json()["objet"]["envoye_le"] is None  # closing never waits for a date to be told
    assert envoyer(agent, demande).json()["code"] == "transition-interdite"
    assert envoyer(agent, client_de("t-cias").deposer()).status_code == 404
