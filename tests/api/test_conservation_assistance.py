"""Art. 5, 7.1: windows, notices and malfunctions are kept for a time, to the day, then go whole."""

from dataclasses import astuple
from datetime import date, timedelta

import pytest

from app.config import Settings
from app.cycle_de_vie import vivre
from app.kit.calendrier import ajouter_mois
from app.kit.clock import now, today

CANARI = "Rochebrune"
SIGNALE = {"description": "Écran blanc", "bloquant": False, "texte_confirme": True}


def effaces(api, jour, id_):
    return [nom for nom, _, touche in map(astuple, api.portal.call(vivre, jour)) if touche == id_]


def reste(base, table, id_):
    return base.valeur(f"SELECT count(*) FROM {table} WHERE id = :i", i=id_)


def evenement(base, id_):
    lus = base.lignes(
        "SELECT type, raison FROM evenements WHERE ressource_id = :i ORDER BY numero DESC", i=id_
    )
    return tuple(lus[0])


@pytest.mark.regle("3.2-2")
@pytest.mark.regle("5-5")
def test_une_maintenance_passee_s_efface_au_jour_dit(api, client_de, base):
    debut = now() + timedelta(days=3)
    corps = {"debut": debut.isoformat(), "fin": (debut + timedelta(hours=2)).isoformat(), "message": CANARI}
    id_ = client_de("n-operateur").post("/v1/maintenances", corps).json()["id"]
    client_de("n-operateur").post(f"/v1/maintenances/{id_}/annulation", {"motif": CANARI})
    passee = date(2024, 11, 20)
    base.ecrire(
        "UPDATE maintenances SET debut = '2024-11-20 10:00+01', fin = '2024-11-20 12:00+01' WHERE id = :i",
        i=id_,
    )
    assert effaces(api, ajouter_mois(passee, 24), id_) == []
    assert effaces(api, ajouter_mois(passee, 24) + timedelta(days=1), id_) == ["maintenance.conservation"]
    assert reste(base, "maintenances", id_) == 0
    assert evenement(base, id_) == ("maintenance.effacee", "rgpd")


@pytest.mark.regle("7-2")
@pytest.mark.regle("5-5")
@pytest.mark.parametrize("fin", [None, "2024-11-22 12:00+01"])
def test_un_avis_passe_s_efface_au_jour_dit(api, client_de, base, fin):
    corps = {"titre": "Fermeture", "texte": f"Mme {CANARI} vous répond.", "importance": "information"}
    publie = client_de("a-orne").post("/v1/caisses/611/avis", corps)
    id_ = publie.json()["id"]
    base.ecrire(
        "UPDATE avis SET publie_le = '2024-11-20 10:00+01', debut = '2024-11-20 10:00+01', fin = :f WHERE id = :i",
        f=fin,
        i=id_,
    )
    dernier = ajouter_mois(date(2024, 11, 22 if fin else 20), 24)
    assert effaces(api, dernier, id_) == []
    assert effaces(api, dernier + timedelta(days=1), id_) == ["avis.conservation"]
    assert reste(base, "avis", id_) == 0
    assert evenement(base, id_) == ("avis.efface", "rgpd")


@pytest.fixture
def resolu(client_de, fabrique):
    """A malfunction of a structure, answered and closed today."""
    structure = fabrique.structure()
    technicien = client_de(structure.techniciens[0])
    corps = SIGNALE | {"titre": f"Panne vue par {CANARI}", "survenu_le": now().isoformat()}
    lu = technicien.post("/v1/dysfonctionnements", corps)
    assert lu.status_code == 201, lu.text
    chemin = f"/v1/dysfonctionnements/{lu.json()['id']}"
    assert client_de("a-orne").post(f"{chemin}/reponse", {"message": f"Vu, {CANARI}"}).status_code == 200
    return structure, lu.json()["id"], technicien, chemin


@pytest.mark.regle("3.3-2")
@pytest.mark.regle("5-5")
@pytest.mark.regle("7-1")
def test_un_dysfonctionnement_resolu_attend_la_fin_de_l_annee_de_la_convention(api, client_de, base, resolu):
    _, id_, technicien, chemin = resolu
    assert technicien.post(f"{chemin}/cloture", {"message": "Réparé."}).status_code == 200
    sans_convention = ajouter_mois(today(), 24)
    assert effaces(api, sans_convention, id_) == []
    annee = ajouter_mois(
        date(2027, 1, 19), 24
    )  # the convention's year that runs today ends on that 19 January
    assert effaces(api, annee - timedelta(days=1), id_) == []
    assert effaces(api, annee, id_) == ["dysfonctionnement.conservation"]
    assert effaces(api, annee, id_) == []
    assert reste(base, "dysfonctionnements", id_) == 0
    assert (
        base.valeur("SELECT count(*) FROM echanges_dysfonctionnement WHERE dysfonctionnement_id = :i", i=id_)
        == 0
    )
    assert evenement(base, id_) == ("dysfonctionnement.efface", "rgpd")
    for client in (technicien, client_de("a-orne")):
        assert client.get(chemin).status_code == 404


@pytest.mark.regle("3.3-2")
def test_un_dysfonctionnement_ouvert_ne_s_efface_jamais_par_l_age(api, base, resolu):
    _, id_, _, _ = resolu
    assert effaces(api, ajouter_mois(today(), 240), id_) == []
    assert reste(base, "dysfonctionnements", id_) == 1


def test_une_conservation_trop_courte_est_refusee(monkeypatch):
    monkeypatch.setenv("EP_RETENTION_SUPPORT_MONTHS", "11")
    with pytest.raises(ValueError, match="retention_support_months"):
        Settings()
