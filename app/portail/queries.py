from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.acces.queries import PERSONNE
from app.comptes.tables import Compte
from app.portail.tables import SessionNavigateur


async def etat_visiteur(session: AsyncSession, empreinte: str, jour: date) -> Any:
    """Read what decides of the call of who is signed in on the pages, by the hash of the browser's secret."""
    result = await session.execute(
        select(
            *PERSONNE,
            (SessionNavigateur.epoque == Compte.epoque).label("valable"),
            SessionNavigateur.expire_le,
        )
        .select_from(Compte)
        .join(SessionNavigateur, SessionNavigateur.compte_id == Compte.id)
        .where(SessionNavigateur.empreinte == empreinte),
        {"jour": jour},
    )
    return result.one_or_none()
