"""What surrounds the service, asked whether it is there: nothing is scanned or kept, no answer is awaited long."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from app.config import settings
from app.disponibilite.regles import EtatComposant
from app.disponibilite.schemas import Composant
from app.kit import antivirus, storage

PATIENCE = 3.0  # seconds
Ouverture = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


INCONNU = Composant(etat=EtatComposant.INCONNU, verifie_le=None)


@dataclass(frozen=True, slots=True)
class Entourage:
    courriels: Composant = field(default_factory=lambda: INCONNU)
    antivirus: Composant = field(default_factory=lambda: INCONNU)
    stockage: Composant = field(default_factory=lambda: INCONNU)


async def entourage(instant: datetime) -> Entourage:
    """Ask the mail server, the antivirus and the store of pieces at once: the slowest one is the wait."""
    etats = await asyncio.gather(courriels(), analyse(), RANGEMENT.etat())
    return Entourage(*(Composant(etat=etat, verifie_le=instant) for etat in etats))


async def courriels() -> EtatComposant:
    """Tell whether the mail server takes a connection."""
    url = settings().smtp_url.get_secret_value()
    if not url:
        return EtatComposant.NON_CONFIGURE
    parts = urlsplit(url)
    repond = await _accueille(lambda: asyncio.open_connection(parts.hostname, parts.port or 25))
    return EtatComposant.DISPONIBLE if repond else EtatComposant.INDISPONIBLE


async def _accueille(ouvrir: Ouverture) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await ouvrir()
            accueil = await reader.readline()
            writer.write(b"QUIT\r\n")
            writer.close()
            await writer.wait_closed()
    except (OSError, TimeoutError):
        return False
    return accueil.startswith(b"220")


async def analyse() -> EtatComposant:
    """Tell whether the antivirus is awake: without it, pieces wait, unreadable (art. 3.1)."""
    if not antivirus.configured():
        return EtatComposant.NON_CONFIGURE
    try:
        await antivirus.ping()
    except antivirus.Unavailable:
        return EtatComposant.INDISPONIBLE
    return EtatComposant.DISPONIBLE


class Rangement:
    """The store of pieces. A network folder that hangs keeps its thread: it is asked again once it has answered."""

    def __init__(self) -> None:
        self.en_cours: asyncio.Task[None] | None = None

    async def etat(self) -> EtatComposant:
        if self.en_cours is None:
            self.en_cours = asyncio.create_task(storage.ping())
            self.en_cours.add_done_callback(self._finir)
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.shield(self.en_cours)
        except (storage.Unreachable, TimeoutError):
            return EtatComposant.INDISPONIBLE
        return EtatComposant.DISPONIBLE

    def _finir(self, tache: asyncio.Task[None]) -> None:
        self.en_cours = None
        if not tache.cancelled():
            tache.exception()  # read, whoever still waits for it


RANGEMENT = Rangement()
