"""Art. 5: the journal is purged after its own period; what goes leaves the anchor of what stays."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.config import settings
from app.droits import SYSTEME
from app.journal.regles import limite_de_conservation
from app.journal.sceaux import oublier, sceller
from app.journal.service import NATIONAL, Objet, inscrire
from app.journal.tables import Chaine, Ligne
from app.kit.clock import midnight
from app.kit.session import as_owner

PURGE = "journal.purge"


def _limite(jour: date) -> datetime:
    return midnight(limite_de_conservation(jour, settings().journal_months))


async def a_purger(session: AsyncSession, jour: date) -> list[str]:
    """Return the chains whose oldest line has had its time."""
    premiere = (
        select(Ligne.le)
        .where(Ligne.chaine == Chaine.chaine)
        .order_by(Ligne.numero)
        .limit(1)
        .scalar_subquery()
    )
    rows = await session.scalars(
        select(Chaine.chaine).where(premiere < _limite(jour)).order_by(Chaine.chaine)
    )
    return list(rows)


async def purger(session: AsyncSession, chaine: str, jour: date) -> bool:
    """Purge one chain up to the first line that stays, then journal and seal it.

    The application's own function refuses a line of less than six months by the clock of the database. A
    day to come (`lifecycle --as-of`) is lived by the operator, who has the owner's connection.
    """
    if await session.scalar(select(cast(jour, Date) > func.current_date())):
        async with as_owner() as proprietaire:
            return await _purger(proprietaire, func.ep_purger_chaine, chaine, jour)
    return await _purger(session, func.ep_purger_journal, chaine, jour)


async def _purger(session: AsyncSession, fonction: Callable[..., Any], chaine: str, jour: date) -> bool:
    if not await session.scalar(select(fonction(chaine, _limite(jour)))):
        return False
    caisse = None if chaine == NATIONAL else chaine
    await inscrire(session, SYSTEME, PURGE, Objet("journal", chaine, caisse))
    await sceller(session, purgee=chaine)
    await oublier(session)
    return True
