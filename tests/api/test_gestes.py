"""The gestures on a request: which state allows which, and what each leaves."""

import itertools
from datetime import timedelta

import pytest

from app.demandes.regles import TRANSITIONS, Geste, Statut
from app.kit.calendrier import ajouter_jours_ouvres
from app.kit.clock import today
from tests.outils import Client

ROLE = {"technicien": "t-cias", "agent_caisse": "a-orne"}
CORPS = {
    "demande-complement": {"message": "Merci d'envoyer l'avis."},
    "messages": {"texte": "Merci."},
    "cloture": {"issue": "sans_suite", "message": "Sans nouvelle."},
    "annulation": {"motif": "Démarche faite."},
    "retrait-consentement": {"date": today().isoformat()},
}
# What brings a new request to each state.
CHEMINS = {
    "deposee": [],
    "en_cours": [("agent_caisse", "prise-en-charge")],
    "complement_demande": [("agent_caisse", "prise-en-charge"), ("agent_caisse", "demande-complement")],
    "cloturee": [("agent_caisse", "cloture")],
    "annulee": [("technicien", "annulation")],
}
# The contract's table, read again: gesture, who, from, to.
CONTRAT = {
    ("prise-en-charge", "agent_caisse"): {"deposee": "en_cours"},
    ("affectation", "agent_caisse"): {s: s for s in ("deposee", "en_cours", "complement_demande")},
    ("demande-complement", "agent_caisse"): {"en_cours": "complement_demande"},
    ("messages", "agent_caisse"): {s: s for s in ("deposee", "en_cours", "complement_demande")},
    ("messages", "technicien"): {
        "deposee": "deposee",
        "en_cours": "en_cours",
        "complement_demande": "en_cours",
    },
    ("cloture", "agent_caisse"): dict.fromkeys(("deposee", "en_cours", "complement_demande"), "cloturee"),
    ("annulation", "technicien"): dict.fromkeys(("deposee", "en_cours", "complement_demande"), "annulee"),
    ("retrait-consentement", "technicien"): dict.fromkeys(
        ("deposee", "en_cours", "complement_demande"), "annulee"
    ),
    ("retrait-consentement", "agent_caisse"): dict.fromkeys(
        ("deposee", "en_cours", "complement_demande"), "annulee"
    ),
}


def faire(client_de, demande, geste, role, base):
    corps = CORPS.get(geste)
    if geste == "affectation":
        corps = {"agent_id": str(base.valeur("SELECT id FROM comptes WHERE identifiant = 'a-orne'"))}
    return client_de(ROLE[role]).post(f"/v1/demandes/{demande['id']}/{geste}", corps)


@pytest.mark.regle("1.1-3")
@pytest.mark.parametrize("statut", CHEMINS)
@pytest.mark.parametrize(("geste", "role"), CONTRAT)
def test_chaque_geste_dans_chaque_etat_comme_au_contrat(client_de, base, statut, geste, role):
    demande = client_de("t-cias").deposer()
    for qui, quoi in CHEMINS[statut]:
        demande = faire(client_de, demande, quoi, qui, base).json()
    assert demande["statut"] == statut
    reponse = faire(client_de, demande, geste, role, base)
    vers = CONTRAT[geste, role].get(statut)
    lue = client_de(ROLE[role]).get(f"/v1/demandes/{demande['id']}").json()
    if vers is None:
        assert (reponse.status_code, reponse.json()["code"]) == (409, "transition-interdite")
        assert reponse.json()["statut"] == statut
        assert geste not in reponse.json()["actions_possibles"]
        assert lue["statut"] == statut
    else:
        assert (reponse.status_code, reponse.json()["statut"]) == (200, vers)
        assert reponse.headers["etag"] not in {None, '"1"'}
        assert lue == reponse.json()


@pytest.mark.parametrize("role", ROLE)
@pytest.mark.parametrize("statut", CHEMINS)
def test_les_actions_possibles_sont_celles_que_le_contrat_permet(client_de, base, statut, role):
    demande = client_de("t-cias").deposer()
    for qui, quoi in CHEMINS[statut]:
        faire(client_de, demande, quoi, qui, base)
    lue = client_de(ROLE[role]).get(f"/v1/demandes/{demande['id']}").json()
    permis = {geste for (geste, qui), depuis in CONTRAT.items() if qui == role and statut in depuis}
    assert set(lue["actions_possibles"]) == permis


def test_le_contrat_relu_couvre_tous_les_gestes():
    communs = {geste.value for geste in Geste if not TRANSITIONS[geste].propre}  # of every kind
    assert {geste for geste, _ in CONTRAT} == communs
    for (geste, _), statut in itertools.product(CONTRAT, Statut):
        prevu = any(statut in CONTRAT[g, r] for g, r in CONTRAT if g == geste)
        assert prevu == (statut in TRANSITIONS[Geste(geste)].depuis)


def test_le_delai_s_arrete_pendant_le_complement_et_rend_les_jours_restants(client_de, base):
    demande = client_de("t-cias").deposer()
    chemin = f"/v1/demandes/{demande['id']}"
    agent = client_de("a-orne")
    agent.post(f"{chemin}/prise-en-charge")
    agent.post(f"{chemin}/demande-complement", CORPS["demande-complement"])
    # Three working weeks pass: the days left when the clock stopped are given back from today.
    base.ecrire("UPDATE demandes SET jours_restants = 4 WHERE id = :id", id=demande["id"])
    rendue = client_de("t-cias").post(f"{chemin}/messages", CORPS["messages"]).json()

    assert rendue["echeance"] == ajouter_jours_ouvres(today(), 4, "61").isoformat()


def test_une_demande_en_retard_se_voit_et_se_filtre(client_de, base):
    demande = client_de("t-cias").deposer()
    hier = today() - timedelta(days=2)
    base.ecrire("UPDATE demandes SET echeance = :hier WHERE id = :id", hier=hier, id=demande["id"])
    agent = client_de("a-orne")
    retards = agent.get("/v1/demandes", en_retard="true", limite=200).json()["donnees"]
    assert demande["id"] in [d["id"] for d in retards]
    assert all(d["en_retard"] for d in retards)
    a_jour = agent.get("/v1/demandes", en_retard="false", limite=200).json()["donnees"]
    assert demande["id"] not in [d["id"] for d in a_jour]
    assert not any(d["en_retard"] for d in a_jour)
    faire(client_de, demande, "cloture", "agent_caisse", base)
    assert client_de("t-cias").get(f"/v1/demandes/{demande['id']}").json()["en_retard"] is False


def test_le_retrait_du_consentement_annule_avec_son_motif(client_de):
    demande = client_de("t-cias").deposer()
    chemin = f"/v1/demandes/{demande['id']}/retrait-consentement"
    avant = client_de("t-cias").post(chemin, {"date": "2025-12-31"})
    assert avant.json()["erreurs"][0]["champ"] == "/date"
    retiree = client_de("a-orne").post(chemin, {"date": "2026-02-01"}).json()
    assert (retiree["statut"], retiree["motif_annulation"]) == ("annulee", "consentement_retire")
    assert retiree["consentement"]["retire_le"] == "2026-02-01"


@pytest.mark.parametrize("version", ['"99"', '"0"', 'W/"99"'])
def test_une_version_perimee_ne_change_rien(client_de, version):
    demande = client_de("t-cias").deposer()
    chemin = f"/v1/demandes/{demande['id']}"
    refus = client_de("a-orne").post(f"{chemin}/prise-en-charge", If_Match=version)
    assert (refus.status_code, refus.json()["code"]) == (412, "version-perimee")
    assert client_de("a-orne").get(chemin).json()["statut"] == "deposee"


def test_l_etag_est_le_meme_pour_chacun_et_epargne_une_lecture(client_de):
    demande = client_de("t-cias").deposer()
    chemin = f"/v1/demandes/{demande['id']}"
    etags = {client_de(qui).get(chemin).headers["etag"] for qui in ("t-cias", "a-orne")}
    assert len(etags) == 1
    inchangee = client_de("t-cias").appel("GET", chemin, entetes={"If-None-Match": etags.pop()})
    assert (inchangee.status_code, inchangee.content) == (304, b"")


def test_le_back_office_d_une_caisse_traite_pour_elle(api, client_de, demo):

    application = next(a for a in demo["applications"] if a["caisse"] == "611")
    reponse = api.post(
        "/v1/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(application["client_id"], application["client_secret"]),
    )
    assert reponse.status_code == 200
    back_office = Client(api, reponse.json()["access_token"])
    demande = client_de("t-cias").deposer()
    prise = back_office.post(f"/v1/demandes/{demande['id']}/prise-en-charge").json()
    assert (prise["statut"], prise["agent"]) == ("en_cours", None)
    close = back_office.post(f"/v1/demandes/{demande['id']}/cloture", CORPS["cloture"]).json()
    assert close["messages"][0]["auteur"]["nom_affiche"] == "Back-office de la caisse 611"
