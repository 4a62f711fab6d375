"""A browser and a piece of software, for the code flow: forms are read from the pages, as a browser does."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from starlette.testclient import TestClient

from app.kit.clock import today
from app.kit.ids import new_id
from app.kit.passwords import fingerprint, new_secret
from tests.outils import MOT_DE_PASSE, Client

CLIENT, RETOUR = "logiciel-social", "http://127.0.0.1:51004/retour"
LECTURE = "demandes:lire comptes:lire"


@dataclass
class Logiciel:
    """What an application keeps while its user is at our pages."""

    client_id: str = CLIENT
    redirect_uri: str = RETOUR
    scope: str = LECTURE
    secret: str | None = None
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    def demande(self, **changements: Any) -> dict[str, str]:
        """Return the parameters of its request; `changements` replace them, `...` takes one away."""
        parametres = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": self.scope,
            "state": self.state,
            "code_challenge": create_s256_code_challenge(self.verifier),
            "code_challenge_method": "S256",
        }
        return {nom: valeur for nom, valeur in (parametres | changements).items() if valeur is not ...}

    def echange(self, code: str, **changements: Any) -> dict[str, str]:
        corps = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "client_id": self.client_id,
            "code_verifier": self.verifier,
        }
        if self.secret:
            corps["client_secret"] = self.secret
        return {nom: valeur for nom, valeur in (corps | changements).items() if valeur is not ...}

    def jetons(self, api: TestClient, code: str, **changements: Any) -> Any:
        return api.post("/v1/oauth/token", data=self.echange(code, **changements))


class Navigateur:
    """One profile of a browser: its cookies, and no redirection followed unasked."""

    def __init__(self, api: TestClient) -> None:
        self.http = TestClient(api.app, raise_server_exceptions=False, follow_redirects=False)
        self.http.portal = api.portal
        self.page: Any = None

    def aller(self, adresse: str, **options: Any) -> Any:
        """Open an address, and follow what stays on this server, as a browser does."""
        self.page = self.http.get(adresse, **options)
        return self._suivre()

    def _suivre(self) -> Any:
        for _ in range(6):
            cible = self.page.headers.get("location", "")
            if self.page.status_code != 303 or not cible.startswith("/"):
                return self.page
            self.page = self.http.get(cible)
        raise AssertionError("le navigateur tourne en rond")

    def demander(self, logiciel: Logiciel, **changements: Any) -> Any:
        return self.aller("/v1/oauth/authorize", params=logiciel.demande(**changements))

    def cache(self, nom: str = "anti_csrf") -> str:
        return champs(self.page.text).get(nom, "")

    def envoyer(
        self, chemin: str | None = None, *, entetes: dict[str, str] | None = None, **saisie: Any
    ) -> Any:
        """Post the form of the page, with its hidden fields; to its own address unless told otherwise."""
        adresse = chemin or str(self.page.request.url)
        corps = {"anti_csrf": self.cache()} | saisie
        self.page = self.http.post(
            adresse, data=corps, headers={"Sec-Fetch-Site": "same-origin"} | (entetes or {})
        )
        return self._suivre()

    def se_connecter(self, identifiant: str, mot_de_passe: str = MOT_DE_PASSE) -> Any:
        return self.envoyer(identifiant=identifiant, mot_de_passe=mot_de_passe)

    def autoriser(self, *portees: str) -> Any:
        """Press « Autoriser », with what the page has ticked, or with these scopes alone."""
        cochees = list(portees) or re.findall(
            r'name="portees" type="checkbox" value="([^"]+)"', self.page.text
        )
        return self.envoyer(decision="autoriser", portees=cochees)

    @property
    def titre(self) -> str:
        trouve = re.search(r"<h1>(.*?)</h1>", self.page.text)
        return unescape(trouve[1]) if trouve else ""

    @property
    def secret(self) -> str | None:
        return self.http.cookies.get("ep_session")


def champs(html: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', html))


def reponse(page: Any) -> dict[str, str]:
    """Return what the application receives at its address."""
    assert page.status_code == 303, page.text[:400]
    return dict(parse_qsl(urlsplit(page.headers["location"]).query))


def danser(
    api: TestClient, identifiant: str, logiciel: Logiciel | None = None, mot_de_passe: str = MOT_DE_PASSE
) -> Client:
    """Sign somebody in through an application, from the first page to the tokens."""
    logiciel, navigateur = logiciel or Logiciel(), Navigateur(api)
    navigateur.demander(logiciel)
    page = navigateur.se_connecter(identifiant, mot_de_passe)
    if navigateur.titre == "Autoriser une application":
        page = navigateur.autoriser()
    jetons = logiciel.jetons(api, reponse(page)["code"])
    assert jetons.status_code == 200, jetons.text
    corps = jetons.json()
    return Client(api, corps["access_token"], corps["refresh_token"])


@contextmanager
def une_application(base: Any, **colonnes: Any) -> Iterator[Logiciel]:
    """Register an application of its own for a test, confidential unless told otherwise."""
    secret = new_secret()
    valeurs = {
        "id": new_id(),
        "version": 1,
        "client_id": f"essai-{secrets.token_hex(6)}",
        "client_name": "Logiciel d'essai",
        "secret": fingerprint(secret),
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": ["authorization_code", "refresh_token"],
        "redirect_uris": ["https://logiciel.example/retour"],
        "scope": ["demandes:lire", "comptes:lire"],
        "reseaux": [],
        "contacts": [],
        "secret_expire_le": today() + timedelta(days=30),
    } | colonnes
    noms, marques = ", ".join(valeurs), ", ".join(f":{nom}" for nom in valeurs)
    base.ecrire(f"INSERT INTO applications ({noms}, cree_le) VALUES ({marques}, now())", **valeurs)
    yield Logiciel(
        valeurs["client_id"],
        valeurs["redirect_uris"][0],
        " ".join(valeurs["scope"]),
        secret if valeurs["secret"] else None,
    )
