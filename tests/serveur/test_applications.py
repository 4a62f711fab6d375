"""Applications on the real server: an end that every process knows at once, rotations at the same instant."""

import pytest

from tests.serveur.machines import cle, ensemble

DEPOT = {"grant_types": ["client_credentials"], "scope": "demandes:lire", "caisse": "611"}


@pytest.fixture(scope="module")
def operateur(serveur):
    return serveur.client("n-operateur")


def enregistrer(operateur, nom):
    reponse = operateur.post("/v1/applications", DEPOT | {"client_name": nom}, Idempotency_Key=cle())
    assert reponse.status_code == 201, reponse.text
    return reponse.json()


def jeton(serveur, application, secret):
    demande = {"grant_type": "client_credentials"}
    return serveur.appel("POST", "/v1/oauth/token", data=demande, auth=(application["client_id"], secret))


@pytest.mark.regle("4.1-1")
def test_la_fin_vaut_aussitot_dans_tous_les_processus(serveur, operateur):
    application = enregistrer(operateur, "Outil qui finit")
    acces = jeton(serveur, application, application["client_secret"]).json()["access_token"]

    def lire():
        return serveur.appel("GET", "/v1/demandes", headers={"Authorization": f"Bearer {acces}"}).status_code

    assert set(ensemble([lire] * 16)) == {200}  # both processes have verified and kept the token
    assert operateur.post(f"/v1/applications/{application['id']}/fin").status_code == 200
    assert set(ensemble([lire] * 16)) == {401}


@pytest.mark.regle("4.1-1")
def test_douze_rotations_au_meme_instant_ne_coupent_pas_le_secret_en_usage(serveur, operateur):
    application = enregistrer(operateur, "Outil tournant")
    chemin = f"/v1/applications/{application['id']}/rotation-secret"
    reponses = ensemble([lambda: operateur.post(chemin, {"chevauchement_heures": 24})] * 12)
    assert {reponse.status_code for reponse in reponses} == {200}
    nouveaux = [reponse.json()["client_secret"] for reponse in reponses]
    assert len(set(nouveaux)) == 12
    valent = [secret for secret in nouveaux if jeton(serveur, application, secret).status_code == 200]
    assert len(valent) == 1
    assert jeton(serveur, application, application["client_secret"]).status_code == 200


def test_avec_if_match_une_seule_rotation_passe(serveur, operateur):
    application = enregistrer(operateur, "Outil prudent")
    chemin = f"/v1/applications/{application['id']}/rotation-secret"
    reponses = ensemble([lambda: operateur.post(chemin, {}, If_Match='"1"')] * 8)
    assert sorted(reponse.status_code for reponse in reponses) == [200] + [412] * 7
