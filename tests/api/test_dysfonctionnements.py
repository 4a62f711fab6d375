"""Art. 3.3: a malfunction is reported with what is needed, answered or passed on, and followed."""

import itertools
from datetime import timedelta

import pytest

from app.disponibilite.regles_dysfonctionnement import TRANSITIONS, Geste, StatutDysfonctionnement
from app.kit.clock import now
from tests.api.courrier import courriers, travailler

CHEMIN = "/v1/dysfonctionnements"
QUI = {
    "technicien": "t-cias",
    "gestionnaire": "g-cias",
    "agent_caisse": "a-orne",
    "administrateur": "n-operateur",
}
CORPS = {"reponse": {"message": "Réessayez."}, "complement": {"message": "Toujours."}}
# Who may do what, from which state to which: read again from the convention.
CONTRAT = {
    ("reponse", "agent_caisse"): {
        "signale": "pris_en_charge",
        "pris_en_charge": "pris_en_charge",
        "transmis": "transmis",
    },
    ("reponse", "administrateur"): {"transmis": "transmis"},
    ("complement", "technicien"): {s: s for s in ("signale", "pris_en_charge", "transmis")},
    ("complement", "gestionnaire"): {s: s for s in ("signale", "pris_en_charge", "transmis")},
    ("transmission", "agent_caisse"): {"signale": "transmis", "pris_en_charge": "transmis"},
    ("cloture", "technicien"): dict.fromkeys(("signale", "pris_en_charge", "transmis"), "resolu"),
    ("cloture", "gestionnaire"): dict.fromkeys(("signale", "pris_en_charge", "transmis"), "resolu"),
    ("cloture", "agent_caisse"): dict.fromkeys(("signale", "pris_en_charge", "transmis"), "resolu"),
    ("cloture", "administrateur"): {"transmis": "resolu"},
}
CHEMINS = {
    "signale": [],
    "pris_en_charge": [("agent_caisse", "reponse")],
    "transmis": [("agent_caisse", "transmission")],
    "resolu": [("agent_caisse", "transmission"), ("agent_caisse", "cloture")],
}


def signalement(**changements):
    corps = {
        "caisse": "611",
        "titre": "L'envoi s'arrête",
        "description": "L'envoi d'un message s'arrête à la moitié.",
        "survenu_le": "2026-01-05T09:30:00Z",
        "bloquant": True,
    }
    return corps | changements


def signaler(client, **changements):
    reponse = client.post(CHEMIN, signalement(**changements))
    assert reponse.status_code == 201, reponse.text
    return reponse.json()


def faire(client, lu, geste, **entetes):
    return client.post(f"{CHEMIN}/{lu['id']}/{geste}", CORPS.get(geste, {}), **entetes)


@pytest.mark.regle("3.3-2")
def test_un_dysfonctionnement_se_signale_avec_ce_qu_il_faut_et_se_suit(api, client_de, base):
    precis = {
        "fonctionnalite": "signalement",
        "identifiant_requete": "0f8a2c1e-7b1d-4a58-9a63-2f0c1d9e7b44",
        "navigateur_ou_logiciel": "Firefox 140",
    }
    signale = client_de("t-cias").post(CHEMIN, signalement(**precis))
    lu = signale.json()
    assert (signale.status_code, signale.headers["location"]) == (201, f"{CHEMIN}/{lu['id']}")
    assert {cle: lu[cle] for cle in precis} == precis
    assert (lu["statut"], lu["auteur"]["nom_affiche"]) == ("signale", "Claire MARTEL")
    assert lu["actions_possibles"] == ["complement", "cloture"]
    for nom in ("t-cias-2", "g-cias", "a-orne"):
        assert client_de(nom).get(f"{CHEMIN}/{lu['id']}").json()["id"] == lu["id"]
        assert lu["id"] in [d["id"] for d in client_de(nom).get(CHEMIN).json()["donnees"]]
    pris = faire(client_de("a-orne"), lu, "reponse").json()
    assert pris["statut"] == "pris_en_charge"
    assert [(e["geste"], e["role"], e["texte"]) for e in pris["echanges"]] == [
        ("reponse", "agent_caisse", "Réessayez.")
    ]
    faire(client_de("t-cias"), lu, "complement")
    clos = faire(client_de("t-cias"), lu, "cloture").json()
    assert (clos["statut"], clos["actions_possibles"]) == ("resolu", [])
    assert clos["resolu_le"]
    suite = base.lignes(
        "SELECT type, caisse FROM evenements WHERE ressource_id = :i ORDER BY numero", i=lu["id"]
    )
    mots = ("signale", "repondu", "complete", "resolu")
    assert [tuple(e) for e in suite] == [(f"dysfonctionnement.{mot}", "611") for mot in mots]
    journal = base.lignes("SELECT action FROM journal WHERE ressource_id = :i ORDER BY numero", i=lu["id"])
    assert [a for (a,) in journal] == [f"dysfonctionnement.{mot}" for mot in mots]
    travailler(api)
    assert [m for m in courriers("file@cpam-orne.example") if lu["id"] in m.get_content()]
    assert [m["Subject"] for m in courriers("t-cias@cias.example") if lu["id"] in m.get_content()] == [
        "Espace Partenaires : réponse à un dysfonctionnement"
    ]


@pytest.mark.regle("3.3-2")
def test_le_support_national_ne_voit_que_ce_qui_lui_est_transmis_et_personne_des_structures(api, client_de):
    operateur = client_de("n-operateur")
    lu = signaler(client_de("t-cias"))
    assert operateur.get(f"{CHEMIN}/{lu['id']}").status_code == 404
    assert lu["id"] not in operateur.get(CHEMIN, limite=200).text
    faire(client_de("t-cias"), lu, "complement")
    transmis = client_de("a-orne").post(f"{CHEMIN}/{lu['id']}/transmission", {"motif": "Constaté ici aussi."})
    assert (transmis.status_code, transmis.json()["statut"]) == (200, "transmis")
    vu = operateur.get(f"{CHEMIN}/{lu['id']}").json()
    assert vu["auteur"] is None
    assert [bool(e["auteur"]) for e in vu["echanges"]] == [False, True]
    assert "MARTEL" not in str(vu)
    assert vu["actions_possibles"] == ["reponse", "cloture"]
    repondu = faire(operateur, lu, "reponse").json()
    assert repondu["statut"] == "transmis"
    lu_par_t = client_de("t-cias").get(f"{CHEMIN}/{lu['id']}").json()
    assert [e["role"] for e in lu_par_t["echanges"]] == ["technicien", "agent_caisse", "administrateur"]
    assert faire(operateur, lu, "cloture").json()["statut"] == "resolu"
    travailler(api)
    assert [m for m in courriers("n-operateur@assurance-maladie.example") if lu["id"] in m.get_content()]


@pytest.mark.regle("3.3-2")
@pytest.mark.parametrize("statut", CHEMINS)
@pytest.mark.parametrize(("geste", "role"), CONTRAT)
def test_chaque_geste_dans_chaque_etat(client_de, statut, geste, role):
    lu = signaler(client_de("t-cias"))
    for qui, quoi in CHEMINS[statut]:
        lu = faire(client_de(QUI[qui]), lu, quoi).json()
    assert lu["statut"] == statut
    vers, reponse = CONTRAT[geste, role].get(statut), faire(client_de(QUI[role]), lu, geste)
    if vers:
        assert (reponse.status_code, reponse.json()["statut"]) == (200, vers)
        assert reponse.headers["etag"] != '"1"'
    elif role == "administrateur" and statut in {"signale", "pris_en_charge"}:
        assert reponse.status_code == 404
    else:
        assert (reponse.status_code, reponse.json()["code"]) == (409, "transition-interdite")
        assert (reponse.json()["statut"], geste in reponse.json()["actions_possibles"]) == (statut, False)


@pytest.mark.regle("3.3-2")
def test_nul_autre_ne_fait_ces_gestes(client_de):
    lu = signaler(client_de("t-cias"))
    for geste, role in itertools.product(("reponse", "complement", "transmission", "cloture"), QUI):
        if (geste, role) not in CONTRAT:
            refus = faire(client_de(QUI[role]), lu, geste)
            assert (refus.status_code, refus.json()["code"]) == (403, "permission-refusee"), (geste, role)
    assert client_de("n-operateur").post(CHEMIN, signalement()).status_code == 403


def test_la_table_des_etats_est_celle_du_contrat():
    for geste in Geste:
        permis = {k[1]: set(v) for k, v in CONTRAT.items() if k[0] == geste}
        assert {s.value for s in TRANSITIONS[geste].depuis} == set().union(*permis.values())
    assert StatutDysfonctionnement.RESOLU not in {s for t in TRANSITIONS.values() for s in t.depuis}


@pytest.mark.regle("3.3-2")
def test_ce_qu_une_caisse_signale_va_au_support_national(client_de):
    lu = signaler(client_de("a-orne"), caisse=None)
    assert (lu["statut"], lu["caisse"], lu["partenaire_id"]) == ("transmis", "611", None)
    assert client_de("n-operateur").get(f"{CHEMIN}/{lu['id']}").status_code == 200
    for nom in ("t-cias", "a-calvados"):
        assert client_de(nom).get(f"{CHEMIN}/{lu['id']}").status_code == 404


def test_la_caisse_est_celle_d_une_convention(client_de, fabrique):
    assert signaler(client_de("t-asso"), caisse=None)["caisse"] == "611"
    ambigu = client_de("t-cias").post(CHEMIN, signalement(caisse=None))
    assert (ambigu.status_code, ambigu.json()["code"]) == (403, "caisse-non-conventionnee")
    assert ambigu.json()["caisses"] == ["141", "611"]
    for nom, code in (("t-asso", "141"), ("a-orne", "141"), ("t-cias", "998")):
        refus = client_de(nom).post(CHEMIN, signalement(caisse=code))
        assert (refus.status_code, refus.json()["code"]) == (403, "caisse-non-conventionnee")


@pytest.mark.regle("3.3-2")
def test_la_fin_de_la_convention_ferme_ses_dysfonctionnements(client_de, fabrique, base):
    structure = fabrique.structure(techniciens=1)
    fabrique.convention(structure.id, "141")
    technicien = client_de(structure.techniciens[0])
    lu = signaler(technicien)
    base.ecrire("UPDATE conventions SET suspendue_le = now() WHERE id = :i", i=structure.convention_id)
    assert technicien.get(f"{CHEMIN}/{lu['id']}").status_code == 404
    assert technicien.get(CHEMIN).json()["donnees"] == []
    assert client_de("a-orne").get(f"{CHEMIN}/{lu['id']}").status_code == 200


@pytest.mark.parametrize(
    ("changement", "champ"),
    [
        ({"survenu_le": (now() + timedelta(hours=1)).isoformat()}, "/survenu_le"),
        ({"survenu_le": "2026-01-05T09:30:00"}, "/survenu_le"),
        ({"bloquant": "oui"}, "/bloquant"),
        ({"titre": "  "}, "/titre"),
        ({"fonctionnalite": "accueil"}, "/fonctionnalite"),
        ({"identifiant_requete": "deux mots"}, "/identifiant_requete"),
        ({"description": None}, "/description"),
    ],
)
def test_un_signalement_incomplet_est_refuse(client_de, changement, champ):
    refus = client_de("t-cias").post(CHEMIN, signalement(**changement))
    assert (refus.status_code, [e["champ"] for e in refus.json()["erreurs"]]) == (422, [champ])


@pytest.mark.regle("5-3")
def test_une_donnee_de_sante_se_confirme_et_se_journalise(client_de, base):
    texte = "Monsieur souffre d'un cancer du poumon."
    refus = client_de("t-cias").post(CHEMIN, signalement(description=texte))
    assert (refus.status_code, refus.json()["code"]) == (422, "donnee-de-sante")
    lu = signaler(client_de("t-cias"), description=texte, texte_confirme=True)
    reponse = client_de("a-orne").post(
        f"{CHEMIN}/{lu['id']}/reponse", {"message": texte, "texte_confirme": True}
    )
    assert reponse.status_code == 200
    sql = "SELECT count(*) FROM journal WHERE ressource_id = :i AND action = 'texte.confirme'"
    assert base.valeur(sql, i=lu["id"]) == 2


def test_une_version_perimee_ne_change_rien(client_de):
    lu = signaler(client_de("t-cias"))
    assert faire(client_de("a-orne"), lu, "reponse", If_Match='"1"').status_code == 200
    refus = faire(client_de("a-orne"), lu, "cloture", If_Match='"1"')
    assert (refus.status_code, refus.json()["code"]) == (412, "version-perimee")


def test_la_liste_se_filtre(client_de):
    agent = client_de("a-orne")
    bloquant, genant = signaler(client_de("t-cias")), signaler(client_de("t-cias"), bloquant=False)
    faire(agent, bloquant, "reponse")
    ids = [d["id"] for d in agent.get(CHEMIN, bloquant="true", statut="pris_en_charge").json()["donnees"]]
    assert bloquant["id"] in ids
    assert genant["id"] not in ids
    assert genant["id"] in [d["id"] for d in agent.get(CHEMIN, bloquant="false").json()["donnees"]]
