"""What a visitor does in a window, and what the window did behind the visitor's back."""

import json
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import ConsoleMessage, Locator, Page, Request

# Swagger UI says this of every deep link to an operation whose name holds an underscore.
BRUIT = "Deprecated: escaping deep link whitespace with `_`"
AXE = Path(__file__).parent / "axe" / "axe.min.js"


class Ouvrir(Protocol):
    def __call__(
        self, chemin: str, largeur: int = 1280, hauteur: int = 900, *, sombre: bool = False
    ) -> "Fenetre": ...


class Fenetre:
    def __init__(self, page: Page, serveur: str) -> None:
        self.page, self.serveur = page, serveur
        self.plaintes: list[str] = []
        self.ailleurs: list[str] = []
        page.set_default_timeout(60_000)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.plaintes.append(str(error)))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(BRUIT):
            self.plaintes.append(f"{message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.serveur}/", "data:")):
            self.ailleurs.append(request.url)

    def aller(self, chemin: str) -> None:
        self.page.goto(self.serveur + chemin, wait_until="networkidle")

    def sans_histoire(self) -> None:
        """Assert that nothing was asked elsewhere and that the console is clean (CSP refusals are written there)."""
        assert not self.ailleurs, self.ailleurs
        assert not self.plaintes, self.plaintes

    def deborde(self) -> bool:
        return bool(
            self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        )

    def violations(self, *selecteurs: str) -> list[str]:
        """Return what axe-core finds wrong, in the whole page or in some parts."""
        self.page.evaluate(AXE.read_text())
        context = {"include": [[selecteur] for selecteur in selecteurs]} if selecteurs else {}
        found: dict[str, Any] = self.page.evaluate(
            "context => axe.run(Object.keys(context).length ? context : document)", context
        )
        assert found["passes"], "axe looked at nothing"
        return [f"{v['id']}: {node['html']}" for v in found["violations"] for node in v["nodes"]]


class SwaggerUI:
    """The gestures of somebody who tries the API in the page."""

    def __init__(self, fenetre: Fenetre) -> None:
        self.page = fenetre.page

    def connecter(self, identifiant: str, mot_de_passe: str) -> None:
        self.page.locator(".auth-wrapper .btn.authorize").click()
        cadre = self.page.locator(".modal-ux .auth-container", has=self.page.locator("#oauth_username"))
        cadre.locator("#oauth_username").fill(identifiant)
        cadre.locator("#oauth_password").fill(mot_de_passe)
        cadre.get_by_role("button", name="Apply given OAuth2 credentials").click()
        self.page.locator(".modal-ux").get_by_role("button", name="Remove authorization").wait_for()
        self._fermer()

    def autoriser(self, identifiant: str, mot_de_passe: str) -> None:
        """Sign in by the code flow: a window of this server opens, and closes by itself."""
        self.page.locator(".auth-wrapper .btn.authorize").click()
        cadre = self.page.locator(".modal-ux .auth-container", has_text="authorizationCode")
        with self.page.expect_popup() as attendue:
            cadre.get_by_role("button", name="Apply given OAuth2 credentials").click()
        fenetre = attendue.value
        fenetre.get_by_label("Identifiant").fill(identifiant)
        fenetre.get_by_label("Mot de passe").fill(mot_de_passe)
        fenetre.get_by_role("button", name="Se connecter").click()
        with fenetre.expect_event("close"):
            fenetre.get_by_role("button", name="Autoriser").click()
        self.page.locator(".modal-ux").get_by_role("button", name="Remove authorization").wait_for()
        self._fermer()

    def application(self, client_id: str, secret: str) -> None:
        """Sign in as an application that acts for itself."""
        self.page.locator(".auth-wrapper .btn.authorize").click()
        cadre = self.page.locator(".modal-ux .auth-container", has_text="clientCredentials")
        cadre.get_by_label("client_id:").fill(client_id)
        cadre.get_by_label("client_secret:").fill(secret)
        cadre.get_by_role("button", name="Apply given OAuth2 credentials").click()
        self.page.locator(".modal-ux").get_by_role("button", name="Remove authorization").wait_for()
        self._fermer()

    def deconnecter(self) -> None:
        self.page.locator(".auth-wrapper .btn.authorize").click()
        self.page.locator(".modal-ux").get_by_role("button", name="Remove authorization").click()
        self._fermer()

    def _fermer(self) -> None:
        self.page.locator(".modal-ux .close-modal").click()
        self.page.locator(".modal-ux").wait_for(state="detached")

    def operation(self, tag: str, nom: str) -> Locator:
        """Open an operation; the page is in French, its identifiers are the contract's.

        Swagger UI draws those that are in view: a visitor scrolls down to the others.
        """
        bloc = self.page.locator(f"[id='operations-{tag}-{nom}']")
        self.page.mouse.move(600, 500)
        for _ in range(300):
            if bloc.count():
                break
            self.page.mouse.wheel(0, 900)
            self.page.wait_for_timeout(100)
        bloc.locator(".opblock-summary-control").click()
        bloc.locator(".execute").wait_for()
        return bloc

    def executer(self, bloc: Locator, **parametres: str) -> tuple[int, dict[str, Any]]:
        """Send the operation as the page fills it, with these path parameters; return the answer that it shows."""
        for nom, valeur in parametres.items():
            bloc.locator(f"tr[data-param-name='{nom}'] input").fill(valeur)
        with self.page.expect_response(lambda answer: answer.request.method != "OPTIONS") as wait:
            bloc.locator(".execute").click()
        lignes = bloc.locator(".live-responses-table tbody tr.response").first
        lignes.wait_for()
        statut = int(lignes.locator(".response-col_status").inner_text().split()[0])
        assert statut == wait.value.status
        montre: dict[str, Any] = json.loads(lignes.locator(".highlight-code code").first.inner_text())
        return statut, montre
