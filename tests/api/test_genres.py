"""Art. 1.2: the five kinds of requests, one mechanism: each with its own fields, its function and its queue."""

import pytest

from tests.outils import un_signalement

GENRES = {
    "signalements": ("signalement", "SIG", {"difficultes": ["numerique"]}, "numerique"),
    "etudes-dossier": ("etude_dossier", "ETU", {"droit": "ame"}, "ame"),
    "rendez-vous": (
        "rendez_vous",
        "RDV",
        {
            "motif": "prestations",
            "mode": "telephone",
            "disponibilites": [{"debut": "2027-01-11T09:00:00+01:00", "fin": "2027-01-11T12:00:00+01:00"}],
        },
        "prestations",
    ),
    "demandes-documents": ("document", "DOC", {"document": "certificat_provisoire"}, "certificat_provisoire"),
    "contacts": ("contact", "CON", {"sujet": "suivi", "message": "Où en est la demande ?"}, "suivi"),
}


def corps(chemin, **changements):
    return un_signalement(difficultes=...) | GENRES[chemin][2] | changements


@pytest.mark.regle("1.2-1")
@pytest.mark.regle("1.2-2")
@pytest.mark.regle("1.2-3")
@pytest.mark.regle("1.2-4")
@pytest.mark.regle("1.2-5")
@pytest.mark.parametrize("chemin", GENRES)
def test_une_demande_de_chaque_type_du_depot_a_la_cloture(client_de, chemin):
    type_, prefixe, propres, theme = GENRES[chemin]
    technicien, agent = client_de("t-cias"), client_de("a-orne")
    depot = technicien.post(f"/v1/{chemin}", corps(chemin))
    assert depot.status_code == 201, depot.text
    lue = depot.json()
    assert (lue["type"], lue["reference"][:3], lue["theme"]) == (type_, prefixe, theme)
    assert {cle: lue["objet"][cle] for cle in propres} == propres
    file = agent.get("/v1/demandes", type=type_, theme=theme, limite=200).json()["donnees"]
    assert lue["id"] in [demande["id"] for demande in file]
    for liste in (f"/v1/{chemin}", "/v1/demandes"):
        assert lue["id"] in [d["id"] for d in technicien.get(liste, limite=200).json()["donnees"]]
    assert technicien.get(f"/v1/{chemin}/{lue['id']}").json() == lue
    close = agent.post(f"/v1/demandes/{lue['id']}/cloture", {"issue": "traitee", "message": "Fait."})
    assert (close.status_code, close.json()["statut"]) == (200, "cloturee")
    assert close.json()["objet"] == lue["objet"]


@pytest.mark.parametrize("chemin", GENRES)
@pytest.mark.parametrize("identifiant", ["g-cias", "a-orne", "n-operateur"])
def test_seul_un_technicien_depose(client_de, chemin, identifiant):
    refus = client_de(identifiant).post(f"/v1/{chemin}", corps(chemin))
    assert (refus.status_code, refus.json()["code"]) == (403, "permission-refusee")


@pytest.mark.parametrize("chemin", GENRES)
def test_chaque_champ_propre_est_obligatoire_et_de_la_nomenclature(client_de, chemin):
    technicien = client_de("t-cias")
    for champ in GENRES[chemin][2]:
        sans = {cle: valeur for cle, valeur in corps(chemin).items() if cle != champ}
        refus = technicien.post(f"/v1/{chemin}", sans)
        assert refus.status_code == 422
        assert refus.json()["erreurs"][0]["champ"].startswith(f"/{champ}")
        if champ not in {"message", "disponibilites"}:
            faux = technicien.post(f"/v1/{chemin}", corps(chemin, **{champ: "inconnu"}))
            assert faux.json()["code"] == "validation"


@pytest.mark.parametrize("chemin", GENRES)
def test_chaque_type_est_une_fonctionnalite_de_la_caisse(client_de, base, fabrique, chemin):
    type_ = GENRES[chemin][0]
    technicien = client_de(fabrique.structure(caisse="141").techniciens[0])
    base.ecrire(
        "INSERT INTO reglages_caisses (caisse, fonctionnalite, active) VALUES ('141', :f, false)", f=type_
    )
    try:
        refus = technicien.post(f"/v1/{chemin}", corps(chemin, caisse="141"))
        assert (refus.json()["code"], refus.json()["fonctionnalite"]) == ("fonctionnalite-inactive", type_)
    finally:
        base.ecrire("DELETE FROM reglages_caisses WHERE caisse = '141'")
    assert technicien.post(f"/v1/{chemin}", corps(chemin, caisse="141")).status_code == 201


def test_un_type_ne_se_lit_pas_sous_l_adresse_d_un_autre(client_de):
    technicien = client_de("t-cias")
    contact = technicien.post("/v1/contacts", corps("contacts")).json()
    assert technicien.get(f"/v1/signalements/{contact['id']}").status_code == 404
    assert contact["id"] not in [
        d["id"] for d in technicien.get("/v1/signalements", limite=200).json()["donnees"]
    ]


def test_deux_types_pour_une_personne_ne_sont_pas_un_doublon(client_de):
    technicien = client_de("t-cias")
    depot = corps("contacts")
    assert technicien.post("/v1/contacts", depot).status_code == 201
    assert technicien.post("/v1/contacts", depot).json()["code"] == "demarche-en-cours"
    etude = {cle: depot[cle] for cle in ("assure", "consentement")} | {"droit": "c2s"}
    assert technicien.post("/v1/etudes-dossier", etude).status_code == 201


def test_une_disponibilite_finit_apres_son_debut_et_dit_son_fuseau(client_de):
    technicien = client_de("t-cias")
    for debut, fin in (
        ("2027-01-11T12:00:00+01:00", "2027-01-11T09:00:00+01:00"),
        ("2027-01-11T09:00:00", "2027-01-11T12:00:00"),
        ("2027-01-11", "2027-01-12"),
    ):
        refus = technicien.post(
            "/v1/rendez-vous", corps("rendez-vous", disponibilites=[{"debut": debut, "fin": fin}])
        )
        assert (refus.status_code, refus.json()["code"]) == (422, "validation")


def test_le_message_d_un_contact_est_relu_par_le_garde(client_de):
    technicien = client_de("t-cias")
    refus = technicien.post(
        "/v1/contacts", corps("contacts", message="Il est en dialyse trois fois par semaine.")
    )
    assert (refus.json()["code"], refus.json()["passages"][0]["champ"]) == ("donnee-de-sante", "/message")
