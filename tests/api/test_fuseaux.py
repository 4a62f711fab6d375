"""Days are those of the caisse: around midnight, La Réunion lives tomorrow and la Martinique still today."""

from datetime import date, datetime, timedelta

import pytest
import time_machine

from app.kit.calendrier import ajouter_jours_ouvres, ajouter_mois
from app.kit.clock import today
from tests.outils import Client, un_signalement, un_siret

JOUR = today() + timedelta(days=1)
# The hour (UTC, of JOUR), and the day that it is then at each caisse.
CAISSES = {
    "997": ("974", "21:30", JOUR + timedelta(days=1)),
    "996": ("972", "23:30", JOUR),
    "995": ("61", "21:30", JOUR),
}
PARIS = {"997": JOUR, "996": JOUR + timedelta(days=1), "995": JOUR}
pytestmark = pytest.mark.parametrize("code", CAISSES)


@pytest.fixture
def lieu(api, client_de, fabrique, base, code):
    """A caisse of the place with an agent, and a structure that has just signed with it, at that very hour."""
    departement, heure, jour = CAISSES[code]
    if not base.lignes("SELECT 1 FROM caisses WHERE code = :c", c=code):
        caisse = {"code": code, "nom": f"Caisse {departement}", "departement": departement}
        caisse |= {"departements": ["88"], "email_file": f"file@c{code}.example"}
        assert client_de("n-operateur").post("/v1/caisses", caisse).status_code == 201
    identifiant = fabrique.compte("agent_caisse", caisse=code)
    instant = datetime.fromisoformat(f"{JOUR}T{heure}:00+00:00")
    with time_machine.travel(instant):
        agent = Client.connecte(api, identifiant)
        corps = {"raison_sociale": "Structure d'ailleurs", "siret": un_siret(), "type": "association"}
        corps |= {"effectif": 5, "domaines_email": ["essai.example"], "departement": departement}
        partenaire = agent.post("/v1/partenaires", corps)
        assert partenaire.status_code == 201, partenaire.text
        convention = agent.post(
            "/v1/conventions",
            {
                "partenaire_id": partenaire.json()["id"],
                "metier": {"reference": "M", "signee_le": "2026-01-10"},
                "signee_partenaire_le": "2026-01-10",
                "signee_caisse_le": jour.isoformat(),
            },
        )
        assert convention.status_code == 201, convention.text
        technicien = fabrique.compte("technicien", partenaire_id=partenaire.json()["id"])
        yield agent, Client.connecte(api, technicien), jour


def deposer(technicien, code, jour, **changements):
    consentement = {"recueilli": True, "date": jour.isoformat(), "modalite": "oral"}
    return technicien.post(
        "/v1/signalements", un_signalement(caisse=code, consentement=consentement, **changements)
    )


@pytest.mark.regle("1.1-3")
def test_le_jour_du_depot_est_celui_de_la_caisse(lieu, code):
    _, technicien, jour = lieu
    assert deposer(technicien, code, jour + timedelta(days=1)).json()["code"] == "validation"
    depot = deposer(technicien, code, jour)
    assert depot.status_code == 201, depot.text
    echeance = ajouter_jours_ouvres(jour, 10, CAISSES[code][0])
    assert date.fromisoformat(depot.json()["echeance"]) == echeance


def test_le_retard_commence_le_jour_de_la_caisse(lieu, code, base):
    agent, technicien, jour = lieu
    demande = deposer(technicien, code, jour).json()["id"]
    for echeance, en_retard in ((jour, False), (jour - timedelta(days=1), True)):
        base.ecrire("UPDATE demandes SET echeance = :e WHERE id = :id", e=echeance, id=demande)
        for client in (agent, technicien):
            assert client.get(f"/v1/demandes/{demande}").json()["en_retard"] is en_retard
            page = client.get("/v1/demandes", en_retard="true", limite=200).json()["donnees"]
            assert (demande in [d["id"] for d in page]) is en_retard


def test_un_complement_rend_les_jours_depuis_le_jour_de_la_caisse(lieu, code, base):
    agent, technicien, jour = lieu
    chemin = f"/v1/demandes/{deposer(technicien, code, jour).json()['id']}"
    agent.post(f"{chemin}/prise-en-charge")
    agent.post(f"{chemin}/demande-complement", {"message": "Merci de joindre l'avis."})
    rendue = technicien.post(f"{chemin}/messages", {"texte": "Le voici."}).json()
    assert rendue["echeance"] == ajouter_jours_ouvres(jour, 10, CAISSES[code][0]).isoformat()


@pytest.mark.regle("8.1-1")
def test_la_convention_vaut_son_dernier_jour_entier_et_pas_au_dela(lieu, code, base):
    _, technicien, jour = lieu
    assert [c["code"] for c in technicien.get("/v1/moi").json()["caisses"]] == [code]
    dernier = (
        "UPDATE conventions SET signee_caisse_le = :d, signee_partenaire_le = :d,"
        " tacite_reconduction = false WHERE caisse = :c"
    )
    un_an = ajouter_mois(jour, -12)
    base.ecrire(dernier, d=un_an + timedelta(days=1), c=code)
    assert [c["code"] for c in technicien.get("/v1/moi").json()["caisses"]] == [code]
    base.ecrire(dernier, d=un_an, c=code)
    assert technicien.get("/v1/moi").status_code == 401
