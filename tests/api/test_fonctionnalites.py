"""Art. 1.2: the functions that a caisse opens or closes, for all its partenaires or for one convention."""

import pytest

from app.droits import Fonctionnalite
from tests.outils import un_signalement

TOUTES = {f.value: True for f in Fonctionnalite}


@pytest.fixture
def reglage(client_de, base):
    """The functions of the caisse 141, given back as they were."""
    yield lambda **choix: client_de("a-calvados").put("/v1/caisses/141/fonctionnalites", TOUTES | choix)
    base.ecrire("DELETE FROM reglages_caisses WHERE caisse = '141'")


def ouvertes(client, caisse):
    return next(c["fonctionnalites"] for c in client.get("/v1/moi").json()["caisses"] if c["code"] == caisse)


@pytest.mark.regle("1.2-8")
def test_une_fonctionnalite_fermee_par_la_caisse_refuse_se_nomme_et_disparait_de_moi(
    client_de, reglage, fabrique
):
    technicien = client_de(fabrique.structure(caisse="141").techniciens[0])
    avant = technicien.deposer(caisse="141")
    assert reglage(signalement=False).status_code == 200
    refus = technicien.post("/v1/signalements", un_signalement(caisse="141"))
    assert (refus.status_code, refus.json()["code"]) == (403, "fonctionnalite-inactive")
    assert (refus.json()["fonctionnalite"], refus.json()["caisse"]) == ("signalement", "141")
    assert "signalement" not in ouvertes(technicien, "141")
    assert "signalement.deposer" not in technicien.get("/v1/moi").json()["permissions"]
    chemin = f"/v1/demandes/{avant['id']}"
    assert (
        technicien.post(f"{chemin}/messages", {"texte": "Merci."}).json()["code"] == "fonctionnalite-inactive"
    )
    assert technicien.get(chemin).json()["actions_possibles"] == ["retrait-consentement"]
    assert client_de("a-calvados").get(chemin).status_code == 200
    assert client_de("a-calvados").post(f"{chemin}/prise-en-charge").status_code == 200
    assert technicien.post(f"{chemin}/retrait-consentement", {"date": "2026-02-01"}).status_code == 200


@pytest.mark.regle("1.2-8")
def test_l_historique_ferme_ne_se_lit_plus_la_ou_il_l_est(client_de, reglage):
    deux_caisses = client_de("t-cias")
    la, ici = deux_caisses.deposer(caisse="141"), deux_caisses.deposer(caisse="611")
    reglage(historique=False)
    lus = [d["id"] for d in deux_caisses.get("/v1/demandes", limite=200).json()["donnees"]]
    assert ici["id"] in lus
    assert la["id"] not in lus
    refus = deux_caisses.get(f"/v1/demandes/{la['id']}")
    assert (refus.json()["code"], refus.json()["fonctionnalite"]) == ("fonctionnalite-inactive", "historique")
    assert la["id"] in [
        d["id"] for d in client_de("a-calvados").get("/v1/demandes", limite=200).json()["donnees"]
    ]


@pytest.mark.regle("1.2-8")
def test_une_convention_va_contre_le_choix_de_la_caisse_puis_le_suit_de_nouveau(client_de, reglage, fabrique):
    structure, temoin = fabrique.structure(caisse="141"), fabrique.structure(caisse="141")
    technicien, voisin = client_de(structure.techniciens[0]), client_de(temoin.techniciens[0])
    agent = client_de("a-calvados")
    chemin = f"/v1/conventions/{structure.convention_id}/fonctionnalites"
    assert agent.put(chemin, {"signalement": False}).json()["fonctionnalites"]["signalement"] is False
    assert "signalement" not in ouvertes(technicien, "141")
    assert "signalement" in ouvertes(voisin, "141")
    reglage(signalement=False)
    agent.put(chemin, {"signalement": True})
    assert "signalement" in ouvertes(technicien, "141")
    assert "signalement" not in ouvertes(voisin, "141")
    agent.put(chemin, {"signalement": None})
    assert "signalement" not in ouvertes(technicien, "141")


@pytest.mark.regle("1.2-8")
@pytest.mark.parametrize("identifiant", ["t-cias", "g-cias", "n-operateur"])
def test_la_caisse_seule_regle_ses_fonctionnalites(client_de, fabrique, identifiant):
    convention = fabrique.structure(caisse="141").convention_id
    client = client_de(identifiant)
    for chemin in ("/v1/caisses/141/fonctionnalites", f"/v1/conventions/{convention}/fonctionnalites"):
        refus = client.put(chemin, TOUTES)
        assert (refus.status_code, refus.json()["code"]) == (403, "permission-refusee")
    for chemin in ("/v1/caisses/141/fonctionnalites", f"/v1/conventions/{convention}/fonctionnalites"):
        assert client_de("a-orne").put(chemin, TOUTES).status_code == 404


@pytest.mark.regle("1.2-8")
def test_moi_dit_toujours_ce_que_le_garde_permet(client_de, reglage, fabrique):
    technicien = client_de(fabrique.structure(caisse="141").techniciens[0])
    for choix in (
        {},
        {"signalement": False},
        {"historique": False},
        {"signalement": False, "historique": False},
    ):
        reglage(**choix)
        permissions = technicien.get("/v1/moi").json()["permissions"]
        depot = technicien.post("/v1/signalements", un_signalement(caisse="141")).status_code
        lecture = technicien.get("/v1/demandes").status_code
        assert ("signalement.deposer" in permissions) == (depot == 201)
        assert ("demande.consulter" in permissions) == (lecture == 200)
