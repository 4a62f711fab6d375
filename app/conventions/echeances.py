"""Art. 8: what the days brought to the conventions, told once each by the daily rules."""

from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.conventions import actes, queries
from app.conventions.tables import Convention


async def a_constater(session: AsyncSession, jour: date) -> list[UUID]:
    return await queries.a_regler(session, jour)


async def constater(session: AsyncSession, id_: UUID, jour: date) -> bool:
    """Publish the renewals, the terms that begin to apply and the end, each on its turn."""
    convention = await session.get(Convention, id_, with_for_update=True)
    if convention is None:
        return False
    await session.refresh(convention, ["changements"])
    return await actes.constater(session, convention, jour)
