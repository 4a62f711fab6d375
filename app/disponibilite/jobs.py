"""Mails about maintenance: to each gestionnaire of each structure, and to the queue of each caisse (art. 3.2)."""

from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.disponibilite import regles
from app.disponibilite.tables import Maintenance
from app.kit.jobs import RETRY, enqueue, jobs
from app.kit.mail import compose, send
from app.kit.session import database
from app.referentiel.tables import Caisse, Partenaire

PARIS = ZoneInfo("Europe/Paris")
CAISSE, STRUCTURE = "caisse", "structure"
OBJETS = {"maintenance.annoncee": "maintenance annoncée", "maintenance.annulee": "maintenance annulée"}


@jobs.task(name="disponibilite.diffuser_maintenance", retry=RETRY)
async def diffuser_maintenance(maintenance_id: str, evenement: str) -> None:
    """Give each side a job of its own: one address that fails makes nobody else wait, nor read twice."""
    async with database().transaction() as session:
        caisses = [(CAISSE, code) for code in await session.scalars(select(Caisse.code))]
        structures = [(STRUCTURE, str(id_)) for id_ in await session.scalars(select(Partenaire.id))]
        for cote, qui in (*caisses, *structures):
            await enqueue(
                session,
                "disponibilite.avertir_maintenance",
                maintenance_id=maintenance_id,
                evenement=evenement,
                cote=cote,
                qui=qui,
            )


@jobs.task(name="disponibilite.avertir_maintenance", retry=RETRY)
async def avertir_maintenance(maintenance_id: str, evenement: str, cote: str, qui: str) -> None:
    """Write to one side; the mail's key is the window's, so a double is seen as one."""
    async with database().transaction() as session:
        maintenance = await session.get(Maintenance, UUID(maintenance_id))
        adresses = await _adresses(session, cote, qui)
    if maintenance is None:
        return
    debut, fin = (f"{le.astimezone(PARIS):%d/%m/%Y à %H h %M}" for le in (maintenance.debut, maintenance.fin))
    for rang, adresse in enumerate(adresses):
        mail = compose(
            "disponibilite/mails/maintenance.txt",
            f"{evenement}-{maintenance_id}-{qui}-{rang}",
            adresse,
            objet=OBJETS[evenement],
            evenement=evenement,
            debut=debut,
            fin=fin,
            message=maintenance.message,
            urgente="oui" if regles.urgente(maintenance.annoncee_le, maintenance.debut) else "",
        )
        await send(mail)


async def _adresses(session: AsyncSession, cote: str, qui: str) -> list[str]:
    if cote == CAISSE:
        return list(await session.scalars(select(Caisse.email_file).where(Caisse.code == qui)))
    return await session.scalar(select(func.ep_adresses_gestionnaires(UUID(qui)))) or []
