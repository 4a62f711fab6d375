"""Art. 4.1: the owner of an application is told a month, a week and a day before its secret ends."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.acces.tables import Application
from app.applications.regles import avis_du
from app.applications.service import objet
from app.droits import SYSTEME
from app.evenements.service import publier
from app.kit.jobs import enqueue


async def a_annoncer(session: AsyncSession, jour: date) -> list[UUID]:
    rows = await session.scalars(
        select(Application)
        .where(Application.fin_le.is_(None), Application.secret_expire_le >= jour)
        .order_by(Application.id)
    )
    return [application.id for application in rows if _avis(application, jour)]


async def annoncer(session: AsyncSession, id_: UUID, jour: date) -> bool:
    """Send one notice; after days without the daily rules, the nearest one alone."""
    application = await session.get(Application, id_, with_for_update=True)
    avis = _avis(application, jour) if application else None
    if application is None or avis is None:
        return False
    application.avis_jours = avis
    await session.flush()
    await enqueue(session, "applications.annoncer_expiration", application_id=str(id_))
    await publier(session, SYSTEME, "application.secret_a_renouveler", objet(application))
    return True


def _avis(application: Application, jour: date) -> int | None:
    if application.fin_le is not None or application.secret_expire_le is None:
        return None
    return avis_du((application.secret_expire_le - jour).days, application.avis_jours)
