"""The whole dance with a real client (authlib's) against the real server and its two processes."""

import re
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from authlib.integrations.httpx_client import OAuth2Client

from tests.api.danse import champs
from tests.serveur.machines import Serveur, ensemble, vivant

RETOUR = "http://127.0.0.1:51099/retour"
PORTEES = "demandes:lire demandes:ecrire"


class Personne:
    """A browser that keeps its cookies and opens a connection for each page: any of the processes answers."""

    def __init__(self, serveur: Serveur) -> None:
        self.serveur = serveur
        limites = httpx.Limits(max_keepalive_connections=0)
        self.http = httpx.Client(base_url=serveur.url, timeout=30, limits=limites, trust_env=False)

    def ouvrir(self, adresse: str) -> httpx.Response:
        return self._suivre(self.http.get(adresse))

    def envoyer(self, page: httpx.Response, **saisie: Any) -> httpx.Response:
        corps = champs(page.text) | saisie
        return self._suivre(self.http.post(page.url, data=corps, headers={"Origin": self.serveur.url}))

    def _suivre(self, page: httpx.Response) -> httpx.Response:
        while page.status_code == 303 and page.headers["location"].startswith("/"):
            page = self.http.get(page.headers["location"])
        return page

    def traverser(self, adresse: str, identifiant: str) -> str:
        """Sign in and consent; return the address at which the application is called back."""
        page = self.ouvrir(adresse)
        if "<h1>Se connecter</h1>" in page.text:
            comptes = {c["identifiant"]: c["mot_de_passe"] for c in self.serveur.demo["comptes"]}
            page = self.envoyer(page, identifiant=identifiant, mot_de_passe=comptes[identifiant])
        if "<h1>Autoriser une application</h1>" in page.text:
            portees = re.findall(r'name="portees" type="checkbox" value="([^"]+)"', page.text)
            page = self.envoyer(page, decision="autoriser", portees=portees)
        assert page.status_code == 303, page.text[:600]
        return page.headers["location"]


def logiciel(serveur: Serveur, **options: Any) -> OAuth2Client:
    """A piece of software that knows the address of the server, and reads the rest from its metadata."""
    return OAuth2Client(
        client_id="logiciel-social",
        redirect_uri=RETOUR,
        scope=PORTEES,
        code_challenge_method="S256",
        token_endpoint_auth_method="none",
        timeout=30,
        trust_env=False,
        **options,
    )


@pytest.mark.regle("2.1-1")
def test_un_logiciel_connecte_quelqu_un_de_bout_en_bout(serveur: Serveur) -> None:
    annonce = serveur.appel("GET", "/.well-known/oauth-authorization-server").json()
    assert urlsplit(annonce["issuer"]).port == serveur.port
    with logiciel(serveur) as client:
        verifier = "v" * 64
        adresse, etat = client.create_authorization_url(
            annonce["authorization_endpoint"], code_verifier=verifier
        )
        recu = Personne(serveur).traverser(adresse, "t-cias")
        assert recu.startswith(f"{RETOUR}?")
        jetons = client.fetch_token(
            annonce["token_endpoint"], authorization_response=recu, state=etat, code_verifier=verifier
        )
        assert set(jetons["scope"].split()) == set(PORTEES.split())
        moi = client.get(f"{serveur.url}/v1/moi").json()
        assert moi["compte"]["identifiant"] == "t-cias"

        suivants = client.refresh_token(annonce["token_endpoint"], jetons["refresh_token"])
        assert suivants["refresh_token"] != jetons["refresh_token"]
        assert client.get(f"{serveur.url}/v1/demandes").status_code == 200
        assert (
            client.revoke_token(annonce["revocation_endpoint"], suivants["refresh_token"]).status_code == 200
        )
        assert client.get(f"{serveur.url}/v1/moi").status_code == 401


def test_un_code_donne_par_un_processus_est_echange_par_l_autre(serveur: Serveur) -> None:
    """Each call opens its own connection: over these rounds both processes give, and both exchange."""
    personne = Personne(serveur)
    for _ in range(12):
        with logiciel(serveur) as client:
            adresse, etat = client.create_authorization_url(
                f"{serveur.url}/v1/oauth/authorize", code_verifier="w" * 50
            )
            recu = personne.traverser(adresse, "t-cias")
            jetons = client.fetch_token(
                f"{serveur.url}/v1/oauth/token",
                authorization_response=recu,
                state=etat,
                code_verifier="w" * 50,
            )
            assert jetons["token_type"] == "Bearer"
    assert len([pid for pid in serveur.ouvriers() if vivant(pid)]) == 2


def test_un_code_vole_et_presente_par_tous_a_la_fois_n_ouvre_rien_qui_dure(serveur: Serveur) -> None:
    with logiciel(serveur) as client:
        adresse, _ = client.create_authorization_url(
            f"{serveur.url}/v1/oauth/authorize", code_verifier="z" * 60
        )
        recu = httpx.URL(Personne(serveur).traverser(adresse, "t-cias"))
    corps = {
        "grant_type": "authorization_code",
        "code": recu.params["code"],
        "redirect_uri": RETOUR,
        "client_id": "logiciel-social",
        "code_verifier": "z" * 60,
    }
    reponses = ensemble([lambda: serveur.appel("POST", "/v1/oauth/token", data=corps)] * 8)
    obtenus = [r.json()["access_token"] for r in reponses if r.status_code == 200]
    assert len(obtenus) == 1
    assert {r.status_code for r in reponses} == {200, 400}
    moi = serveur.appel("GET", "/v1/moi", headers={"Authorization": f"Bearer {obtenus[0]}"})
    assert moi.status_code == 401


@pytest.mark.regle("4.1-2")
def test_la_session_d_un_navigateur_finit_aussitot_dans_tous_les_processus(serveur: Serveur) -> None:
    personne = Personne(serveur)
    page = personne.ouvrir("/connexion")
    comptes = {c["identifiant"]: c["mot_de_passe"] for c in serveur.demo["comptes"]}
    personne.envoyer(page, identifiant="t-cias-2", mot_de_passe=comptes["t-cias-2"])
    connecte = "<h1>Vous êtes connecté</h1>"
    assert all(connecte in personne.ouvrir("/connexion").text for _ in range(6))
    serveur.lignes("UPDATE comptes SET epoque = epoque + 1 WHERE identifiant = 't-cias-2'")
    assert not any(connecte in personne.ouvrir("/connexion").text for _ in range(12))


def test_ni_code_ni_jeton_ni_mot_de_passe_dans_le_journal_du_serveur(serveur: Serveur) -> None:
    with logiciel(serveur) as client:
        adresse, etat = client.create_authorization_url(
            f"{serveur.url}/v1/oauth/authorize", code_verifier="q" * 60
        )
        recu = Personne(serveur).traverser(adresse, "t-cias")
        jetons = client.fetch_token(
            f"{serveur.url}/v1/oauth/token", authorization_response=recu, state=etat, code_verifier="q" * 60
        )
    mots_de_passe = [c["mot_de_passe"] for c in serveur.demo["comptes"]]
    secrets = [
        httpx.URL(recu).params["code"],
        etat,
        "q" * 60,
        jetons["access_token"],
        jetons["refresh_token"],
    ]
    # The lines of the log: what the demo prints of its own accounts, at the start, is for whoever tries it.
    journal = "\n".join(ligne for ligne in serveur.journal.splitlines() if ligne.startswith("{"))
    assert "/v1/oauth/authorize" in journal
    assert [secret for secret in (*secrets, *mots_de_passe) if secret in journal] == []
