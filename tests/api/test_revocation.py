"""What an application may say or ask of a token: end it (RFC 7009), examine it (RFC 7662)."""

import time

import pytest

from tests.api.danse import CLIENT, Logiciel, danser, une_application
from tests.api.faux_jetons import parties, signe
from tests.api.test_jetons import demander, rafraichir, refuse
from tests.outils import Client


def revoquer(api, jeton, auth=None, **corps):
    return api.post("/v1/oauth/revoke", data={"token": jeton, **corps}, auth=auth)


def examiner(api, jeton, auth=None, **corps):
    return api.post("/v1/oauth/introspect", data={"token": jeton, **corps}, auth=auth)


@pytest.fixture
def technicien(fabrique):
    return fabrique.structure().techniciens[0]


@pytest.fixture
def caisses(demo):
    return {a["caisse"]: (a["client_id"], a["client_secret"]) for a in demo["applications"] if a["caisse"]}


@pytest.mark.parametrize("lequel", ["jeton", "rafraichissement"])
def test_revoquer_l_un_des_jetons_ferme_toute_sa_famille(api, technicien, lequel):
    client, autre = danser(api, technicien), danser(api, technicien)
    faite = revoquer(api, getattr(client, lequel), client_id=CLIENT)
    assert (faite.status_code, faite.content) == (200, b"")
    assert "no-store" in faite.headers["cache-control"]
    refuse(client.get("/v1/moi"))
    assert rafraichir(api, client.rafraichissement, client_id=CLIENT).status_code == 400
    assert autre.get("/v1/moi").status_code == 200
    assert revoquer(api, getattr(client, lequel), client_id=CLIENT).status_code == 200


def test_un_jeton_inconnu_est_revoque_sans_rien_dire(api, base, technicien):
    avant = base.valeur("SELECT count(*) FROM familles_jetons WHERE revoquee_le IS NULL")
    for jeton in ("x", "r-" + "a" * 43, "a.b.c", "é" * 30, danser(api, technicien).jeton + "x"):
        assert revoquer(api, jeton, client_id=CLIENT).status_code == 200
        assert revoquer(api, jeton, client_id=CLIENT, token_type_hint="inconnu").status_code == 200
    assert base.valeur("SELECT count(*) FROM familles_jetons WHERE revoquee_le IS NULL") == avant + 1


def test_on_ne_revoque_que_les_jetons_de_sa_propre_application(api, base, technicien, caisses):
    client = danser(api, technicien)
    with une_application(base) as autre:
        refus = revoquer(api, client.jeton, (autre.client_id, autre.secret))
    assert (refus.status_code, refus.json()["error"]) == (400, "invalid_grant")
    assert revoquer(api, client.rafraichissement).status_code == 400  # Swagger UI's call
    for auth in ((caisses["611"][0], "faux"), ("inconnue", "x")):
        assert (revoquer(api, client.jeton, auth).status_code) == 401
    assert revoquer(api, "", client_id=CLIENT).json()["error"] == "invalid_request"
    assert client.get("/v1/moi").status_code == 200
    deux = api.post("/v1/oauth/revoke", data={"token": [client.jeton, client.jeton], "client_id": CLIENT})
    assert deux.json()["error"] == "invalid_request"


def test_swagger_ui_se_revoque_sans_secret(api, technicien):
    for nom in ({}, {"client_id": "swagger-ui"}):
        client = Client.connecte(api, technicien)
        assert revoquer(api, client.rafraichissement, **nom).status_code == 200
        refuse(client.get("/v1/moi"))


def test_une_application_revoque_son_propre_jeton(api, caisses):
    jeton = demander(api, caisses["611"]).json()["access_token"]
    assert revoquer(api, jeton, caisses["611"]).status_code == 200
    refuse(Client(api, jeton).get("/v1/moi"))


def test_une_application_examine_ses_jetons(api, base, technicien):
    with une_application(base) as logiciel:
        cle = logiciel.client_id, logiciel.secret
        client = danser(api, technicien, logiciel)
        acces = examiner(api, client.jeton, cle).json()
        _, claims, _ = parties(client.jeton)
        assert acces["active"] is True
        assert {
            nom: acces[nom] for nom in ("sub", "scope", "exp", "iat", "iss", "aud", "jti", "client_id")
        } == {nom: claims[nom] for nom in ("sub", "scope", "exp", "iat", "iss", "aud", "jti", "client_id")}
        long = examiner(api, client.rafraichissement, cle).json()
        assert (long["active"], long["client_id"], long["sub"]) == (True, logiciel.client_id, claims["sub"])
        assert long["exp"] > time.time()
        suivant = rafraichir(api, client.rafraichissement, client_id=cle[0], client_secret=cle[1]).json()
        assert examiner(api, client.rafraichissement, cle).json() == {"active": False}  # used
        assert examiner(api, suivant["refresh_token"], cle).json()["active"] is True

        base.ecrire(
            "UPDATE comptes SET statut = 'inactif', inactive_le = now() WHERE identifiant = :i", i=technicien
        )
        for jeton in (client.jeton, suivant["access_token"], suivant["refresh_token"]):
            assert examiner(api, jeton, cle).json() == {"active": False}


def test_un_examen_ne_dit_rien_des_jetons_des_autres(api, base, fabrique, technicien, caisses):
    agent = Client.connecte(api, fabrique.compte("agent_caisse", caisse="611"))
    sien = demander(api, caisses["611"]).json()["access_token"]
    d_un_autre = demander(api, caisses["141"]).json()["access_token"]
    client = danser(api, technicien)
    assert examiner(api, sien, caisses["611"]).json()["active"] is True
    assert examiner(api, agent.jeton, caisses["611"]).json()["active"] is True  # an agent of its caisse
    tete, corps, _ = parties(sien)
    faux = signe(tete, corps | {"exp": int(time.time()) - 10})
    for jeton in (
        d_un_autre,
        client.jeton,
        client.rafraichissement,
        agent.rafraichissement,
        faux,
        "x",
        "a.b.c",
    ):
        examen = examiner(api, jeton, caisses["611"])
        assert (examen.status_code, examen.json()) == (200, {"active": False})
    with une_application(base) as etrangere:
        assert examiner(api, client.jeton, (etrangere.client_id, etrangere.secret)).json() == {
            "active": False
        }


def test_seule_une_application_a_secret_examine(api, technicien, caisses):
    jeton = danser(api, technicien).jeton
    for auth, corps in (
        (None, {}),
        (None, {"client_id": CLIENT}),
        (None, {"client_id": "swagger-ui"}),
        ((caisses["611"][0], "faux"), {}),
        ((caisses["611"][0], caisses["141"][1]), {}),
    ):
        refus = examiner(api, jeton, auth, **corps)
        assert (refus.status_code, refus.json()["error"]) == (401, "invalid_client"), corps
    assert examiner(api, "", caisses["611"]).json()["error"] == "invalid_request"
    entete = {"Authorization": f"Bearer {jeton}"}
    assert api.post("/v1/oauth/introspect", data={"token": jeton}, headers=entete).status_code == 401


def test_un_jeton_ne_se_donne_pas_dans_l_adresse(api, technicien):
    client = danser(api, technicien, Logiciel())
    for chemin in ("revoke", "introspect"):
        assert api.get(f"/v1/oauth/{chemin}", params={"token": client.jeton}).status_code == 405
        assert api.post(f"/v1/oauth/{chemin}", params={"token": client.jeton}).status_code in {400, 401}
    assert client.get("/v1/moi").status_code == 200
