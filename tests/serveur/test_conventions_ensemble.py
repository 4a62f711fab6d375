"""Acts on one convention at the same instant, on two processes: one order, no period twice."""

import itertools

import pytest

from app.kit.clock import today
from tests.outils import un_siret
from tests.serveur.machines import cle, ensemble

METIER = {"reference": "METIER", "signee_le": "2026-01-10"}


@pytest.fixture(scope="module")
def agents(serveur):
    return serveur.client("a-orne"), serveur.client("a-orne-2")


@pytest.fixture
def convention(agents):
    corps = {
        "raison_sociale": "Structure ensemble",
        "siret": un_siret(),
        "type": "association",
        "effectif": 8,
    }
    corps |= {"domaines_email": ["ensemble.example"], "departement": "61"}
    qui = agents[0].post("/v1/partenaires", corps).json()["id"]
    return signer(agents[0], qui, "2026-02-02")


def signer(agent, qui, jour):
    signatures = {"signee_partenaire_le": jour, "signee_caisse_le": jour}
    reponse = agent.post("/v1/conventions", {"partenaire_id": qui, "metier": METIER} | signatures)
    assert reponse.status_code == 201, reponse.text
    return reponse.json()


def resiliation(le):
    return {"objet": "metier", "cause": "accord", "le": le, "motif": "D'un commun accord"}


AVENANT = {"le": "2026-03-01", "objet": "Report", "modifications": {"tacite_reconduction": False}}


def codes(reponses):
    return sorted(r.status_code for r in reponses)


@pytest.mark.regle("8.2-1")
def test_vingt_resiliations_ensemble_une_seule_compte(serveur, agents, convention):
    chemin, jours = f"/v1/conventions/{convention['id']}/resiliation", range(1, 21)
    appels = zip(itertools.cycle(agents), jours, strict=False)
    reponses = ensemble([lambda a=a, j=j: a.post(chemin, resiliation(f"2026-03-{j:02d}")) for a, j in appels])
    assert codes(reponses) == [200] + [409] * 19
    assert {r.json()["code"] for r in reponses if r.status_code == 409} == {"etat-de-la-convention"}
    gagnee = next(r.json() for r in reponses if r.status_code == 200)
    sql = "SELECT resiliee_le::text FROM conventions WHERE id = %s"
    assert serveur.valeur(sql, convention["id"]) == gagnee["resiliation"]["le"]
    sql = "SELECT count(*) FROM evenements WHERE ressource_id = %s AND type = 'convention.resiliee'"
    assert serveur.valeur(sql, convention["id"]) == 1


@pytest.mark.regle("8.3-1")
def test_avenants_et_resiliation_ensemble_laissent_une_periode_que_les_dates_disent(
    serveur, agents, convention
):
    chemin = f"/v1/conventions/{convention['id']}"
    appels = [lambda a=a: a.post(f"{chemin}/avenants", AVENANT, Idempotency_Key=cle()) for a in agents * 5]
    appels.insert(5, lambda: agents[0].post(f"{chemin}/resiliation", resiliation(today().isoformat())))
    reponses = ensemble(appels)
    assert {r.status_code for r in reponses} <= {200, 201, 409}
    assert sum(r.status_code == 200 for r in reponses) == 1
    faits = sum(r.status_code == 201 for r in reponses)
    assert serveur.valeur("SELECT count(*) FROM avenants WHERE convention_id = %s", convention["id"]) == faits
    lue = agents[1].get(chemin).json()
    assert (lue["statut"], lue["resiliation"]["le"]) == ("resiliee", today().isoformat())
    sql = "SELECT upper(periode)::text FROM conventions WHERE id = %s"
    assert serveur.valeur(sql, convention["id"]) == today().isoformat()


def test_dix_avenants_sous_la_meme_version_un_seul_passe(agents, convention):
    chemin = f"/v1/conventions/{convention['id']}"
    etag = agents[0].get(chemin).headers["etag"]
    reponses = ensemble(
        [lambda a=a: a.post(f"{chemin}/avenants", AVENANT, If_Match=etag) for a in agents * 5]
    )
    assert codes(reponses) == [201] + [412] * 9


def test_une_fin_qui_s_allonge_et_une_convention_qui_commence_ne_se_rencontrent_pas(
    serveur, agents, convention
):
    """Ended today by both, another is signed today: at the same instant, one period holds each day."""
    qui, chemin = convention["partenaire_id"], f"/v1/conventions/{convention['id']}"
    signature = {"signee_partenaire_le": today().isoformat(), "signee_caisse_le": today().isoformat()}
    nouvelle = {"partenaire_id": qui, "metier": METIER} | signature
    appels = [lambda a=a: a.post("/v1/conventions", nouvelle, Idempotency_Key=cle()) for a in agents * 4]
    appels.insert(4, lambda: agents[0].post(f"{chemin}/resiliation", resiliation(today().isoformat())))
    reponses = ensemble(appels)
    assert sum(r.status_code == 201 for r in reponses) <= 1
    assert {r.status_code for r in reponses} <= {200, 201, 409}
    sql = (
        "SELECT count(*) FROM conventions a JOIN conventions b ON a.id < b.id AND a.caisse = b.caisse"
        " AND a.partenaire_id = b.partenaire_id AND a.periode && b.periode WHERE a.partenaire_id = %s"
    )
    assert serveur.valeur(sql, qui) == 0
    assert sum(c["statut"] == "resiliee" for c in liste(agents[0], qui)) == 1


def liste(agent, qui):
    lues = agent.get("/v1/conventions?limite=200").json()["donnees"]
    return [c for c in lues if c["partenaire_id"] == qui]


IDENTITE = {"civilite": "mme", "nom": "Garance", "prenom": "Odile", "fonction": "Directrice"}
IDENTITE |= {"telephone": "+33261910055", "email": "o.garance@ensemble.example"}


@pytest.mark.regle("2.2.3-1")
def test_deux_caisses_qui_rouvrent_une_structure_et_la_regle_du_jour_eteignent_une_fois(
    serveur, agents, convention
):
    """Closed for months and settled by nobody: signatures and `lifecycle` meet, and each account ends once."""
    qui, chemin = convention["partenaire_id"], f"/v1/conventions/{convention['id']}"
    corps = {"nature": "creation", "partenaire_id": qui, "identite": IDENTITE}
    demande = agents[0].post("/v1/demandes-habilitation", corps).json()
    accepte = agents[0].post(f"/v1/demandes-habilitation/{demande['id']}/acceptation")
    assert accepte.status_code == 200, accepte.text
    assert agents[0].post(f"{chemin}/resiliation", resiliation("2026-06-01")).status_code == 200
    jour = today().isoformat()
    nouvelle = {"partenaire_id": qui, "metier": METIER} | dict.fromkeys(
        ("signee_partenaire_le", "signee_caisse_le"), jour
    )
    caisses = [*agents, serveur.client("a-calvados")] * 3
    appels = [lambda a=a: a.post("/v1/conventions", nouvelle, Idempotency_Key=cle()) for a in caisses]
    *reponses, commande = ensemble([*appels, lambda: serveur.commande("lifecycle")])
    assert (codes(reponses), commande.returncode) == ([201, 201] + [409] * 7, 0), commande.stderr
    sql = "SELECT statut, inactive_le IS NOT NULL, id::text FROM comptes WHERE partenaire_id = %s"
    ((statut, date, id_),) = serveur.lignes(sql, qui)
    assert (statut, date) == ("inactif", True)
    sql = "SELECT count(*) FROM evenements WHERE ressource_id = %s AND type = 'compte.inactive'"
    assert serveur.valeur(sql, id_) == 1
    sql = "SELECT count(*) FROM evenements WHERE ressource_id = %s AND type = 'convention.resiliee'"
    assert serveur.valeur(sql, convention["id"]) == 1
