"""The code flow from the first page to the tokens (art. 2.1; RFC 6749, 7636, 8252, 9207)."""

import pytest

from app.config import settings
from app.kit.passwords import fingerprint
from tests.api.danse import CLIENT, RETOUR, Logiciel, Navigateur, reponse
from tests.api.test_jetons import parties
from tests.outils import Client


@pytest.fixture
def technicien(fabrique):
    return fabrique.structure().techniciens[0]


def code_pour(api, identifiant, logiciel):
    navigateur = Navigateur(api)
    navigateur.demander(logiciel)
    page = navigateur.se_connecter(identifiant)
    if navigateur.titre == "Autoriser une application":
        page = navigateur.autoriser()
    return reponse(page)["code"]


@pytest.mark.regle("2.1-1")
def test_de_la_premiere_page_aux_jetons(api, base, technicien):
    logiciel, navigateur = Logiciel(), Navigateur(api)
    page = navigateur.demander(logiciel)
    assert (page.status_code, navigateur.titre) == (200, "Se connecter")
    assert "Logiciel social de démonstration" in page.text
    page = navigateur.se_connecter(technicien)
    assert navigateur.titre == "Autoriser une application"
    assert technicien in page.text
    assert "Structure d&#39;essai" in page.text
    assert "Lire les demandes" in page.text

    page = navigateur.autoriser()
    recu = reponse(page)
    assert page.headers["location"].startswith(f"{RETOUR}?")
    assert set(recu) == {"code", "state", "iss"}
    assert (recu["state"], recu["iss"]) == (logiciel.state, settings().base_url)
    assert "no-store" in page.headers["cache-control"]
    gardes = base.lignes(
        "SELECT empreinte, expire_le - now() AS reste FROM codes_autorisation WHERE utilise_le IS NULL"
    )
    assert fingerprint(recu["code"]) in {ligne.empreinte for ligne in gardes}
    assert recu["code"] not in {ligne.empreinte for ligne in gardes}

    jetons = logiciel.jetons(api, recu["code"]).json()
    assert (jetons["token_type"], jetons["scope"]) == ("Bearer", "comptes:lire demandes:lire")
    _, claims, _ = parties(jetons["access_token"])
    assert (claims["client_id"], claims["role"]) == (CLIENT, "technicien")
    client = Client(api, jetons["access_token"])
    assert client.get("/v1/moi").json()["compte"]["identifiant"] == technicien
    assert client.get("/v1/demandes").status_code == 200
