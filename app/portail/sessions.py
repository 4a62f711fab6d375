"""Who is signed in on the pages: a row for each browser, read at every page, so that all processes agree."""

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.acces import connexions
from app.comptes.tables import Compte
from app.config import settings
from app.kit.clock import now
from app.kit.passwords import fingerprint, new_secret
from app.portail.tables import SessionNavigateur


async def ouvrir(session: AsyncSession, compte: Compte) -> str:
    """Open a session under a new secret, never one that the browser came with; only its hash is kept."""
    secret = new_secret("s-")
    session.add(
        SessionNavigateur(
            empreinte=fingerprint(secret),
            compte_id=compte.id,
            epoque=compte.epoque,
            ouverte_le=now(),
            expire_le=now() + timedelta(seconds=settings().browser_session_ttl),
        )
    )
    await session.flush()
    return secret


async def titulaire(session: AsyncSession, secret: str) -> Compte | None:
    """Art. 4.1: return whose session it is, if the account still is what it was when the session opened."""
    compte = await session.scalar(
        select(Compte)
        .join(SessionNavigateur, SessionNavigateur.compte_id == Compte.id)
        .where(
            SessionNavigateur.empreinte == fingerprint(secret),
            SessionNavigateur.expire_le > now(),
            SessionNavigateur.epoque == Compte.epoque,
        )
    )
    return compte if compte is not None and await connexions.actif(session, compte) else None


async def fermer(session: AsyncSession, secret: str) -> None:
    await session.execute(delete(SessionNavigateur).where(SessionNavigateur.empreinte == fingerprint(secret)))


async def oublier(session: AsyncSession) -> None:
    await session.execute(delete(SessionNavigateur).where(SessionNavigateur.expire_le < now()))
