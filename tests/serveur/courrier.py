"""A mail server for the tests, as reluctant as they ask."""

import email
import email.policy
import threading
from email.message import EmailMessage
from typing import Any, Self

from aiosmtpd.controller import Controller

from tests.serveur.machines import jusqua, port_libre


class BoiteAuxLettres:
    """Keeps every mail handed over; `humeur` says, mail by mail, what the server answers."""

    def __init__(self) -> None:
        self.recus: list[EmailMessage] = []
        self.bruts: list[bytes] = []
        self.essais: list[tuple[str, str]] = []  # (Message-ID, answer)
        self.humeur: Any = lambda message: None
        self.verrou = threading.Lock()
        self.port = port_libre()
        self.controleur = Controller(self, hostname="127.0.0.1", port=self.port)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.controleur.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.controleur.stop()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        reponse = self.humeur(message)
        if hasattr(reponse, "__await__"):
            reponse = await reponse
        with self.verrou:
            self.essais.append((str(message["message-id"]), reponse or "250"))
            if reponse is None:
                self.recus.append(message)
                self.bruts.append(envelope.content)
        return reponse or "250 OK"

    def pour(self, reference: str) -> list[EmailMessage]:
        with self.verrou:
            return [message for message in self.recus if reference in message["subject"]]

    def attendre(self, reference: str, nombre: int, secondes: float = 40) -> list[EmailMessage]:
        """Return the mails about a request, once there are `nombre` of them."""
        jusqua(
            lambda: len(self.pour(reference)) >= nombre, secondes, f"{len(self.pour(reference))} courriels"
        )
        return self.pour(reference)
