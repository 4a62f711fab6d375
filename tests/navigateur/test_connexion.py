"""The sign-in pages in a browser: on a telephone, at night, by the keyboard, without a script, and for axe-core."""

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from playwright.sync_api import Browser, Page, expect

from app.demo.personnages import COMPTES
from tests.navigateur.conftest import un_serveur
from tests.navigateur.fenetre import Fenetre, Ouvrir

IMAGES = Path(__file__).parents[2] / "docs" / "images"
MOTS_DE_PASSE = {identifiant: mot_de_passe for identifiant, mot_de_passe, *_ in COMPTES}
VERIFIER = "navigateur-" * 6


class Retour(BaseHTTPRequestHandler):
    """The application, listening on loopback for its user to come back."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(
            b"<!doctype html><html lang=fr><link rel=icon href=data:,><title>R</title><h1>Revenu</h1>"
        )

    def log_message(self, *_: object) -> None:
        """Say nothing: the address holds a code."""


@pytest.fixture(scope="module")
def serveur() -> Iterator[str]:
    """Its own: the conditions published here are not asked of the visitors of another file."""
    with un_serveur() as url:
        yield url


@pytest.fixture
def retour() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Retour) as serveur:
        fil = threading.Thread(target=serveur.serve_forever)
        fil.start()
        yield f"http://127.0.0.1:{serveur.server_port}/retour"
        serveur.shutdown()
        fil.join()


def demande(retour: str = "http://127.0.0.1/retour", **changements: str) -> str:
    parametres = {
        "response_type": "code",
        "client_id": "logiciel-social",
        "redirect_uri": retour,
        "scope": "demandes:lire demandes:ecrire",
        "state": "etat-1",
        "code_challenge": create_s256_code_challenge(VERIFIER),
        "code_challenge_method": "S256",
    }
    return "/v1/oauth/authorize?" + urlencode(parametres | changements)


def se_connecter(page: Page, identifiant: str) -> None:
    page.get_by_label("Identifiant").fill(identifiant)
    page.get_by_label("Mot de passe").fill(MOTS_DE_PASSE[identifiant])
    page.get_by_role("button", name="Se connecter").click()


def photographier(page: Page, nom: str) -> None:
    if os.environ.get("EP_CAPTURES") == "1":
        IMAGES.mkdir(exist_ok=True)
        page.screenshot(path=IMAGES / f"{nom}.png")


def saine(fenetre: Fenetre) -> None:
    assert not fenetre.deborde()
    assert fenetre.violations() == []


@pytest.mark.regle("2.1-1")
@pytest.mark.parametrize(
    ("identifiant", "sombre"), [("t-cias-2", False), ("t-tutelle", True)], ids=["jour", "nuit"]
)
def test_de_la_connexion_au_retour_dans_le_logiciel_sur_un_telephone(
    ouvrir: Ouvrir, retour: str, identifiant: str, *, sombre: bool
) -> None:
    fenetre = ouvrir(demande(retour), largeur=320, hauteur=640, sombre=sombre)
    page = fenetre.page
    expect(page.get_by_role("heading", name="Se connecter")).to_be_visible()
    expect(page.get_by_label("Identifiant")).to_be_focused()
    saine(fenetre)
    if not sombre:
        photographier(page, "connexion")
    page.get_by_label("Identifiant").fill(identifiant)
    page.get_by_label("Mot de passe").fill("pas le bon")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Identifiant ou mot de passe incorrect")
    expect(page.get_by_label("Identifiant")).to_have_value(identifiant)
    expect(page.get_by_label("Mot de passe")).to_be_focused()
    expect(page.get_by_label("Mot de passe")).to_have_accessible_description(
        "Identifiant ou mot de passe incorrect, ou compte non actif."
    )
    expect(page).to_have_title("Erreur : Se connecter · Espace Partenaires")
    saine(fenetre)

    page.keyboard.type(MOTS_DE_PASSE[identifiant])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Autoriser une application")).to_be_visible()
    saine(fenetre)
    if not sombre:
        photographier(page, "consentement")
    page.get_by_label("Déposer et faire avancer les demandes").uncheck()
    page.get_by_label("Lire les demandes").uncheck()
    page.get_by_role("button", name="Autoriser").click()
    premiere = page.get_by_label("Lire les demandes")
    expect(premiere).to_be_focused()
    expect(premiere).to_have_accessible_description("Cochez au moins un droit, ou refusez.")
    assert [case.is_checked() for case in page.get_by_role("checkbox").all()] == [False, False]
    saine(fenetre)
    page.keyboard.press("Space")
    page.get_by_role("button", name="Autoriser").click()
    expect(page.get_by_role("heading", name="Revenu")).to_be_visible()

    recu = parse_qs(urlsplit(page.url).query)
    assert (recu["state"], recu["iss"]) == (["etat-1"], [fenetre.serveur])
    echange = {
        "grant_type": "authorization_code",
        "client_id": "logiciel-social",
        "code": recu["code"][0],
        "redirect_uri": retour,
        "code_verifier": VERIFIER,
    }
    jetons = httpx.post(f"{fenetre.serveur}/v1/oauth/token", data=echange, trust_env=False).json()
    assert jetons["scope"] == "demandes:lire"
    assert page.evaluate("document.cookie") == ""
    page.goto(fenetre.serveur + demande(retour, scope="demandes:lire"))
    expect(page.get_by_role("heading", name="Revenu")).to_be_visible()  # remembered: nothing is asked again

    fenetre.aller("/connexion")
    expect(page.get_by_role("heading", name="Vous êtes connecté")).to_be_visible()
    saine(fenetre)
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("heading", name="Se connecter")).to_be_visible()
    assert {urlsplit(ailleurs).netloc for ailleurs in fenetre.ailleurs} == {urlsplit(retour).netloc}
    # What Chromium says of the refused password and of the unticked page: their statuses, 400 and 422.
    assert [p for p in fenetre.plaintes if "status of 400" not in p and "status of 422" not in p] == []


@pytest.mark.regle("4.1-1")
def test_on_finit_dans_la_page_ce_qu_on_a_permis(ouvrir: Ouvrir, retour: str) -> None:
    fenetre = ouvrir(demande(retour), largeur=320, hauteur=640)
    page = fenetre.page
    se_connecter(page, "g-asso")
    page.get_by_role("button", name="Autoriser").click()
    expect(page.get_by_role("heading", name="Revenu")).to_be_visible()
    fenetre.aller("/connexion")
    page.get_by_role("link", name="Voir les applications autorisées").click()
    expect(page.get_by_role("heading", name="Logiciel social de démonstration")).to_be_visible()
    saine(fenetre)
    page.get_by_role("button", name="Ne plus autoriser Logiciel social de démonstration").click()
    expect(page.get_by_role("status")).to_contain_text("n'agit plus en votre nom")
    saine(fenetre)
    page.get_by_role("link", name="Revenir à votre compte").click()
    expect(page.get_by_role("heading", name="Vous êtes connecté")).to_be_visible()
    assert fenetre.plaintes == []


def test_sans_script_tout_marche(browser: Browser, serveur: str, retour: str) -> None:
    contexte = browser.new_context(java_script_enabled=False, locale="fr-FR")
    page = contexte.new_page()
    page.goto(serveur + demande(retour))
    se_connecter(page, "t-asso")
    page.get_by_role("button", name="Refuser").click()
    page.wait_for_url(f"{retour}?**")
    assert parse_qs(urlsplit(page.url).query)["error"] == ["access_denied"]
    page.goto(serveur + demande(retour))
    page.get_by_role("button", name="Autoriser").click()
    page.wait_for_url(f"{retour}?code=*")
    contexte.close()


def test_les_autres_pages_sont_accessibles(ouvrir: Ouvrir) -> None:
    fenetre = ouvrir("/mot-de-passe-oublie", largeur=320, hauteur=640)
    page = fenetre.page
    saine(fenetre)
    page.get_by_label("Identifiant").fill("t-inconnu00")
    page.get_by_role("button", name="Recevoir le lien").click()
    expect(page.get_by_role("status")).to_contain_text("un lien vient de partir")
    saine(fenetre)
    page.get_by_role("link", name="Revenir à la connexion").click()
    se_connecter(page, "a-orne-2")
    page.get_by_role("link", name="Regarder les chiffres du partenariat").click()
    expect(page.get_by_role("heading", name="Suivi du partenariat")).to_be_visible()
    saine(fenetre)
    page.go_back()
    page.get_by_role("link", name="Changer votre mot de passe").click()
    expect(page.get_by_role("heading", name="Changer votre mot de passe")).to_be_visible()
    saine(fenetre)
    fenetre.sans_histoire()
    fenetre.aller(demande())
    expect(
        page.get_by_role("heading", name="Cette application n'est pas ouverte à votre profil")
    ).to_be_visible()
    saine(fenetre)
    fenetre.aller(demande(client_id="inconnue"))
    expect(page.get_by_role("alert")).to_contain_text("n'est pas connue")
    saine(fenetre)
    assert not fenetre.ailleurs


@pytest.mark.regle("2.1-2")
def test_les_cgu_se_lisent_et_s_acceptent_au_clavier(ouvrir: Ouvrir) -> None:
    fenetre = ouvrir("/connexion", largeur=320, hauteur=640)
    page = fenetre.page
    jeton = httpx.post(
        f"{fenetre.serveur}/v1/oauth/token",
        data={"grant_type": "password", "username": "n-operateur", "password": MOTS_DE_PASSE["n-operateur"]},
        trust_env=False,
    ).json()["access_token"]
    texte = "\n\n".join(f"Article {rang}. L'identifiant est personnel." for rang in range(1, 30))
    publiee = httpx.post(
        f"{fenetre.serveur}/v1/cgu",
        json={"version": "navigateur", "texte": texte},
        headers={"Authorization": f"Bearer {jeton}"},
        trust_env=False,
    )
    assert publiee.status_code == 201
    se_connecter(page, "t-cias-3")
    expect(page.get_by_role("heading", name="Conditions générales d'utilisation")).to_be_visible()
    saine(fenetre)
    photographier(page, "cgu")
    page.get_by_role("region", name="Texte des conditions").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_label("J'ai lu ces conditions et je les accepte")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Vous êtes connecté")).to_be_visible()
    fenetre.sans_histoire()
