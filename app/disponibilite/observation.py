"""The eye of one process on the service: what is announced, what works, whom to reach otherwise.

It looks every `EP_STATUS_SECONDS` on a connection of its own, so that a busy pool is not taken for a fault; what
costs more (conventions, mail server, antivirus, store of pieces) every `SLOW`, however many callers there are. A
database that is away leaves the last look.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from app.config import settings
from app.disponibilite import queries
from app.disponibilite.regles import EtatComposant, etat_des_travaux, urgente
from app.disponibilite.schemas import Composant, FenetreLue, Travaux
from app.disponibilite.sondes import INCONNU, PATIENCE, Entourage, entourage
from app.kit.clock import now, today
from app.kit.location import application_url
from app.kit.outage import MEMORY, Window
from app.kit.session import Database, database

log = structlog.get_logger("observation")

SLOW = timedelta(seconds=30)
INCONNUS = Travaux(etat=EtatComposant.INCONNU, verifie_le=None, en_attente=None, plus_ancien_secondes=None)


@dataclass(frozen=True, slots=True)
class Vue:
    """What was seen, and when."""

    verifie_le: datetime | None = None
    base: Composant = field(default_factory=lambda: INCONNU)
    travaux: Travaux = field(default_factory=lambda: INCONNUS)
    entourage: Entourage = field(default_factory=Entourage)
    fenetres: tuple[FenetreLue, ...] = ()
    lent_le: datetime | None = None


@dataclass(slots=True)
class Observateur:
    """One a process. `propre`: its own connection, while the application is open."""

    vue: Vue = field(default_factory=Vue)
    propre: Database | None = None
    regards: int = 0  # in progress

    async def a_jour(self) -> Vue:
        """Return the last look, or look again when it is old and nobody is looking: callers never add up.

        What this process has just changed itself is looked at at once.
        """
        age = timedelta.max if self.vue.verifie_le is None else now() - self.vue.verifie_le
        vieux = age >= timedelta(seconds=settings().status_seconds)
        if MEMORY.outdated or (vieux and not self.regards):
            await self.regarder()
        return self.vue

    async def regarder(self) -> None:
        """Look once. Whatever fails, the last look stays, and its parts say when they were seen."""
        self.regards += 1
        try:
            await self._regarder(now())
        finally:
            self.regards -= 1

    async def _regarder(self, instant: datetime) -> None:
        lent = self.vue.lent_le is None or instant - self.vue.lent_le >= SLOW
        if lent:  # said first: nobody else asks them meanwhile
            self.vue = replace(self.vue, lent_le=instant)
        autour = asyncio.create_task(entourage(instant)) if lent else None
        await self._regarder_la_base(instant, lent=lent)
        if autour is not None:
            self.vue = replace(self.vue, entourage=await autour)

    async def _regarder_la_base(self, instant: datetime, *, lent: bool) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._lire(instant, lent=lent)
        except Exception as error:  # noqa: BLE001  # whatever the cause, the database did not answer
            log.warning("database_away", error=type(error).__name__)
            self.vue = replace(
                self.vue,
                verifie_le=instant,
                base=Composant(etat=EtatComposant.INDISPONIBLE, verifie_le=instant),
                travaux=self.vue.travaux.model_copy(update={"etat": EtatComposant.INCONNU}),
            )

    async def _lire(self, instant: datetime, *, lent: bool) -> None:
        changes = MEMORY.changes
        async with (self.propre or database()).transaction() as session:
            fenetres = await queries.fenetres(session, instant)
            en_attente, attente, signe = await queries.travaux(session)
            MEMORY.outdated = False
            MEMORY.channels = await queries.voies(session)
            if lent:
                MEMORY.reach = await queries.portees(session, today())
        MEMORY.replace_windows((Window(f.id, f.debut, f.fin) for f in fenetres), changes)
        self.vue = replace(
            self.vue,
            verifie_le=instant,
            base=Composant(etat=EtatComposant.DISPONIBLE, verifie_le=instant),
            travaux=Travaux(
                etat=etat_des_travaux(attente, signe),
                verifie_le=instant,
                en_attente=en_attente,
                plus_ancien_secondes=int(attente.total_seconds()),
            ),
            fenetres=tuple(
                FenetreLue(
                    debut=f.debut, fin=f.fin, message=f.message, urgente=urgente(f.annoncee_le, f.debut)
                )
                for f in fenetres
            ),
        )


OBSERVATEUR = Observateur()


@asynccontextmanager
async def ouverte() -> AsyncIterator[None]:
    """Look as long as the application is open."""
    OBSERVATEUR.propre = Database(application_url(), 1)
    tache = asyncio.create_task(_toujours())
    try:
        yield
    finally:
        tache.cancel()
        with suppress(asyncio.CancelledError):
            await tache
        propre, OBSERVATEUR.propre = OBSERVATEUR.propre, None
        await propre.engine.dispose()


async def _toujours() -> None:
    while True:
        await OBSERVATEUR.regarder()
        await asyncio.sleep(settings().status_seconds)
