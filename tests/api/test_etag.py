"""`ETag` follows what is shown: a day that passes, or another row, gives no stale 304; only a write gives a 412."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.kit.clock import now, today
from tests.api.jours import au
from tests.api.test_habilitations import CHEMIN as HABILITATIONS
from tests.api.test_habilitations import IDENTITE
from tests.api.test_maintenances import annoncer
from tests.outils import Client

assert au
assert annoncer


def relire(client, chemin, lue):
    """Read again as a cache does, with the tag of what was read before."""
    return client.appel("GET", chemin, entetes={"If-None-Match": lue.headers["etag"]})


@pytest.mark.regle("8.1-1")
def test_la_convention_de_la_veille_ne_vaut_plus_le_jour_de_sa_reconduction(client_de, fabrique, au):
    agent = client_de("a-orne")
    chemin = f"/v1/conventions/{fabrique.structure(techniciens=0).convention_id}"
    with au("2027-01-19"):
        veille = agent.get(chemin)
        assert relire(agent, chemin, veille).status_code == 304
    with au("2027-01-20"):
        jour = relire(agent, chemin, veille)
        assert (jour.status_code, jour.json()["fin_le"]) == (200, "2028-01-19")
        assert veille.json()["fin_le"] == "2027-01-19"
        assert relire(agent, chemin, jour).status_code == 304


@pytest.mark.regle("8.3-1")
def test_un_avenant_a_venir_change_l_etag_le_jour_ou_il_s_applique(client_de, fabrique, au):
    agent = client_de("a-orne")
    chemin = f"/v1/conventions/{fabrique.structure(techniciens=0).convention_id}"
    modifications = {"fonctionnalites": {"rendez_vous": False}, "objet": "Les rendez-vous cessent"}
    corps = {"le": "2026-12-20", "objet": "Avenant", "modifications": modifications}
    assert agent.post(f"{chemin}/avenants", corps).status_code == 201
    with au("2026-12-19"):
        veille = agent.get(chemin)
    with au("2026-12-20"):
        jour = relire(agent, chemin, veille)
        assert (jour.status_code, jour.json()["fonctionnalites"]["rendez_vous"]) == (200, False)


def test_l_etag_est_le_meme_pour_chaque_lecteur_et_commence_par_la_version(client_de, fabrique):
    structure = fabrique.structure(techniciens=1, gestionnaires=1)
    agent, gestionnaire = client_de("a-orne"), client_de(structure.gestionnaires[0])
    (technicien,) = gestionnaire.get("/v1/techniciens").json()["donnees"]
    for chemin in (
        f"/v1/partenaires/{structure.id}",
        f"/v1/conventions/{structure.convention_id}",
        f"/v1/techniciens/{technicien['id']}",
    ):
        lus = {client.get(chemin).headers["etag"] for client in (agent, gestionnaire)}
        assert len(lus) == 1
        assert lus.pop().startswith('"1-')
    chemin = f"/v1/techniciens/{technicien['id']}"
    assert gestionnaire.patch(chemin, {"fonction": "Référente"}, If_Match='"1"').status_code == 200
    assert gestionnaire.patch(chemin, {"fonction": "Chargée"}, If_Match='"1"').status_code == 412


def test_minuit_n_est_l_ecriture_de_personne(client_de, fabrique, au):
    """`If-Match` guards against a lost write: what the day changed, the state judges."""
    agent = client_de("a-orne")
    chemin = f"/v1/conventions/{fabrique.structure(techniciens=0).convention_id}"
    with au("2027-01-19"):
        veille = agent.get(chemin).headers["etag"]
    with au("2027-01-20"):
        suspendue = agent.post(f"{chemin}/suspension", {"motif": "Usage non conforme"}, If_Match=veille)
        assert (suspendue.status_code, suspendue.json()["statut"]) == (200, "suspendue")
        perime = agent.post(f"{chemin}/levee-suspension", {"motif": "Levée"}, If_Match=veille)
        assert (perime.status_code, perime.json()["code"]) == (412, "version-perimee")
        assert relire(agent, chemin, suspendue).status_code == 304
        version = suspendue.headers["etag"].strip('"').partition("-")[0]
        nue = agent.post(f"{chemin}/levee-suspension", {"motif": "Levée"}, If_Match=f'W/"0", "{version}"')
        assert nue.status_code == 200


@pytest.mark.parametrize("faux", ['"x"', "1", '"1', '"1.0"', '"-1"', '""', '"1"2'])
def test_ce_qui_n_est_pas_un_etag_ne_vaut_aucune_version(client_de, fabrique, faux):
    agent = client_de("a-orne")
    chemin = f"/v1/conventions/{fabrique.structure(techniciens=0).convention_id}"
    refus = agent.post(f"{chemin}/suspension", {"motif": "Essai"}, If_Match=faux)
    assert (refus.status_code, refus.json()["code"]) == (412, "version-perimee")


@pytest.mark.regle("2.2.3-7")
def test_un_compte_dont_la_fin_arrive_change_d_etag(client_de, fabrique, base, au):
    structure = fabrique.structure(gestionnaires=1)
    gestionnaire, qui = client_de(structure.gestionnaires[0]), structure.techniciens[0]
    chemin = f"/v1/techniciens/{base.valeur('SELECT id::text FROM comptes WHERE identifiant = :i', i=qui)}"
    fin = today() + timedelta(days=3)
    prevue = gestionnaire.post(f"{chemin}/inactivation", {"motif": "Départ", "effet_le": fin.isoformat()})
    assert relire(gestionnaire, chemin, prevue).status_code == 304
    with au(fin):
        lu = relire(gestionnaire, chemin, prevue)
        assert (lu.status_code, lu.json()["statut"]) == (200, "inactif")


def test_un_compte_qui_se_connecte_change_d_etag(api, client_de, fabrique, base):
    structure = fabrique.structure(gestionnaires=1)
    gestionnaire, qui = client_de(structure.gestionnaires[0]), structure.techniciens[0]
    chemin = f"/v1/techniciens/{base.valeur('SELECT id::text FROM comptes WHERE identifiant = :i', i=qui)}"
    avant = gestionnaire.get(chemin)
    Client.connecte(api, qui)
    apres = relire(gestionnaire, chemin, avant)
    assert apres.status_code == 200
    assert apres.json()["derniere_connexion_le"] != avant.json()["derniere_connexion_le"]


@pytest.mark.regle("2.2.1-9")
def test_un_compte_de_plus_change_l_etag_de_sa_structure(client_de, fabrique):
    structure = fabrique.structure()
    chemin, agent = f"/v1/partenaires/{structure.id}", client_de("a-orne")
    avant = agent.get(chemin)
    fabrique.compte("technicien", partenaire_id=structure.id)
    apres = relire(agent, chemin, avant)
    assert apres.status_code == 200
    assert apres.json()["quotas"]["techniciens"]["utilises"] == 2
    assert agent.patch(chemin, {"effectif": 31}, If_Match=avant.headers["etag"]).status_code == 200


@pytest.mark.regle("2.2.1-1")
def test_une_demande_en_retard_change_d_etag(client_de, fabrique, au):
    technicien, agent = client_de(fabrique.structure().techniciens[0]), client_de("a-orne")
    chemin = f"/v1/demandes/{technicien.deposer()['id']}"
    a_temps = agent.get(chemin)
    assert a_temps.headers["etag"] == '"1"'
    with au(today() + timedelta(days=60)):
        tard = relire(agent, chemin, a_temps)
        assert (tard.status_code, tard.json()["en_retard"]) == (200, True)
        assert tard.headers["etag"] == technicien.get(chemin).headers["etag"]  # the same for every caller
        prise = agent.post(f"{chemin}/prise-en-charge", If_Match=a_temps.headers["etag"])
        assert prise.status_code == 200


@pytest.mark.regle("2.2.1-1")
@pytest.mark.regle("4.2-1")
def test_une_habilitation_et_une_revue_en_retard_changent_d_etag(client_de, fabrique, au):
    structure = fabrique.structure(gestionnaires=1)
    gestionnaire, agent = client_de(structure.gestionnaires[0]), client_de("a-orne")
    identite = IDENTITE | {"email": f"{uuid4().hex[:8]}@essai.example"}
    demande = gestionnaire.post(HABILITATIONS, {"nature": "creation", "identite": identite})
    echeance = (today() + timedelta(days=5)).isoformat()
    revue = agent.post("/v1/revues-habilitation", {"partenaire_id": structure.id, "echeance": echeance})
    chemins = {f"{HABILITATIONS}/{demande.json()['id']}": demande}
    chemins |= {f"/v1/revues-habilitation/{revue.json()['id']}": revue}
    for chemin, lue in chemins.items():
        assert relire(agent, chemin, lue).status_code == 304
        with au(today() + timedelta(days=30)):
            tard = relire(agent, chemin, lue)
            assert (tard.status_code, tard.json()["en_retard"]) == (200, True)


@pytest.mark.regle("3.2-2")
def test_une_maintenance_qui_commence_change_d_etag(client_de, annoncer, monkeypatch):
    operateur = client_de("n-operateur")
    chemin = f"/v1/maintenances/{annoncer()['id']}"
    annoncee = operateur.get(chemin)
    assert relire(operateur, chemin, annoncee).status_code == 304
    dans_trois_jours = now() + timedelta(days=3, hours=1)
    monkeypatch.setattr("app.disponibilite.maintenances.now", lambda: dans_trois_jours)
    en_cours = relire(operateur, chemin, annoncee)
    assert (en_cours.status_code, en_cours.json()["statut"]) == (200, "en_cours")
    monkeypatch.setattr("app.disponibilite.maintenances.now", lambda: dans_trois_jours + timedelta(days=1))
    assert relire(operateur, chemin, en_cours).json()["statut"] == "terminee"
