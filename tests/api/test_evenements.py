"""The feed through HTTP: in order, by pages, and each one its own."""

import pytest


def tout(client, apres=0, limite=200):
    """Follow the feed to its end, as a client does."""
    lus, suite = [], True
    while suite:
        page = client.get("/v1/evenements", apres=apres, limite=limite)
        assert page.status_code == 200, page.text
        corps = page.json()
        lus += corps["donnees"]
        assert ("link" in page.headers) is corps["suite"]
        apres, suite = corps["apres"], corps["suite"]
    return lus


@pytest.fixture
def scene(client_de, fabrique):
    structure = fabrique.structure(gestionnaires=1)
    technicien, gestionnaire = client_de(structure.techniciens[0]), client_de(structure.gestionnaires[0])
    demande = technicien.deposer()
    client_de("a-orne").post(f"/v1/demandes/{demande['id']}/prise-en-charge")
    corps = {
        "civilite": "mme",
        "nom": "Quesnel",
        "prenom": "Ada",
        "fonction": "Accueil",
        "telephone": "0261910077",
        "email": "a.quesnel@essai.example",
        "lien": "employe",
        "equipement_professionnel": True,
    }
    compte = gestionnaire.post("/v1/techniciens", corps)
    assert compte.status_code == 201, compte.text
    return structure, demande, compte.json()["id"], technicien, gestionnaire


@pytest.mark.regle("7-2")
def test_le_fil_est_ordonne_se_suit_et_ne_repete_rien(client_de, scene):
    agent = client_de("a-orne")
    une_page, par_trois = tout(agent), tout(agent, limite=3)
    assert une_page == par_trois
    numeros = [evenement["numero"] for evenement in une_page]
    assert numeros == sorted(set(numeros))
    champs = "id numero type ressource ressource_id partenaire_id caisse date raison"
    assert set(une_page[-1]) == set(champs.split())
    milieu = numeros[len(numeros) // 2]
    assert tout(agent, apres=milieu) == [e for e in une_page if e["numero"] > milieu]


def test_un_numero_a_venir_ne_rend_rien_et_se_garde(client_de):
    page = client_de("a-orne").get("/v1/evenements", apres=2**62).json()
    assert page == {"donnees": [], "apres": 2**62, "suite": False}
    for faux in ({"apres": -1}, {"apres": 2**63}, {"apres": "x"}, {"limite": 0}, {"limite": 201}):
        assert client_de("a-orne").get("/v1/evenements", **faux).status_code == 422


@pytest.mark.regle("7-2")
def test_chacun_ne_lit_que_ce_qui_le_regarde(client_de, fabrique, scene):
    structure, demande, compte, technicien, gestionnaire = scene
    de_la_structure = [e for e in tout(gestionnaire) if e["partenaire_id"]]
    assert {e["partenaire_id"] for e in de_la_structure} == {structure.id}
    vus = [(e["type"], e["ressource_id"]) for e in de_la_structure]
    for attendu in (("demande.deposee", demande["id"]), ("demande.prise_en_charge", demande["id"])):
        assert attendu in vus
    assert ("compte.cree", compte) in vus
    # A technicien is told of the requests, not of the accounts.
    du_technicien = tout(technicien)
    assert demande["id"] in str(du_technicien)
    assert not {e["ressource"] for e in du_technicien} & {"compte", "habilitation", "incident", "revue"}
    # The caisse: its own, and the accounts of the structures that it knows.
    agent = tout(client_de("a-orne"))
    assert {e["caisse"] for e in agent} <= {"611", None}
    assert compte in str(agent)
    autre = client_de(fabrique.structure(gestionnaires=1).gestionnaires[0])
    for etranger in (autre, client_de("a-calvados"), client_de("n-operateur")):
        lus = str(tout(etranger))
        assert not [mot for mot in (structure.id, demande["id"], compte) if mot in lus]
    assert {e["partenaire_id"] for e in tout(client_de("n-operateur"))} == {None}


@pytest.mark.regle("7-2")
def test_ce_que_dit_la_caisse_et_l_operateur_a_tous_se_lit_de_tous_les_leurs(client_de, scene):
    *_, technicien, gestionnaire = scene
    agent = client_de("a-orne")
    depart = tout(agent)[-1]["numero"]
    reglages = agent.get("/v1/caisses/611").json()["fonctionnalites"]
    assert agent.put("/v1/caisses/611/fonctionnalites", reglages).status_code == 200
    for lecteur in (technicien, gestionnaire, agent, client_de("n-operateur")):
        assert "caisse.fonctionnalites_reglees" in [e["type"] for e in tout(lecteur, apres=depart)]
    assert tout(client_de("a-calvados"), apres=depart) == []
