"""Mails about applications: to their contacts, else to the queue of the caisse or to the gestionnaires."""

from collections.abc import Sequence
from uuid import UUID

from procrastinate import JobContext
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.acces.tables import Application
from app.kit.jobs import RETRY, jobs
from app.kit.mail import compose, send
from app.kit.session import database
from app.referentiel.tables import Caisse


@jobs.task(name="applications.annoncer_expiration", retry=RETRY, pass_context=True)
async def annoncer_expiration(context: JobContext, application_id: str) -> None:
    async with database().transaction() as session:
        application = await session.get(Application, UUID(application_id))
        if application is None or application.fin_le is not None or application.secret_expire_le is None:
            return
        adresses = await _adresses(session, application)
    for rang, adresse in enumerate(adresses):
        await send(
            compose(
                "applications/mails/secret.txt",
                f"secret-{context.job.id}-{rang}",
                adresse,
                nom=application.client_name,
                client=application.client_id,
                jour=f"{application.secret_expire_le:%d/%m/%Y}",
            )
        )


async def _adresses(session: AsyncSession, application: Application) -> Sequence[str]:
    if application.contacts:
        return sorted(application.contacts)
    if application.partenaire_id is not None:
        return await session.scalar(select(func.ep_adresses_gestionnaires(application.partenaire_id))) or []
    rows = await session.scalars(select(Caisse.email_file).where(Caisse.code == application.caisse))
    return rows.all()
