"""A receiver of webhooks for the tests, as reluctant as they ask."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from standardwebhooks.webhooks import Webhook


@dataclass
class Appel:
    """One call received: its path, headers and body."""

    chemin: str
    entetes: dict[str, str]
    brut: str

    @property
    def corps(self) -> dict[str, Any]:
        lu: dict[str, Any] = json.loads(self.brut)
        return lu

    @property
    def id(self) -> str:
        return self.entetes["webhook-id"]

    def verifier(self, secret: str) -> None:
        """Raise unless the reference library takes the signature for the secret's."""
        Webhook(secret).verify(self.brut, self.entetes)


class Recepteur:
    """Keeps every call; `humeur` says, call by call, the status to answer and the headers."""

    def __init__(self) -> None:
        self.appels: list[Appel] = []
        self.humeur: Callable[[Appel], int | tuple[int, dict[str, str]]] = lambda appel: 204
        recepteur = self

        class Guichet(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                brut = self.rfile.read(int(self.headers["content-length"])).decode()
                appel = Appel(self.path, {nom.lower(): valeur for nom, valeur in self.headers.items()}, brut)
                recepteur.appels.append(appel)
                reponse = recepteur.humeur(appel)
                code, entetes = reponse if isinstance(reponse, tuple) else (reponse, {})
                self.send_response(code)
                for nom, valeur in ({"Content-Length": "0"} | entetes).items():
                    self.send_header(nom, valeur)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing on the terminal of the tests."""

        self.serveur = ThreadingHTTPServer(("127.0.0.1", 0), Guichet)
        self.fil = threading.Thread(target=self.serveur.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.serveur.server_port}/evenements"

    def __enter__(self) -> Self:
        self.fil.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.serveur.shutdown()
        self.serveur.server_close()
        self.fil.join()
