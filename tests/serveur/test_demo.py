"""What a visitor finds in the demo: appointments at each step, documents, pieces that open."""

import io
from functools import cache

import pytest
from icalendar import Calendar

from app.pieces.examen import examiner
from tests.serveur.machines import dossier_court, un_serveur

ETAPES = {
    "Morel": (["propose", "propose", "propose"], None, ["confirmation", "refus"]),
    "Picard": (["confirme", "refuse"], None, ["annulation-creneau"]),
    "Renault": (["confirme"], True, []),
    "Berthier": (["refuse"], None, []),
    "Caron": (["annule"], None, []),
}
CALENDRIERS = {"Picard": b"PUBLISH", "Renault": b"PUBLISH", "Caron": b"CANCEL"}
DES_CRENEAUX = {"confirmation", "refus", "annulation-creneau"}


@pytest.fixture(scope="module")
def client_de():
    """Callers of a server of its own: nothing that another test does to the demo is seen here."""
    with dossier_court() as dossier, un_serveur(dossier, workers=1) as serveur:
        yield cache(serveur.client)


@pytest.fixture(scope="module")
def trouver(client_de):
    """The only request of the demo for a person, as one of its accounts reads it."""

    def trouver_(identifiant, nom, type_):
        (demande,) = (
            client_de(identifiant)
            .post("/v1/demandes/recherche", {"nom": nom, "type": type_})
            .json()["donnees"]
        )
        return demande

    return trouver_


@pytest.mark.parametrize("nom", ETAPES)
def test_un_rendez_vous_a_chaque_etape(trouver, nom):
    statuts, honore, gestes = ETAPES[nom]
    demande = trouver("t-cias", nom, "rendez_vous")
    assert demande["statut"] == "en_cours"
    assert sorted(creneau["statut"] for creneau in demande["objet"]["creneaux"]) == statuts
    assert demande["objet"]["honore"] is honore
    assert DES_CRENEAUX.intersection(demande["actions_possibles"]) == set(gestes)


@pytest.mark.parametrize("nom", CALENDRIERS)
def test_le_calendrier_suit_chaque_etape(client_de, trouver, nom):
    demande = trouver("t-cias", nom, "rendez_vous")
    fichier = client_de("t-cias").get(f"/v1/rendez-vous/{demande['id']}/calendrier.ics")
    assert Calendar.from_ical(fichier.content)["method"].encode() == CALENDRIERS[nom]


@pytest.mark.regle("1.2-6")
def test_un_document_est_parti_par_la_poste(trouver):
    demande = trouver("t-cias", "Thomas", "document")
    assert (demande["statut"], demande["issue"], demande["pieces"]) == ("cloturee", "traitee", [])
    assert demande["deposee_le"][:10] < demande["objet"]["envoye_le"] <= demande["cloturee_le"][:10]


@pytest.mark.regle("1.3-1")
def test_une_piece_de_chaque_cote_se_telecharge_et_se_lit(client_de, trouver):
    demande = trouver("t-tutelle", "Vallée", "document")
    assert [(p["sens"], p["nature"], p["type_mime"], p["statut"]) for p in demande["pieces"]] == [
        ("entrante", "courrier", "image/jpeg", "acceptee"),
        ("sortante", "attestation_droits", "application/pdf", "acceptee"),
    ]
    assert [message["pieces"] for message in demande["messages"]] == [[demande["pieces"][1]["id"]]]
    for identifiant in ("t-tutelle", "a-orne"):
        for piece in demande["pieces"]:
            chemin = f"/v1/demandes/{demande['id']}/pieces/{piece['id']}/contenu"
            contenu = client_de(identifiant).get(chemin).content
            assert examiner(io.BytesIO(contenu)) == {"type_mime": piece["type_mime"]}
