"""Who plays in the demo, and when: each gesture is a transaction of its own, at its instant."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes import queries as comptes
from app.demandes import depots
from app.demandes import service as demandes
from app.demandes.regles import Geste, Type
from app.demandes.schemas import DemandeDepot, DemandeLue
from app.demandes.service import Effet
from app.demo.structures import TOUTES
from app.droits import Acteur
from app.kit import clock
from app.kit.session import database


@dataclass(frozen=True, slots=True)
class Personnage:
    """An account of the demo, by its identifiant, acting at one caisse."""

    identifiant: str
    caisse: str = "611"

    @asynccontextmanager
    async def en_scene(self, instant: datetime) -> AsyncIterator[tuple[AsyncSession, Acteur]]:
        """Open the transaction of a gesture, as of an instant that is never to come. Raises LookupError."""
        with clock.pretend(min(instant, datetime.now(UTC))):
            async with database().transaction() as session:
                compte = await comptes.par_identifiant(session, self.identifiant)
                if compte is None:
                    raise LookupError(self.identifiant)
                ouvertes = {self.caisse: TOUTES}
                yield session, Acteur(compte.id, compte.role, compte.partenaire_id, compte.caisse, ouvertes)

    async def deposer(self, instant: datetime, type_: Type, depot: DemandeDepot) -> UUID:
        """File a request, and return its identifier."""
        async with self.en_scene(instant) as (session, acteur):
            demande, _ = await depots.deposer(session, acteur, type_, depot)
            return demande.id

    async def faire(
        self,
        instant: datetime,
        demande_id: UUID,
        geste: Geste,
        effet: Callable[[AsyncSession, Acteur], Effet] | None = None,
        evenement: str | None = None,
    ) -> DemandeLue:
        """Do a gesture on a request; `effet` makes what it does of the transaction and of who acts."""
        async with self.en_scene(instant) as (session, acteur):
            fait = effet(session, acteur) if effet else None
            _, lue = await demandes.faire(session, acteur, demande_id, geste, None, fait, evenement=evenement)
            return lue
