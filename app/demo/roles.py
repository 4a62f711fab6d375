"""Who plays in the demo, and when: each gesture is a transaction of its own, at its instant."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes import queries as comptes
from app.demo.structures import TOUTES
from app.droits import Acteur
from app.kit import clock
from app.kit.session import database


async def acteur(session: AsyncSession, identifiant: str, caisse: str) -> Acteur:
    """Return an account of the demo as the guard would let it act at one caisse. Raises LookupError."""
    compte = await comptes.par_identifiant(session, identifiant)
    if compte is None:
        raise LookupError(identifiant)
    return Acteur(compte.id, compte.role, compte.partenaire_id, compte.caisse, {caisse: TOUTES})


@asynccontextmanager
async def scene(
    identifiant: str, caisse: str, instant: datetime
) -> AsyncIterator[tuple[AsyncSession, Acteur]]:
    """Open the transaction of a gesture, as of an instant that is never to come."""
    with clock.pretend(min(instant, datetime.now(UTC))):
        async with database().transaction() as session:
            yield session, await acteur(session, identifiant, caisse)
