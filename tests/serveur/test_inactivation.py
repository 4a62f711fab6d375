"""Art. 4.1: an inactivated account is refused at the very next call, whichever process answers it."""

import httpx
import pytest

ESSAIS, APPELS = 4, 6


def reponses(serveur, jeton):
    """Call on connections of their own, so that both workers answer some."""
    entetes = {"Authorization": f"Bearer {jeton}"}
    return [httpx.get(f"{serveur.url}/v1/moi", headers=entetes).status_code for _ in range(APPELS)]


@pytest.mark.regle("4.1-2")
def test_le_tout_prochain_appel_est_refuse_par_chaque_processus(serveur):
    gestionnaire = serveur.client("g-tutelle")
    for _ in range(ESSAIS):
        technicien = serveur.client("t-tutelle")
        id_ = technicien.get("/v1/moi").json()["compte"]["id"]
        assert set(reponses(serveur, technicien.jeton)) == {200}
        fin = gestionnaire.post(f"/v1/techniciens/{id_}/inactivation", {"motif": "Essai"})
        assert fin.status_code == 200, fin.text
        assert set(reponses(serveur, technicien.jeton)) == {401}
        assert gestionnaire.post(f"/v1/techniciens/{id_}/reactivation").status_code == 200
        assert set(reponses(serveur, technicien.jeton)) == {401}
