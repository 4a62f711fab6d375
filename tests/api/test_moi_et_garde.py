"""Art. 1.2: what `GET /v1/moi` lists is what a call obtains, whatever the settings, the states and the role."""

import random
from datetime import timedelta

import pytest

from app.droits import Fonctionnalite
from app.kit.clock import today
from tests.api.test_genres import corps

DEPOTS = {
    "signalement": "signalements",
    "etude_dossier": "etudes-dossier",
    "rendez_vous": "rendez-vous",
    "document": "demandes-documents",
    "contact": "contacts",
}
CAISSES = {"611": "a-orne", "141": "a-calvados"}
HASARDS = range(8)


@pytest.fixture(autouse=True)
def defauts_rendus(base):
    """The choices of the caisses for all, given back as they were."""
    yield
    for caisse in CAISSES:
        base.ecrire("UPDATE reglages_caisses SET active = true WHERE caisse = :c", c=caisse)


def regler_au_hasard(hasard, client_de, conventions):
    """Set both levels of every function, and put each convention in some state."""
    demain = (today() + timedelta(days=1)).isoformat()
    actes = {
        "en_vigueur": None,
        "suspendue": ("suspension", {"motif": "Contrôle"}),
        "denoncee": ("denonciation", {"partie": "caisse", "le": today().isoformat(), "motif": "Fin"}),
        "resiliee": (
            "resiliation",
            {"objet": "metier", "cause": "accord", "le": today().isoformat(), "motif": "Fin"},
        ),
        "avenant": (
            "avenants",
            {
                "le": today().isoformat(),
                "objet": "A",
                "modifications": {"fonctionnalites": {"contact": False}},
            },
        ),
        "a_venir": (
            "avenants",
            {"le": demain, "objet": "A", "modifications": {"fonctionnalites": {"document": False}}},
        ),
    }
    for caisse, agent in CAISSES.items():
        client, chemin = client_de(agent), f"/v1/conventions/{conventions[caisse]}"
        for_all = {f.value: hasard.random() < 0.7 for f in Fonctionnalite}
        own = {f.value: hasard.choice((None, None, True, False)) for f in Fonctionnalite}
        assert client.put(f"/v1/caisses/{caisse}/fonctionnalites", for_all).status_code == 200
        assert client.put(f"{chemin}/fonctionnalites", own).status_code == 200
        acte = actes[hasard.choice(tuple(actes))]
        if acte:
            assert client.post(f"{chemin}/{acte[0]}", acte[1]).status_code in {200, 201}


def obtenu(client, caisse, fonctionnalite, demandes):
    """Try a function at a caisse, and return whether it is open, or the code that says why not."""
    if fonctionnalite == "historique":
        reponse = client.get(f"/v1/demandes/{demandes[caisse]}")
        return "ouverte" if reponse.status_code == 200 else reponse.json()["code"]
    chemin = DEPOTS[fonctionnalite]
    reponse = client.post(f"/v1/{chemin}", corps(chemin, caisse=caisse))
    return "ouverte" if reponse.status_code == 201 else reponse.json()["code"]


@pytest.mark.regle("1.2-8")
@pytest.mark.regle("2.2.3-2")
@pytest.mark.parametrize("graine", HASARDS)
def test_moi_dit_ce_que_chaque_appel_obtient(client_de, fabrique, graine):
    hasard = random.Random(graine)
    structure = fabrique.structure(techniciens=1, gestionnaires=1)
    conventions = {"611": structure.convention_id, "141": fabrique.convention(structure.id, "141")["id"]}
    technicien, gestionnaire = client_de(structure.techniciens[0]), client_de(structure.gestionnaires[0])
    demandes = {caisse: technicien.deposer(caisse=caisse)["id"] for caisse in CAISSES}
    regler_au_hasard(hasard, client_de, conventions)
    lu = technicien.get("/v1/moi")
    if lu.status_code == 401:  # both ended: nobody of the structure enters any more
        assert gestionnaire.get("/v1/moi").status_code == 401
        return
    moi = {c["code"]: set(c["fonctionnalites"]) for c in lu.json()["caisses"]}
    sienne = {c["code"]: set(c["fonctionnalites"]) for c in gestionnaire.get("/v1/moi").json()["caisses"]}
    assert sienne == moi
    permissions = set(lu.json()["permissions"])
    for caisse in CAISSES:
        for f in Fonctionnalite:
            vu = obtenu(technicien, caisse, f.value, demandes)
            if f.value in moi.get(caisse, ()):
                assert (caisse, f, vu) == (caisse, f, "ouverte")
            elif caisse in moi or not any(f.value in actives for actives in moi.values()):
                # A function that no caisse leaves open is refused by its name, before any caisse is looked at.
                attendus = {"fonctionnalite-inactive", "caisse-non-conventionnee"}
                assert vu in (attendus if moi.keys() != CAISSES.keys() else {"fonctionnalite-inactive"})
            else:
                assert vu in {"caisse-non-conventionnee", "introuvable"}
    toutes = set().union(*moi.values())
    assert ("demande.consulter" in permissions) == ("historique" in toutes)
    assert ("signalement.deposer" in permissions) == ("signalement" in toutes)
    assert gestionnaire.post("/v1/signalements", corps("signalements")).json()["code"] == "permission-refusee"


def choix_de(client, chemin, fonctionnalite):
    return next(f for f in client.get(chemin).json() if f["fonctionnalite"] == fonctionnalite)


@pytest.mark.regle("1.2-8")
def test_chaque_choix_garde_son_jour_et_son_auteur(client_de, fabrique):
    structure = fabrique.structure(gestionnaires=1)
    agent = client_de("a-orne")
    auteur = agent.get("/v1/moi").json()["compte"]["id"]
    chemin = f"/v1/conventions/{structure.convention_id}/fonctionnalites"
    for active in (False, False, True, None):
        assert agent.put(chemin, {"contact": active}).status_code == 200
    lu = choix_de(client_de(structure.gestionnaires[0]), chemin, "contact")
    assert [c["active"] for c in lu["historique"]] == [None, True, False]  # twice the same is written once
    assert {c["auteur_id"] for c in lu["historique"]} == {auteur} == {lu["auteur_id"]}
    assert (lu["active"], lu["ouverte"]) == (None, lu["defaut"])
    assert choix_de(agent, chemin, "document")["historique"] == []
    assert client_de("a-calvados").get(chemin).status_code == 404
    assert client_de(structure.techniciens[0]).get(chemin).json()["code"] == "permission-refusee"


@pytest.mark.regle("1.2-8")
def test_les_choix_d_une_caisse_pour_tous_sont_gardes_aussi(client_de, fabrique):
    structure = fabrique.structure(caisse="141")
    agent, chemin = client_de("a-calvados"), "/v1/caisses/141/fonctionnalites"
    toutes = {f.value: True for f in Fonctionnalite}
    avant = len(choix_de(agent, chemin, "contact")["historique"])
    for active in (False, True, True):
        assert agent.put(chemin, toutes | {"contact": active}).status_code == 200
    lu = choix_de(client_de(structure.techniciens[0]), chemin, "contact")
    assert [c["active"] for c in lu["historique"]][: len(lu["historique"]) - avant] == [True, False]
    assert (lu["active"], lu["auteur_id"]) == (True, agent.get("/v1/moi").json()["compte"]["id"])
    assert client_de("t-asso").get(chemin).status_code == 404
