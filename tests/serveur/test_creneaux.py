"""Appointments at the same instant, on two processes: one slot is chosen, and the others know it."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from tests.api.test_genres import corps as corps_du_genre
from tests.serveur.machines import ensemble


@pytest.fixture(scope="module")
def techniciens(serveur):
    return serveur.client("t-cias"), serveur.client("t-cias-2")


@pytest.fixture(scope="module")
def agents(serveur):
    return serveur.client("a-orne"), serveur.client("a-orne-2")


def des_creneaux():
    debuts = [datetime.now(UTC) + timedelta(days=jours) for jours in (3, 4)]
    return {
        "creneaux": [
            {
                "debut": debut.isoformat(),
                "fin": (debut + timedelta(minutes=30)).isoformat(),
                "mode": "telephone",
                "lieu": "0233000000",
            }
            for debut in debuts
        ]
    }


@pytest.fixture
def propose(techniciens, agents):
    """An appointment with two slots to choose from: its path, and its slots."""
    depot = techniciens[0].post("/v1/rendez-vous", corps_du_genre("rendez-vous")).json()
    chemin = f"/v1/rendez-vous/{depot['id']}"
    reponse = agents[0].post(f"{chemin}/propositions", des_creneaux())
    assert reponse.status_code == 200, reponse.text
    return chemin, reponse.json()["objet"]["creneaux"]


def confirmations(techniciens, chemin, creneaux):
    return [
        lambda a=a, c=c: a.post(f"{chemin}/confirmation", {"creneau_id": c["id"]})
        for a, c in zip(itertools.cycle(techniciens), creneaux * 4, strict=False)
    ]


def statuts(serveur, chemin):
    id_ = chemin.rpartition("/")[2]
    lignes = serveur.lignes("SELECT statut FROM creneaux WHERE demande_id = %s ORDER BY debut, id", id_)
    return [statut for (statut,) in lignes]


@pytest.mark.parametrize("tour", range(4))
def test_de_huit_confirmations_simultanees_une_seule_passe(serveur, techniciens, propose, tour):
    chemin, creneaux = propose
    reponses = ensemble(confirmations(techniciens, chemin, creneaux))
    assert sorted(r.status_code for r in reponses) == [200] + [409] * 7
    assert {r.json()["code"] for r in reponses if r.status_code == 409} == {"transition-interdite"}
    gagnante = next(r for r in reponses if r.status_code == 200)
    assert sorted(statuts(serveur, chemin)) == ["confirme", "refuse"]
    assert techniciens[1].get(chemin).json()["objet"] == gagnante.json()["objet"]
    publies = serveur.valeur(
        "SELECT count(*) FROM evenements WHERE ressource_id = %s AND type = 'rendez_vous.confirme'",
        gagnante.json()["id"],
    )
    assert publies == 1


@pytest.mark.parametrize("tour", range(4))
def test_choisir_refuser_et_reproposer_a_la_fois_laisse_un_etat_de_la_table(
    serveur, techniciens, agents, propose, tour
):
    chemin, creneaux = propose
    gestes = confirmations(techniciens, chemin, creneaux)
    gestes.append(lambda: techniciens[0].post(f"{chemin}/refus"))
    gestes.append(lambda: agents[1].post(f"{chemin}/propositions", des_creneaux()))
    gestes.append(lambda: agents[0].post(f"{chemin}/annulation-creneau"))
    reponses = ensemble(gestes)
    assert {r.status_code for r in reponses} == {200, 409}
    gagnees = [r for r in reponses[:8] if r.status_code == 200]
    tenus = statuts(serveur, chemin)
    assert len(gagnees) <= 1
    assert tenus.count("confirme") <= len(gagnees)
    assert not {"confirme", "propose"} <= set(tenus)
