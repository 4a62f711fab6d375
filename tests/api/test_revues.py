"""Art. 4.2: the reviews of habilitations, with the right actor and each wrong one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.habilitations import revues
from app.kit import clock
from app.kit.calendrier import ajouter_mois
from app.kit.clock import today
from app.kit.session import database
from tests.api.courrier import courriers, travailler

CHEMIN = "/v1/revues-habilitation"


def dans(jours):
    return (today() + timedelta(days=jours)).isoformat()


@pytest.fixture
def structure(fabrique):
    return fabrique.structure(techniciens=2, gestionnaires=2, effectif=8)


@pytest.fixture
def ids(base, structure):
    lignes = base.lignes("SELECT identifiant, id::text FROM comptes WHERE partenaire_id = :p", p=structure.id)
    return {ligne.identifiant: ligne.id for ligne in lignes}


def ouvrir(client, structure, **changements):
    corps = {"partenaire_id": structure.id, "echeance": dans(30)} | changements
    reponse = client.post(CHEMIN, corps)
    assert reponse.status_code == 201, reponse.text
    return reponse.json()


def decider(client, revue, compte_id, decision, **entetes):
    corps = {"compte_id": compte_id, "decision": decision}
    return client.post(f"{CHEMIN}/{revue['id']}/decisions", corps, **entetes)


def evenements(base, revue):
    sql = "SELECT type, caisse, partenaire_id::text FROM evenements WHERE ressource_id = :r ORDER BY numero"
    return [tuple(ligne) for ligne in base.lignes(sql, r=revue["id"])]


def traces(base):
    """What a refusal must leave as it was."""
    tables = ("procrastinate_jobs", "evenements", "journal", "revues_habilitation", "lignes_revue")
    return [base.valeur(f"SELECT count(*) FROM {table}") for table in tables]


@pytest.mark.regle("4.2-1")
def test_la_caisse_ouvre_une_revue_des_comptes_qui_ne_sont_pas_inactifs(client_de, structure, ids, base):
    agent, gestionnaire = client_de("a-orne"), client_de(structure.gestionnaires[0])
    parti = ids.pop(structure.techniciens[1])
    gestionnaire.post(f"/v1/techniciens/{parti}/inactivation", {"motif": "Départ"})
    reponse = agent.post(
        CHEMIN, {"partenaire_id": structure.id, "echeance": dans(30), "periodicite_mois": 12}
    )
    assert (reponse.status_code, reponse.headers["etag"]) == (201, '"1"')
    revue = reponse.json()
    assert (revue["statut"], revue["echeance"], revue["en_retard"]) == ("ouverte", dans(30), False)
    assert (revue["caisse"], revue["partenaire_id"], revue["periodicite_mois"]) == ("611", structure.id, 12)
    assert {ligne["compte_id"]: ligne["role"] for ligne in revue["lignes"]} == {
        id_: "technicien" if identifiant in structure.techniciens else "gestionnaire"
        for identifiant, id_ in ids.items()
    }
    assert all(ligne["decision"] is ligne["decidee_le"] is None for ligne in revue["lignes"])
    for client in (agent, gestionnaire):
        assert client.get(reponse.headers["location"]).json() == revue
        assert revue in client.get(CHEMIN, partenaire_id=structure.id).json()["donnees"]
    assert evenements(base, revue) == [("revue.ouverte", "611", structure.id)]
    journal = base.lignes("SELECT action, role FROM journal WHERE ressource_id = :r", r=revue["id"])
    assert journal == [("revue.ouverte", "agent_caisse")]


@pytest.mark.regle("4.2-1")
def test_les_gestionnaires_sont_prevenus_a_l_ouverture(client_de, structure, api):
    revue = ouvrir(client_de("a-orne"), structure)
    travailler(api)
    for identifiant in structure.gestionnaires:
        (mail,) = courriers(f"{identifiant}@essai.example")
        assert "revue des habilitations" in mail["Subject"]
        assert revue["id"] in mail.get_content()
    assert courriers(f"{structure.techniciens[0]}@essai.example") == []


@pytest.mark.regle("4.2-1")
def test_le_gestionnaire_maintient_ou_met_fin_et_un_technicien_est_coupe_aussitot(
    client_de, structure, ids, base
):
    revue, gestionnaire = ouvrir(client_de("a-orne"), structure), client_de(structure.gestionnaires[1])
    reste, part = (client_de(identifiant) for identifiant in structure.techniciens)
    garde, coupe = (ids[identifiant] for identifiant in structure.techniciens)
    assert decider(gestionnaire, revue, garde, "maintenir").status_code == 200
    decide = decider(gestionnaire, revue, coupe, "inactiver")
    assert (decide.status_code, decide.headers["etag"]) == (200, '"3"')
    lignes = {ligne["compte_id"]: ligne for ligne in decide.json()["lignes"]}
    assert (lignes[garde]["decision"], lignes[coupe]["decision"]) == ("maintenir", "inactiver")
    assert lignes[coupe]["decidee_le"]
    assert (reste.get("/v1/moi").status_code, part.get("/v1/moi").status_code) == (200, 401)
    compte = gestionnaire.get(f"/v1/techniciens/{coupe}").json()
    assert (compte["statut"], compte["motif_inactivation"]) == ("inactif", "Revue d'habilitation")
    assert [type_ for type_, *_ in evenements(base, revue)] == ["revue.ouverte"] + ["revue.decision"] * 2
    avant = traces(base)
    assert decider(gestionnaire, revue, coupe, "inactiver").json() == decide.json()
    assert traces(base) == avant
    assert decider(gestionnaire, revue, garde, "inactiver").status_code == 200


@pytest.mark.regle("4.2-1")
def test_un_compte_deja_inactif_ne_se_maintient_pas(client_de, structure, ids, base):
    revue, gestionnaire = ouvrir(client_de("a-orne"), structure), client_de(structure.gestionnaires[0])
    id_ = ids[structure.techniciens[0]]
    gestionnaire.post(f"/v1/techniciens/{id_}/inactivation", {"motif": "Départ"})
    avant = traces(base)
    refus = decider(gestionnaire, revue, id_, "maintenir")
    assert (refus.status_code, refus.json()["code"]) == (409, "etat-du-compte")
    assert traces(base) == avant
    assert decider(gestionnaire, revue, id_, "inactiver").status_code == 200


@pytest.mark.regle("4.2-1")
@pytest.mark.regle("2.2.3-5")
def test_la_fin_d_un_gestionnaire_est_notee_et_revient_a_la_caisse(client_de, structure, ids, base, api):
    revue, gestionnaire = ouvrir(client_de("a-orne"), structure), client_de(structure.gestionnaires[0])
    autre = client_de(structure.gestionnaires[1])
    id_ = ids[structure.gestionnaires[1]]
    decide = decider(gestionnaire, revue, id_, "inactiver").json()
    assert {ligne["compte_id"]: ligne["decision"] for ligne in decide["lignes"]}[id_] == "inactiver"
    assert autre.get("/v1/moi").status_code == 200
    assert gestionnaire.get(f"/v1/gestionnaires/{id_}").json()["statut"] == "actif"
    demandes = base.valeur(
        "SELECT count(*) FROM demandes_habilitation WHERE partenaire_id = :p", p=structure.id
    )
    assert demandes == 0
    travailler(api)
    file_ = base.valeur("SELECT email_file FROM caisses WHERE code = '611'")
    mail = next(m for m in reversed(courriers(file_)) if revue["id"] in m.get_content())
    assert "fin d'un gestionnaire" in mail["Subject"]


@pytest.mark.regle("4.2-1")
def test_un_compte_hors_de_la_revue_ne_s_y_decide_pas(client_de, structure, fabrique, base):
    revue, gestionnaire = ouvrir(client_de("a-orne"), structure), client_de(structure.gestionnaires[0])
    neuf = fabrique.compte("technicien", partenaire_id=structure.id)
    ailleurs = fabrique.structure().techniciens[0]
    hors = {identifiant: client_de(identifiant) for identifiant in (neuf, ailleurs, "t-cias")}
    avant = traces(base)
    for identifiant, client in hors.items():
        id_ = str(base.valeur("SELECT id FROM comptes WHERE identifiant = :i", i=identifiant))
        refus = decider(gestionnaire, revue, id_, "inactiver")
        assert (refus.status_code, refus.json()["erreurs"][0]["champ"]) == (422, "/compte_id")
        assert client.get("/v1/moi").status_code == 200
    assert decider(gestionnaire, revue, id_, "supprimer").json()["code"] == "validation"
    assert traces(base) == avant


@pytest.mark.regle("4.2-1")
@pytest.mark.parametrize("qui", ["gestionnaire", "a-orne"])
def test_l_une_ou_l_autre_partie_clot_et_plus_rien_ne_s_y_decide(client_de, structure, ids, base, qui):
    revue, gestionnaire = ouvrir(client_de("a-orne"), structure), client_de(structure.gestionnaires[0])
    client = gestionnaire if qui == "gestionnaire" else client_de(qui)
    perimee = client.post(f"{CHEMIN}/{revue['id']}/cloture", If_Match='"7"')
    assert (perimee.status_code, perimee.json()["code"]) == (412, "version-perimee")
    close = client.post(f"{CHEMIN}/{revue['id']}/cloture", If_Match='"1"')
    assert (close.status_code, close.json()["statut"]) == (200, "close")
    assert close.json()["close_le"]
    assert evenements(base, revue)[-1] == ("revue.close", "611", structure.id)
    avant = traces(base)
    encore = client.post(f"{CHEMIN}/{revue['id']}/cloture")
    decision = decider(gestionnaire, revue, ids[structure.techniciens[0]], "inactiver")
    for refus in (encore, decision):
        assert (refus.status_code, refus.json()["code"]) == (409, "revue-close")
    assert traces(base) == avant
    assert client_de(structure.techniciens[0]).get("/v1/moi").status_code == 200
    assert ouvrir(client_de("a-orne"), structure)["id"] != revue["id"]


@pytest.mark.regle("4.2-1")
def test_une_seule_revue_ouverte_par_partenaire_et_caisse(client_de, structure, base):
    agent = client_de("a-orne")
    corps = {"partenaire_id": structure.id, "echeance": dans(30)}
    with ThreadPoolExecutor(6) as pool:
        reponses = list(pool.map(lambda _: agent.post(CHEMIN, corps), range(6)))
    assert sorted(r.status_code for r in reponses) == [201] + [409] * 5
    (id_,) = [r.json()["id"] for r in reponses if r.status_code == 201]
    refus = [r.json() for r in reponses if r.status_code == 409]
    assert {(r["code"], r["revue_id"]) for r in refus} == {("revue-deja-ouverte", id_)}
    avis = (
        "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'comptes.avertir_revue'"
        " AND args->>'revue_id' = :r"
    )
    assert base.valeur(avis, r=id_) == 1


@pytest.mark.regle("4.2-1")
@pytest.mark.parametrize(
    ("changement", "champ"),
    [
        ({"echeance": dans(-1)}, "/echeance"),
        ({"echeance": "9999-12-31"}, "/echeance"),
        ({"echeance": None}, "/echeance"),
        ({"periodicite_mois": 0}, "/periodicite_mois"),
        ({"periodicite_mois": 61}, "/periodicite_mois"),
        ({"statut": "close"}, "/statut"),
    ],
)
def test_une_ouverture_mal_formee_ne_laisse_rien(client_de, structure, base, changement, champ):
    avant = traces(base)
    corps = {"partenaire_id": structure.id, "echeance": dans(0)}
    refus = client_de("a-orne").post(CHEMIN, corps | changement)
    assert (refus.status_code, refus.json()["erreurs"][0]["champ"]) == (422, champ)
    assert traces(base) == avant


@pytest.mark.regle("4.2-1")
def test_chaque_mauvais_acteur_est_refuse(client_de, structure, fabrique, ids, base):
    revue = ouvrir(client_de("a-orne"), structure)
    technicien, gestionnaire = client_de(structure.techniciens[0]), client_de(structure.gestionnaires[0])
    national, voisine = client_de("n-operateur"), client_de("a-calvados")
    ailleurs = client_de(fabrique.structure(gestionnaires=1).gestionnaires[0])
    agent = client_de("a-orne")
    compte, avant = ids[structure.techniciens[0]], traces(base)
    ouverture = {"partenaire_id": structure.id, "echeance": dans(9)}
    for client in (technicien, gestionnaire, national):
        assert client.post(CHEMIN, ouverture).json()["code"] == "permission-refusee"
    assert voisine.post(CHEMIN, ouverture).status_code == 404
    for client in (technicien, national):
        assert client.get(CHEMIN).json()["code"] == "permission-refusee"
        assert client.get(f"{CHEMIN}/{revue['id']}").json()["code"] == "permission-refusee"
        assert client.post(f"{CHEMIN}/{revue['id']}/cloture").json()["code"] == "permission-refusee"
    for client in (technicien, national, agent, voisine):
        assert decider(client, revue, compte, "maintenir").json()["code"] == "permission-refusee"
    for client in (ailleurs, voisine):
        assert client.get(f"{CHEMIN}/{revue['id']}").status_code == 404
        assert client.post(f"{CHEMIN}/{revue['id']}/cloture").status_code == 404
        assert client.get(CHEMIN, partenaire_id=structure.id).json()["donnees"] == []
    assert decider(ailleurs, revue, compte, "inactiver").status_code == 404
    assert traces(base) == avant


@pytest.mark.regle("4.2-1")
def test_les_revues_sont_a_chaque_caisse(client_de, structure, fabrique, ids):
    fabrique.convention(structure.id, "141")
    orne, calvados = client_de("a-orne"), client_de("a-calvados")
    premiere, seconde = ouvrir(orne, structure), ouvrir(calvados, structure)
    assert {premiere["caisse"], seconde["caisse"]} == {"611", "141"}
    for client, visible, cachee in ((orne, premiere, seconde), (calvados, seconde, premiere)):
        lues = client.get(CHEMIN, partenaire_id=structure.id).json()["donnees"]
        assert [r["id"] for r in lues] == [visible["id"]]
        assert client.get(f"{CHEMIN}/{cachee['id']}").status_code == 404
        assert client.post(f"{CHEMIN}/{cachee['id']}/cloture").status_code == 404
    gestionnaire = client_de(structure.gestionnaires[0])
    siennes = gestionnaire.get(CHEMIN).json()["donnees"]
    assert [r["id"] for r in siennes] == [seconde["id"], premiere["id"]]
    assert decider(gestionnaire, seconde, ids[structure.techniciens[0]], "inactiver").status_code == 200
    autre = gestionnaire.get(f"{CHEMIN}/{premiere['id']}").json()
    assert all(ligne["decision"] is None for ligne in autre["lignes"])


@pytest.mark.regle("4.2-1")
def test_sans_convention_en_vigueur_rien_ne_s_ouvre_ni_ne_se_decide(
    client_de, structure, fabrique, ids, base
):
    fabrique.convention(structure.id, "141")
    revue, gestionnaire = ouvrir(client_de("a-orne"), structure), client_de(structure.gestionnaires[0])
    base.ecrire(
        "UPDATE conventions SET signee_partenaire_le = '2024-01-01', signee_caisse_le = '2024-01-01',"
        " tacite_reconduction = false WHERE partenaire_id = :p AND caisse = '611'",
        p=structure.id,
    )
    avant = traces(base)
    decision = decider(gestionnaire, revue, ids[structure.techniciens[0]], "inactiver")
    ouverture = client_de("a-orne").post(CHEMIN, {"partenaire_id": structure.id, "echeance": dans(9)})
    for refus in (decision, ouverture):
        assert (refus.status_code, refus.json()["code"]) == (403, "caisse-non-conventionnee")
    assert traces(base) == avant
    assert client_de("a-orne").post(f"{CHEMIN}/{revue['id']}/cloture").status_code == 200


@pytest.mark.regle("4.2-1")
def test_la_caisse_ouvre_pour_tous_ses_partenaires(client_de, fabrique, base):
    dedans, dehors = fabrique.structure(caisse="141"), fabrique.structure(caisse="611")
    deja = fabrique.structure(caisse="141")
    agent = client_de("a-calvados")
    ancienne = ouvrir(agent, deja)
    ouvertes = agent.post(CHEMIN, {"echeance": dans(60)})
    assert ouvertes.status_code == 201
    par_partenaire = {revue["partenaire_id"]: revue for revue in ouvertes.json()["donnees"]}
    assert len(par_partenaire[dedans.id]["lignes"]) == 1
    assert dehors.id not in par_partenaire
    assert deja.id not in par_partenaire
    assert deja.id in ouvertes.json()["deja_ouvertes"]
    assert {revue["caisse"] for revue in par_partenaire.values()} == {"141"}
    assert agent.get(f"{CHEMIN}/{ancienne['id']}").json() == ancienne
    encore = agent.post(CHEMIN, {"echeance": dans(60)}).json()
    assert encore["donnees"] == []
    assert set(encore["deja_ouvertes"]) >= {dedans.id, deja.id}


@pytest.mark.regle("4.2-1")
def test_ce_qui_est_en_retard_se_liste(client_de, structure, base):
    agent, gestionnaire = client_de("a-orne"), client_de(structure.gestionnaires[0])
    revue = ouvrir(agent, structure)
    base.ecrire(
        "UPDATE revues_habilitation SET ouverte_jour = :j, echeance = :j WHERE id = :id",
        j=today() - timedelta(days=1),
        id=revue["id"],
    )
    for client in (agent, gestionnaire):
        (lue,) = client.get(CHEMIN, en_retard=True, partenaire_id=structure.id).json()["donnees"]
        assert (lue["id"], lue["en_retard"]) == (revue["id"], True)
        assert client.get(CHEMIN, en_retard=False, partenaire_id=structure.id).json()["donnees"] == []
    gestionnaire.post(f"{CHEMIN}/{revue['id']}/cloture")
    assert gestionnaire.get(CHEMIN, en_retard=True).json()["donnees"] == []
    (lue,) = gestionnaire.get(CHEMIN, statut="close").json()["donnees"]
    assert (lue["statut"], lue["en_retard"]) == ("close", False)


def vivre(api, service, jour):
    """Call a service of the daily cycle as of a day, twice: the second changes nothing more."""

    async def deux_fois():
        with clock.pretend(datetime.combine(jour, time(12), tzinfo=ZoneInfo("Europe/Paris"))):
            async with database().transaction() as session:
                faits = await service(session, jour)
            async with database().transaction() as session:
                assert await service(session, jour) == 0
        return faits

    return api.portal.call(deux_fois)


def rappels(base, revue):
    return base.valeur(
        "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'comptes.avertir_revue'"
        " AND args->>'revue_id' = :r AND args->>'evenement' = 'revue.rappel'",
        r=revue["id"],
    )


@pytest.mark.regle("4.2-1")
def test_un_rappel_par_jour_sept_jours_avant_l_echeance(client_de, structure, base, api):
    agent = client_de("a-orne")
    revue = ouvrir(agent, structure, echeance=dans(30))
    attendus = 0
    for jour, un_de_plus in ((22, False), (23, True), (24, True), (45, True)):
        vivre(api, revues.rappeler, today() + timedelta(days=jour))
        attendus += un_de_plus
        assert rappels(base, revue) == attendus
    assert agent.get(f"{CHEMIN}/{revue['id']}").headers["etag"] == '"1"'
    agent.post(f"{CHEMIN}/{revue['id']}/cloture")
    vivre(api, revues.rappeler, today() + timedelta(days=46))
    assert rappels(base, revue) == attendus


@pytest.mark.regle("4.2-1")
def test_une_revue_periodique_se_rouvre_a_son_intervalle(client_de, structure, base, api):
    agent = client_de("a-orne")
    revue = ouvrir(agent, structure, echeance=dans(20), periodicite_mois=3)
    terme = ajouter_mois(today(), 3)

    def lues():
        return agent.get(CHEMIN, partenaire_id=structure.id).json()["donnees"]

    vivre(api, revues.rouvrir_periodiques, terme)
    assert len(lues()) == 1
    agent.post(f"{CHEMIN}/{revue['id']}/cloture")
    vivre(api, revues.rouvrir_periodiques, terme - timedelta(days=1))
    assert len(lues()) == 1
    vivre(api, revues.rouvrir_periodiques, terme)
    suivante, ancienne = lues()
    assert (suivante["statut"], ancienne["statut"]) == ("ouverte", "close")
    assert suivante["echeance"] == (terme + timedelta(days=20)).isoformat()
    assert suivante["periodicite_mois"] == 3
    assert len(suivante["lignes"]) == 4
    assert evenements(base, suivante) == [("revue.ouverte", "611", structure.id)]
    agent.post(f"{CHEMIN}/{suivante['id']}/cloture")
    unique = ouvrir(agent, structure)
    agent.post(f"{CHEMIN}/{unique['id']}/cloture")
    vivre(api, revues.rouvrir_periodiques, ajouter_mois(terme, 4))
    assert len(lues()) == 3, "the newest review, asked once, ends the series"


def test_une_cle_d_idempotence_n_ouvre_qu_une_revue(client_de, structure):
    agent, corps = client_de("a-orne"), {"partenaire_id": structure.id, "echeance": dans(30)}
    deux = [agent.post(CHEMIN, corps, Idempotency_Key=f"revue-{structure.id}") for _ in range(2)]
    assert [r.status_code for r in deux] == [201, 201]
    assert deux[0].json() == deux[1].json()
