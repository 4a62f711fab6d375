"""The journal through HTTP: who reads which lines, and how they are filtered."""

import uuid
from datetime import timedelta

import pytest

from app.kit.clock import today
from tests.outils import Client


def lignes(client, **filtres):
    reponse = client.get("/v1/journal", limite=200, **filtres)
    assert reponse.status_code == 200, reponse.text
    return reponse.json()["donnees"]


def id_de(client):
    return client.get("/v1/moi").json()["compte"]["id"]


@pytest.fixture
def vecue(client_de, fabrique):
    """A structure, and a request that went from its deposit to its closing."""
    structure = fabrique.structure(gestionnaires=1)
    technicien, gestionnaire = client_de(structure.techniciens[0]), client_de(structure.gestionnaires[0])
    demande = technicien.deposer()
    agent = client_de("a-orne")
    agent.post(f"/v1/demandes/{demande['id']}/prise-en-charge")
    technicien.post(f"/v1/demandes/{demande['id']}/messages", {"texte": "Merci."})
    agent.post(f"/v1/demandes/{demande['id']}/cloture", {"issue": "traitee", "message": "Fait."})
    return structure, demande, technicien, gestionnaire


@pytest.mark.regle("9-1")
def test_la_vie_d_une_demande_est_au_journal_dans_l_ordre_et_enchainee(client_de, vecue):
    _, demande, technicien, gestionnaire = vecue
    agent = client_de("a-orne")
    for lecteur in (agent, gestionnaire):
        lues = lignes(lecteur, ressource_id=demande["id"])[::-1]
        assert [(ligne["action"], ligne["role"]) for ligne in lues] == [
            ("demande.deposee", "technicien"),
            ("demande.prise_en_charge", "agent_caisse"),
            ("demande.message", "technicien"),
            ("demande.cloturee", "agent_caisse"),
        ]
        assert [ligne["acteur_id"] for ligne in lues[:2]] == [id_de(technicien), id_de(agent)]
        numeros = [ligne["numero"] for ligne in lues]
        assert numeros == sorted(numeros)
        assert {ligne["ressource"] for ligne in lues} == {"demande"}
    champs = "numero le acteur_id role action ressource ressource_id empreinte precedente"
    assert set(lues[0]) == set(champs.split())
    chaine = lignes(agent)
    empreintes = {ligne["empreinte"] for ligne in chaine}
    assert sum(ligne["precedente"] in empreintes for ligne in chaine) > len(chaine) // 2


@pytest.mark.regle("9-1")
def test_chacun_ne_lit_que_son_journal(client_de, fabrique, vecue):
    structure, demande, technicien, gestionnaire = vecue
    refus = technicien.get("/v1/journal")
    assert (refus.status_code, refus.json()["code"]) == (403, "permission-refusee")
    autre = client_de(fabrique.structure(gestionnaires=1).gestionnaires[0])
    for etranger in (autre, client_de("a-calvados"), client_de("n-operateur")):
        assert lignes(etranger, ressource_id=demande["id"]) == []
        assert structure.id not in str(lignes(etranger))
    nationales = lignes(client_de("n-operateur"))
    assert nationales
    assert not {ligne["ressource"] for ligne in nationales} & {"demande", "convention", "partenaire"}
    assert {ligne["ressource"] for ligne in lignes(gestionnaire)} <= {
        "demande",
        "compte",
        "convention",
        "partenaire",
    }
    # What bears on an account of the structure is read by it and by the caisses that know it.
    connexions = lignes(client_de("a-orne"), action="connexion.reussie", acteur=id_de(technicien))
    assert connexions
    assert lignes(client_de("a-calvados"), acteur=id_de(technicien)) == []


@pytest.mark.regle("2.2.3-2")
def test_la_convention_finie_avec_une_caisse_ferme_son_journal_et_son_fil(base, client_de, fabrique):
    structure = fabrique.structure(techniciens=1, gestionnaires=1)
    fabrique.convention(structure.id, "141")
    technicien, gestionnaire = client_de(structure.techniciens[0]), client_de(structure.gestionnaires[0])
    demande = technicien.deposer(caisse="141")
    avant = technicien.get("/v1/evenements").json()["donnees"]
    assert demande["id"] in str(avant)
    assert lignes(gestionnaire, ressource_id=demande["id"])
    base.ecrire(
        "UPDATE conventions SET suspendue_le = now() WHERE partenaire_id = :p AND caisse = '141'",
        p=structure.id,
    )
    assert lignes(gestionnaire, ressource_id=demande["id"]) == []
    assert demande["id"] not in technicien.get("/v1/evenements").text
    assert lignes(client_de("a-calvados"), ressource_id=demande["id"])


def test_les_filtres_du_journal(client_de, vecue):
    _, demande, _technicien, gestionnaire = vecue
    agent = client_de("a-orne")
    assert {ligne["action"] for ligne in lignes(agent, action="demande.cloturee")} == {"demande.cloturee"}
    assert {ligne["ressource"] for ligne in lignes(agent, ressource="convention")} == {"convention"}
    assert {ligne["acteur_id"] for ligne in lignes(agent, acteur=id_de(agent))} == {id_de(agent)}
    jour, veille, lendemain = today(), today() - timedelta(days=1), today() + timedelta(days=1)
    assert lignes(gestionnaire, depuis=jour, jusqua=jour) == lignes(gestionnaire)
    assert lignes(gestionnaire, jusqua=veille) == lignes(gestionnaire, depuis=lendemain) == []
    for jours in ({"jusqua": "9999-12-31"}, {"depuis": "0001-01-01"}):
        assert lignes(gestionnaire, ressource_id=demande["id"], **jours)
    for faux in ({"acteur": "x"}, {"depuis": "20000"}, {"action": "Nom Prénom"}, {"ressource_id": "a b"}):
        assert agent.get("/v1/journal", **faux).status_code == 422
    premiere = gestionnaire.get("/v1/journal", limite=2).json()
    suivante = gestionnaire.get("/v1/journal", limite=200, curseur=premiere["curseur_suivant"]).json()
    assert premiere["donnees"] + suivante["donnees"] == lignes(gestionnaire)


def test_une_portee_qui_ne_lit_pas_le_journal_ne_le_lit_pas(api, demo, client_de):
    application = next(a for a in demo["applications"] if a["caisse"] == "611")
    auth = (application["client_id"], application["client_secret"])
    for portee, attendu in (("demandes:lire", 403), ("journal:lire", 200)):
        jeton = api.post(
            "/v1/oauth/token", data={"grant_type": "client_credentials", "scope": portee}, auth=auth
        ).json()["access_token"]
        assert Client(api, jeton).get("/v1/journal").status_code == attendu


def test_un_identifiant_inconnu_et_un_etranger_se_lisent_de_meme(client_de, vecue):
    _, demande, *_ = vecue
    etranger = client_de("a-calvados")
    assert (
        lignes(etranger, ressource_id=demande["id"]) == lignes(etranger, ressource_id=str(uuid.uuid4())) == []
    )
