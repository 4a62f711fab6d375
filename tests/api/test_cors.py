"""Scripts of other origins (contract, §4): closed unless configured, and never where a person signs in."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from app import main
from app.config import Settings, settings

ORIGINE, AUTRE = "https://logiciel.example", "https://ailleurs.example"


@pytest.fixture
def ouverte(api, monkeypatch) -> TestClient:
    """The application that one origin may call from a browser."""
    choisi = settings().model_copy(update={"cors_origins": [ORIGINE]})
    monkeypatch.setattr(main, "settings", lambda: choisi)
    client = TestClient(main.create_app(), follow_redirects=False)
    client.portal = api.portal
    return client


def demander(client: TestClient, methode: str, chemin: str, origine: str = ORIGINE) -> set[str]:
    """Return what the answer says of origins."""
    entetes = {"Origin": origine}
    if methode == "OPTIONS":
        entetes |= {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization",
        }
    reponse: Any = client.request(methode, chemin, headers=entetes)
    return {nom for nom in reponse.headers if nom.startswith("access-control-allow-origin")}


@pytest.mark.parametrize("chemin", ["/v1/oauth/token", "/v1/moi", "/.well-known/jwks.json", "/openapi.json"])
def test_l_api_s_ouvre_aux_origines_choisies_et_a_elles_seules(api, ouverte, chemin):
    for methode in ("GET", "OPTIONS"):
        assert demander(ouverte, methode, chemin)
        assert not demander(ouverte, methode, chemin, AUTRE)
        assert not demander(api, methode, chemin)
    entetes = ouverte.get(chemin, headers={"Origin": ORIGINE}).headers
    assert "access-control-allow-credentials" not in entetes
    assert {"WWW-Authenticate", "ETag", "Retry-After"} <= set(
        entetes["access-control-expose-headers"].split(", ")
    )


@pytest.mark.parametrize(
    "chemin",
    ["/v1/oauth/authorize", "/connexion", "/consentements", "/activation/x", "/docs/oauth2-redirect"],
)
def test_aucune_origine_ne_lit_ou_une_personne_se_connecte(ouverte, chemin):
    assert not demander(ouverte, "GET", chemin)
    assert not demander(ouverte, "OPTIONS", chemin)


def test_l_adresse_publique_est_sans_barre_finale():
    assert Settings(base_url="https://ep.example/").base_url == "https://ep.example"
