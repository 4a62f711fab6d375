"""Mails about the notices of a caisse, to each gestionnaire of the structures in convention with it (art. 7)."""

from uuid import UUID

from sqlalchemy import func, select

from app.conventions import queries
from app.kit.clock import today
from app.kit.jobs import RETRY, enqueue, jobs
from app.kit.mail import compose, send
from app.kit.session import database
from app.referentiel.tables import Avis, Caisse


@jobs.task(name="conventions.diffuser_avis", retry=RETRY)
async def diffuser_avis(avis_id: str) -> None:
    """Give each structure a job of its own: one address that fails makes nobody else wait, nor read twice."""
    async with database().transaction() as session:
        avis = await session.get(Avis, UUID(avis_id))
        if avis is None:
            return
        for partenaire_id in await queries.partenaires_en_vigueur(session, avis.caisse, today()):
            await enqueue(
                session, "conventions.avertir_avis", avis_id=avis_id, partenaire_id=str(partenaire_id)
            )


@jobs.task(name="conventions.avertir_avis", retry=RETRY)
async def avertir_avis(avis_id: str, partenaire_id: str) -> None:
    """Write to the gestionnaires; the mail's key is the notice's, so a double is seen as one."""
    async with database().transaction() as session:
        row = (
            await session.execute(
                select(Avis.titre, Caisse.nom)
                .join(Caisse, Caisse.code == Avis.caisse)
                .where(Avis.id == UUID(avis_id))
            )
        ).one_or_none()
        adresses = await session.scalar(select(func.ep_adresses_gestionnaires(UUID(partenaire_id))))
    if row is None:
        return
    for rang, adresse in enumerate(adresses or []):
        key = f"avis-{avis_id}-{partenaire_id}-{rang}"
        await send(compose("conventions/mails/avis.txt", key, adresse, titre=row.titre, caisse=row.nom))
