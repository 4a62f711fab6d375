"""Art. 2.2.1 to 2.2.3: what a partenaire asks for its gestionnaires, and what its caisses decide."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.kit.calendrier import ajouter_jours_ouvres
from app.kit.clock import today
from tests.api.courrier import courriers, jeton_de, travailler
from tests.outils import Client, connexion

CHEMIN = "/v1/demandes-habilitation"
IDENTITE = {
    "civilite": "m",
    "nom": "Delmas",
    "prenom": "Odilon",
    "fonction": "Directeur",
    "telephone": "02 61 91 00 07",
    "email": "odilon@essai.example",
}
PHRASE = "carillon-brouette-mandarine-84"


def dans(jours):
    return (today() + timedelta(days=jours)).isoformat()


@pytest.fixture
def structure(fabrique):
    return fabrique.structure(techniciens=1, gestionnaires=2, effectif=30)


@pytest.fixture
def ids(base, structure):
    lignes = base.lignes("SELECT identifiant, id::text FROM comptes WHERE partenaire_id = :p", p=structure.id)
    return {ligne.identifiant: ligne.id for ligne in lignes}


def deposer(client, **corps):
    reponse = client.post(CHEMIN, corps)
    assert reponse.status_code == 201, reponse.text
    return reponse.json()


def accepter(client, demande, corps=None):
    return client.post(f"{CHEMIN}/{demande['id']}/acceptation", corps)


def refuse(reponse, statut, code):
    assert (reponse.status_code, reponse.json()["code"]) == (statut, code), reponse.text
    return reponse.json()


def traces(base):
    """What a refusal must leave as it was: nothing stored, nothing to be mailed."""
    tables = ("procrastinate_jobs", "evenements", "journal", "demandes_habilitation", "comptes")
    return [base.valeur(f"SELECT count(*) FROM {table}") for table in tables]


@pytest.mark.regle("2.2.1-1")
def test_la_caisse_a_cinq_jours_ouvres_et_le_retard_se_liste(client_de, structure, base):
    gestionnaire, agent = client_de(structure.gestionnaires[0]), client_de("a-orne")
    demande = deposer(gestionnaire, nature="creation", identite=IDENTITE)
    assert demande["echeance"] == ajouter_jours_ouvres(today(), 5, "61").isoformat()
    assert (demande["statut"], demande["en_retard"], demande["caisse"]) == ("deposee", False, "611")
    base.ecrire(
        "UPDATE demandes_habilitation SET echeance = :j WHERE id = :id",
        j=today() - timedelta(days=1),
        id=demande["id"],
    )
    for client in (agent, gestionnaire):
        retards = [d["id"] for d in client.get(CHEMIN, en_retard=True, limite=200).json()["donnees"]]
        assert demande["id"] in retards
        assert client.get(f"{CHEMIN}/{demande['id']}").json()["en_retard"] is True
        a_temps = client.get(CHEMIN, en_retard=False, limite=200).json()["donnees"]
        assert demande["id"] not in [d["id"] for d in a_temps]
    base.ecrire("UPDATE demandes_habilitation SET echeance = :j WHERE id = :id", j=today(), id=demande["id"])
    assert gestionnaire.get(CHEMIN, en_retard=True).json()["donnees"] == []
    assert accepter(agent, demande).json()["en_retard"] is False
    assert [d["id"] for d in gestionnaire.get(CHEMIN, statut="acceptee").json()["donnees"]] == [demande["id"]]


@pytest.mark.regle("2.2.1-2")
@pytest.mark.parametrize("champ", sorted(IDENTITE))
def test_les_six_donnees_sont_obligatoires(client_de, structure, base, champ):
    gestionnaire = client_de(structure.gestionnaires[0])
    avant = traces(base)
    for identite in ({k: v for k, v in IDENTITE.items() if k != champ}, IDENTITE | {champ: None}):
        refus = gestionnaire.post(CHEMIN, {"nature": "creation", "identite": identite})
        assert refuse(refus, 422, "validation")["erreurs"][0]["champ"] == f"/identite/{champ}"
    for vide in ("", "   "):
        refus = gestionnaire.post(CHEMIN, {"nature": "creation", "identite": IDENTITE | {champ: vide}})
        refuse(refus, 422, "validation")
    assert traces(base) == avant


@pytest.mark.regle("2.2.1-3")
@pytest.mark.regle("2.2-3")
def test_l_acceptation_ouvre_un_compte_dont_seul_le_titulaire_connait_le_mot_de_passe(
    client_de, structure, base, api
):
    gestionnaire, agent = client_de(structure.gestionnaires[0]), client_de("a-orne")
    adresse = f"odilon-{uuid.uuid4().hex[:8]}@essai.example"
    demande = deposer(gestionnaire, nature="creation", identite=IDENTITE | {"email": adresse})
    assert demande["compte_id"] is None
    acceptee = accepter(agent, demande)
    assert (acceptee.status_code, acceptee.json()["statut"]) == (200, "acceptee")
    compte = agent.get(f"/v1/gestionnaires/{acceptee.json()['compte_id']}").json()
    assert (compte["statut"], compte["role"], compte["email"]) == ("en_attente", "gestionnaire", adresse)
    assert base.valeur("SELECT mot_de_passe FROM comptes WHERE id = :id", id=compte["id"]) is None
    assert "mot_de_passe" not in acceptee.text
    travailler(api)
    mail = next(m for m in courriers(adresse) if "/activation/" in m.get_content())
    jeton = jeton_de(mail, "activation")
    assert connexion(api, compte["identifiant"], PHRASE).status_code == 400
    active = api.post(f"/v1/activations/{jeton}", json={"mot_de_passe": PHRASE})
    assert active.status_code < 300
    assert api.post(f"/v1/activations/{jeton}", json={"mot_de_passe": PHRASE + "x"}).status_code == 404
    Client.connecte(api, compte["identifiant"], PHRASE)
    assert agent.get(f"/v1/gestionnaires/{compte['id']}").json()["statut"] == "actif"
    assert refuse(accepter(agent, demande), 409, "deja-decidee")["statut"] == "acceptee"


@pytest.mark.regle("2.2-3")
def test_une_demande_de_creation_revoit_adresse_et_quota_a_l_acceptation(client_de, fabrique, base):
    structure = fabrique.structure(techniciens=0, gestionnaires=1, effectif=8)
    gestionnaire, agent = client_de(structure.gestionnaires[0]), client_de("a-orne")
    demande = deposer(gestionnaire, nature="creation", identite=IDENTITE)
    fabrique.compte("gestionnaire", partenaire_id=structure.id)
    avant = traces(base)
    refuse(gestionnaire.post(CHEMIN, {"nature": "creation", "identite": IDENTITE}), 409, "quota-atteint")
    assert refuse(accepter(agent, demande), 409, "quota-atteint")["maximum"] == 2
    gmail = {"nature": "creation", "identite": IDENTITE | {"email": "odilon@gmail.com"}}
    refuse(gestionnaire.post(CHEMIN, gmail), 422, "email-non-professionnel")
    assert traces(base) == avant
    refusee = agent.post(f"{CHEMIN}/{demande['id']}/refus", {"motif": "Structure au complet"}).json()
    assert (refusee["statut"], refusee["motif_refus"]) == ("refusee", "Structure au complet")
    refuse(agent.post(f"{CHEMIN}/{demande['id']}/refus", {"motif": "Encore"}), 409, "deja-decidee")


@pytest.mark.regle("2.2.2-1")
def test_un_gestionnaire_se_modifie_sur_demande_et_quatre_champs_seulement(client_de, structure, ids, base):
    gestionnaire, agent = client_de(structure.gestionnaires[0]), client_de("a-orne")
    id_ = ids[structure.gestionnaires[1]]
    changement = {
        "telephone": "+33261910055",
        "email": "nouvelle@essai.example",
        "fonction": "Directrice",
        "nom": "Renommée",
    }
    avant = traces(base)
    for champ in ({"prenom": "Autre"}, {"civilite": "m"}, {"statut": "inactif"}, {}, {"nom": None}):
        corps = {"nature": "modification", "gestionnaire_id": id_, "modifications": champ}
        refuse(gestionnaire.post(CHEMIN, corps), 422, "validation")
    gmail = {"nature": "modification", "gestionnaire_id": id_, "modifications": {"email": "g@gmail.com"}}
    refuse(gestionnaire.post(CHEMIN, gmail), 422, "email-non-professionnel")
    assert traces(base) == avant
    demande = deposer(gestionnaire, nature="modification", gestionnaire_id=id_, modifications=changement)
    lu = agent.get(f"/v1/gestionnaires/{id_}").json()
    assert lu["nom"] == "Essai"
    assert accepter(agent, demande).json()["compte_id"] is None
    apres = agent.get(f"/v1/gestionnaires/{id_}").json()
    assert apres == lu | changement
    modifie = "SELECT count(*) FROM evenements WHERE ressource_id = :id AND type = 'compte.modifie'"
    assert base.valeur(modifie, id=id_) == 1


@pytest.mark.regle("2.2.2-1")
def test_un_changement_direct_garde_la_demande_du_partenaire(client_de, structure, ids):
    agent, gestionnaire = client_de("a-orne"), client_de(structure.gestionnaires[0])
    chemin = f"/v1/gestionnaires/{ids[structure.gestionnaires[1]]}"
    demain = agent.patch(chemin, {"fonction": "Cheffe", "demande_recue_le": dans(1)})
    assert refuse(demain, 422, "validation")["erreurs"][0]["champ"] == "/demande_recue_le"
    refuse(
        agent.patch(chemin, {"fonction": "x", "demande_recue_le": dans(-3)}, If_Match='"9"'),
        412,
        "version-perimee",
    )
    assert gestionnaire.get(CHEMIN).json()["donnees"] == []
    assert agent.patch(chemin, {"fonction": "Cheffe", "demande_recue_le": dans(-3)}).status_code == 200
    (demande,) = gestionnaire.get(CHEMIN).json()["donnees"]
    assert (demande["nature"], demande["statut"]) == ("modification", "acceptee")
    assert demande["modifications"] == {"fonction": "Cheffe"}
    assert demande["deposee_le"].startswith(dans(-4))  # midnight in Paris


@pytest.mark.regle("2.2.3-3")
@pytest.mark.parametrize("qui", ["gestionnaire", "a-orne"])
def test_le_preavis_est_de_quinze_jours_au_jour_pres(client_de, structure, ids, base, qui):
    gestionnaire, agent = client_de(structure.gestionnaires[0]), client_de("a-orne")
    client = gestionnaire if qui == "gestionnaire" else agent
    cible = structure.gestionnaires[1]
    parti = client_de(cible)
    corps = {"nature": "inactivation", "gestionnaire_id": ids[cible]}
    if client is agent:
        corps["partenaire_id"] = structure.id
    avant = traces(base)
    for jours in (-1, 0, 1, 14):
        refus = refuse(client.post(CHEMIN, corps | {"effet_le": dans(jours)}), 422, "preavis-insuffisant")
        assert refus["au_plus_tot"] == dans(15)
    assert refuse(client.post(CHEMIN, corps), 422, "validation")["erreurs"][0]["champ"] == "/effet_le"
    assert traces(base) == avant
    demande = deposer(client, **corps, effet_le=dans(15))
    accepter(agent, demande)
    compte = agent.get(f"/v1/gestionnaires/{ids[cible]}").json()
    assert (compte["statut"], compte["fin_prevue_le"]) == ("actif", dans(15))
    assert parti.get("/v1/moi").status_code == 200
    base.ecrire("UPDATE comptes SET fin_prevue_le = :j WHERE id = :id", j=today(), id=ids[cible])
    assert parti.get("/v1/moi").status_code == 401


@pytest.mark.regle("2.2.3-5")
def test_la_caisse_inactive_a_reception(client_de, structure, ids, fabrique):
    gestionnaire, agent = client_de(structure.gestionnaires[0]), client_de("a-orne")
    troisieme = fabrique.compte("gestionnaire", partenaire_id=structure.id)
    cible, autre = client_de(structure.gestionnaires[1]), client_de(troisieme)
    id_ = ids[structure.gestionnaires[1]]
    demande = deposer(gestionnaire, nature="inactivation", gestionnaire_id=id_, effet_le=dans(20))
    assert cible.get("/v1/moi").status_code == 200
    assert accepter(agent, demande, {"effet": "immediat"}).json()["statut"] == "acceptee"
    assert cible.get("/v1/moi").status_code == 401
    chemin = f"/v1/gestionnaires/{autre.get('/v1/moi').json()['compte']['id']}/inactivation"
    for client in (gestionnaire, client_de(structure.techniciens[0]), client_de("n-operateur")):
        refuse(client.post(chemin, {"motif": "Départ"}), 403, "permission-refusee")
    refuse(client_de("a-calvados").post(chemin, {"motif": "Départ"}), 404, "introuvable")
    assert agent.post(chemin, {"motif": "Départ"}).json()["statut"] == "inactif"
    assert autre.get("/v1/moi").status_code == 401
    refuse(agent.post(chemin, {"motif": "Départ"}), 409, "etat-du-compte")
    corps = {"partenaire_id": structure.id, "nature": "inactivation", "gestionnaire_id": id_}
    refuse(agent.post(CHEMIN, corps | {"effet": "immediat"}), 409, "etat-du-compte")


@pytest.mark.regle("2.2.3-4")
def test_le_dernier_gestionnaire_ne_s_inactive_pas_a_la_main(client_de, fabrique, base):
    structure = fabrique.structure(techniciens=0, gestionnaires=1)
    gestionnaire, agent = client_de(structure.gestionnaires[0]), client_de("a-orne")
    id_ = gestionnaire.get("/v1/moi").json()["compte"]["id"]
    # one who has not chosen a password yet is no successor
    fabrique.compte("gestionnaire", partenaire_id=structure.id, statut="en_attente", mot_de_passe=None)
    depot = {"nature": "inactivation", "gestionnaire_id": id_, "effet_le": dans(15)}
    avant = traces(base)
    refuse(gestionnaire.post(CHEMIN, depot), 409, "dernier-gestionnaire")
    for effet in ({}, {"effet_le": dans(30)}):
        refus = agent.post(f"/v1/gestionnaires/{id_}/inactivation", {"motif": "Départ"} | effet)
        refuse(refus, 409, "dernier-gestionnaire")
    assert traces(base) == avant
    successeur = fabrique.compte("gestionnaire", partenaire_id=structure.id)
    demande = deposer(gestionnaire, **depot)
    parti = client_de(successeur).get("/v1/moi").json()["compte"]["id"]
    assert agent.post(f"/v1/gestionnaires/{parti}/inactivation", {"motif": "x"}).status_code == 200
    refuse(accepter(agent, demande), 409, "dernier-gestionnaire")
    assert gestionnaire.get("/v1/moi").status_code == 200


@pytest.mark.regle("2.2.3-4")
def test_deux_gestionnaires_inactives_ensemble_n_en_laissent_jamais_zero(client_de, fabrique, base):
    agent = client_de("a-orne")
    for tour in range(20):
        structure = fabrique.structure(techniciens=0, gestionnaires=2)
        lignes = base.lignes("SELECT id::text FROM comptes WHERE partenaire_id = :p", p=structure.id)
        gestes = [
            ("inactivation" if tour % 2 or rang else "exclusion", ligne.id)
            for rang, ligne in enumerate(lignes)
        ]
        with ThreadPoolExecutor(2) as pool:
            reponses = list(
                pool.map(
                    lambda g: agent.post(f"/v1/gestionnaires/{g[1]}/{g[0]}", {"motif": "Départ"}), gestes
                )
            )
        statuts = [reponse.status_code for reponse in reponses]
        restent = base.valeur(
            "SELECT count(*) FROM comptes WHERE partenaire_id = :p AND statut = 'actif'", p=structure.id
        )
        if tour % 2:
            assert sorted(statuts) == [200, 409]
            assert restent == 1
        else:  # an exclusion is urgent: it passes whatever comes first, and an inactivation never after it
            assert statuts[0] == 200
            assert restent == (statuts[1] == 409)
            fins = base.lignes(
                "SELECT type FROM evenements WHERE ressource_id = ANY (:ids) ORDER BY numero",
                ids=[ligne.id for ligne in lignes],
            )
            assert [fin.type for fin in fins][-1] == "compte.exclu"


@pytest.mark.regle("2.2.3-4")
def test_un_compte_inactive_deux_fois_ensemble_ne_l_est_qu_une(client_de, structure, ids, base, fabrique):
    fabrique.compte("gestionnaire", partenaire_id=structure.id)
    agent, id_ = client_de("a-orne"), ids[structure.gestionnaires[0]]
    with ThreadPoolExecutor(5) as pool:
        chemin = f"/v1/gestionnaires/{id_}/inactivation"
        reponses = list(pool.map(lambda _: agent.post(chemin, {"motif": "Départ"}), range(5)))
    assert sorted(r.status_code for r in reponses) == [200] + [409] * 4
    assert {r.json()["code"] for r in reponses if r.status_code == 409} == {"etat-du-compte"}
    compter = "SELECT count(*) FROM evenements WHERE ressource_id = :id AND type = 'compte.inactive'"
    assert base.valeur(compter, id=id_) == 1


@pytest.mark.regle("2.2.3-6")
@pytest.mark.parametrize("effet", [{}, {"effet_le": dans(30)}])
def test_les_techniciens_vont_au_successeur_nomme(client_de, structure, ids, base, fabrique, effet):
    ancien, nomme = (ids[i] for i in structure.gestionnaires)
    fabrique.compte("gestionnaire", partenaire_id=structure.id)  # a newer one, not the successor
    technicien = ids[structure.techniciens[0]]
    base.ecrire("UPDATE comptes SET gestionnaire_id = :g WHERE id = :t", g=ancien, t=technicien)
    agent, chemin = client_de("a-orne"), f"/v1/gestionnaires/{ancien}/inactivation"
    for faux in (ancien, technicien, str(uuid.uuid4())):
        refus = agent.post(chemin, {"motif": "Départ", "successeur_id": faux} | effet)
        assert refuse(refus, 422, "validation")["erreurs"][0]["champ"] == "/successeur_id"
    assert agent.post(chemin, {"motif": "Départ", "successeur_id": nomme} | effet).status_code == 200
    lu = agent.get(f"/v1/techniciens/{technicien}").json()
    assert (lu["statut"], lu["gestionnaire_id"]) == ("actif", nomme)
    assert client_de(structure.techniciens[0]).get("/v1/moi").status_code == 200


@pytest.mark.regle("2.2.3-6")
def test_sans_successeur_nomme_les_techniciens_vont_a_un_autre(client_de, structure, ids, base):
    ancien, reste = (ids[i] for i in structure.gestionnaires)
    technicien = ids[structure.techniciens[0]]
    base.ecrire("UPDATE comptes SET gestionnaire_id = :g WHERE id = :t", g=ancien, t=technicien)
    agent = client_de("a-orne")
    agent.post(f"/v1/gestionnaires/{ancien}/inactivation", {"motif": "Départ"})
    assert agent.get(f"/v1/techniciens/{technicien}").json()["gestionnaire_id"] == reste


@pytest.mark.regle("2.2.3-6")
def test_ceux_que_le_dernier_laisse_seuls_vont_au_gestionnaire_qui_arrive(client_de, fabrique, base, api):
    structure = fabrique.structure(techniciens=1, gestionnaires=1)
    agent = client_de("a-orne")
    lignes = base.lignes("SELECT identifiant, id::text FROM comptes WHERE partenaire_id = :p", p=structure.id)
    ids = {ligne.identifiant: ligne.id for ligne in lignes}
    technicien, ancien = ids[structure.techniciens[0]], ids[structure.gestionnaires[0]]
    base.ecrire("UPDATE comptes SET gestionnaire_id = :g WHERE id = :t", g=ancien, t=technicien)
    assert agent.post(f"/v1/gestionnaires/{ancien}/exclusion", {"motif": "Fraude"}).status_code == 200
    assert agent.get(f"/v1/techniciens/{technicien}").json()["gestionnaire_id"] is None
    adresse = f"arrive-{uuid.uuid4().hex[:8]}@essai.example"
    corps = {"partenaire_id": structure.id, "nature": "creation", "identite": IDENTITE | {"email": adresse}}
    nouveau = accepter(agent, deposer(agent, **corps)).json()["compte_id"]
    travailler(api)
    mail = next(m for m in courriers(adresse) if "/activation/" in m.get_content())
    api.post(f"/v1/activations/{jeton_de(mail, 'activation')}", json={"mot_de_passe": PHRASE})
    assert agent.get(f"/v1/techniciens/{technicien}").json()["gestionnaire_id"] == nouveau


@pytest.mark.regle("2.2-3")
def test_toute_caisse_conventionnee_decide_et_elles_seules(client_de, structure, fabrique, base):
    gestionnaire, orne, calvados = (
        client_de(i) for i in (structure.gestionnaires[0], "a-orne", "a-calvados")
    )
    deux = [deposer(gestionnaire, nature="creation", identite=IDENTITE) for _ in range(2)]
    avant = traces(base)
    for demande in deux:
        refuse(calvados.get(f"{CHEMIN}/{demande['id']}"), 404, "introuvable")
        refuse(accepter(calvados, demande), 404, "introuvable")
        refuse(calvados.post(f"{CHEMIN}/{demande['id']}/refus", {"motif": "Non"}), 404, "introuvable")
    assert traces(base) == avant
    fabrique.convention(structure.id, "141")
    assert accepter(calvados, deux[0]).json()["statut"] == "acceptee"
    base.ecrire(
        "UPDATE conventions SET signee_partenaire_le = '2024-01-01', signee_caisse_le = '2024-01-01',"
        " tacite_reconduction = false WHERE partenaire_id = :p AND caisse = '611'",
        p=structure.id,
    )
    avant = traces(base)
    refuse(accepter(orne, deux[1]), 403, "caisse-non-conventionnee")
    refuse(orne.post(f"{CHEMIN}/{deux[1]['id']}/refus", {"motif": "Non"}), 403, "caisse-non-conventionnee")
    depot = {"partenaire_id": structure.id, "nature": "creation", "identite": IDENTITE}
    refuse(orne.post(CHEMIN, depot), 403, "caisse-non-conventionnee")
    assert traces(base) == avant
    assert deposer(gestionnaire, nature="creation", identite=IDENTITE)["caisse"] == "141"


@pytest.mark.regle("2.2-3")
def test_chaque_mauvais_acteur_est_refuse(client_de, structure, fabrique, ids, base):
    gestionnaire, agent = client_de(structure.gestionnaires[0]), client_de("a-orne")
    ailleurs = fabrique.structure(gestionnaires=2)
    etranger = client_de(ailleurs.gestionnaires[0])
    technicien, national = client_de(structure.techniciens[0]), client_de("n-operateur")
    demande = deposer(gestionnaire, nature="creation", identite=IDENTITE)
    depot = {"nature": "creation", "identite": IDENTITE}
    avant = traces(base)
    for client in (technicien, national):
        for reponse in (
            client.post(CHEMIN, depot),
            client.get(CHEMIN),
            client.get(f"{CHEMIN}/{demande['id']}"),
            accepter(client, demande),
            client.post(f"{CHEMIN}/{demande['id']}/refus", {"motif": "Non"}),
        ):
            refuse(reponse, 403, "permission-refusee")
    refuse(accepter(gestionnaire, demande), 403, "permission-refusee")
    refuse(etranger.get(f"{CHEMIN}/{demande['id']}"), 404, "introuvable")
    assert etranger.get(CHEMIN).json()["donnees"] == []
    refuse(etranger.post(CHEMIN, depot | {"partenaire_id": structure.id}), 404, "introuvable")
    vise = {
        "nature": "inactivation",
        "gestionnaire_id": ids[structure.gestionnaires[1]],
        "effet_le": dans(20),
    }
    for client in (etranger, agent):
        corps = vise | ({"partenaire_id": ailleurs.id} if client is agent else {})
        assert (
            refuse(client.post(CHEMIN, corps), 422, "validation")["erreurs"][0]["champ"] == "/gestionnaire_id"
        )
    assert refuse(agent.post(CHEMIN, depot), 422, "validation")["erreurs"][0]["champ"] == "/partenaire_id"
    assert traces(base) == avant


@pytest.mark.regle("5-3")
def test_un_motif_confirme_est_journalise(client_de, structure, ids, base):
    agent, id_ = client_de("a-orne"), ids[structure.gestionnaires[1]]
    chemin = f"/v1/gestionnaires/{id_}/inactivation"
    motif = {"motif": "Absente, soignée pour un cancer"}
    avant = traces(base)
    refuse(agent.post(chemin, motif), 422, "donnee-de-sante")
    assert traces(base) == avant
    assert agent.post(chemin, motif | {"texte_confirme": True}).status_code == 200
    lignes = base.lignes("SELECT action FROM journal WHERE ressource_id = :id ORDER BY numero", id=id_)
    assert [ligne.action for ligne in lignes][-2:] == ["compte.inactive", "texte.confirme"]
