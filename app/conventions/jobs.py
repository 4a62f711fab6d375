"""Mails about conventions: to the gestionnaires of the structure (art. 4.1, 7)."""

from uuid import UUID

from procrastinate import JobContext
from sqlalchemy import func, select

from app.conventions.tables import Convention
from app.kit.jobs import RETRY, jobs
from app.kit.mail import compose, send
from app.kit.session import database
from app.referentiel.tables import Caisse

PHRASES = {
    "convention.suspendue": (
        "accès suspendu",
        "La caisse a suspendu l'accès de votre structure : ses demandes ne sont plus accessibles.",
    ),
    "convention.suspension_levee": ("accès rétabli", "La caisse a rétabli l'accès de votre structure."),
}


@jobs.task(name="conventions.avertir", retry=RETRY, pass_context=True)
async def avertir(context: JobContext, convention_id: str, evenement: str) -> None:
    async with database().transaction() as session:
        row = (
            await session.execute(
                select(Convention.partenaire_id, Caisse.nom)
                .join(Caisse, Caisse.code == Convention.caisse)
                .where(Convention.id == UUID(convention_id))
            )
        ).one_or_none()
        adresses = (
            (await session.scalar(select(func.ep_adresses_gestionnaires(row.partenaire_id)))) if row else []
        )
    objet, phrase = PHRASES[evenement]
    for rang, adresse in enumerate(adresses or []):
        key = f"convention-{context.job.id}-{rang}"
        await send(
            compose(
                "conventions/mails/convention.txt",
                key,
                adresse,
                objet=objet,
                phrase=phrase,
                caisse=row.nom if row else "",
            )
        )
