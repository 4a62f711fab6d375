from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes.tables import Compte, VersionCgu
from app.droits import Role


async def compte(session: AsyncSession, id_: UUID, *, verrou: bool = False) -> Compte | None:
    return await session.get(Compte, id_, with_for_update=verrou, populate_existing=verrou)


async def par_identifiant(session: AsyncSession, identifiant: str) -> Compte | None:
    return await session.scalar(select(Compte).where(Compte.identifiant == identifiant))


def agents(caisse: str | None = None) -> Select[Compte]:
    """Select the agents of one caisse, or of all, newest first."""
    statement = select(Compte).where(Compte.role == Role.AGENT_CAISSE).order_by(Compte.id.desc())
    return statement if caisse is None else statement.where(Compte.caisse == caisse)


async def cgu_en_vigueur(session: AsyncSession) -> VersionCgu | None:
    return await session.scalar(select(VersionCgu).order_by(VersionCgu.publiee_le.desc()).limit(1))
