"""Mails about accounts: to the gestionnaires of the structure, or to its caisses (art. 2.2, 4.1)."""

from collections.abc import Sequence
from uuid import UUID

from procrastinate import JobContext
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes.regles import Etat
from app.comptes.tables import Compte
from app.conventions import queries as conventions
from app.droits import Role
from app.kit.clock import today
from app.kit.jobs import RETRY, jobs
from app.kit.mail import compose, send
from app.kit.session import database
from app.referentiel.tables import Caisse

TEMPLATE = "comptes/mails/avis.txt"
STRUCTURE, CAISSES = "structure", "caisses"

# What the mail says of each event: (subject, sentence).
PHRASES: dict[str, tuple[str, str]] = {
    "compte.inactive": ("compte inactivé", "Un compte de la structure a été inactivé."),
    "compte.reactive": ("compte réactivé", "Un compte de la structure a été réactivé."),
    "compte.exclu": (
        "compte exclu",
        "La caisse a exclu un compte de la structure : il ne peut plus être utilisé.",
    ),
    "compte.supprime": ("compte supprimé", "Un compte inactif depuis six mois a été supprimé."),
}


@jobs.task(name="comptes.avertir_structure", retry=RETRY, pass_context=True)
async def avertir_structure(context: JobContext, compte_id: str, evenement: str) -> None:
    await _du_compte(context, UUID(compte_id), evenement, STRUCTURE)


@jobs.task(name="comptes.avertir_caisses", retry=RETRY, pass_context=True)
async def avertir_caisses(context: JobContext, compte_id: str, evenement: str) -> None:
    await _du_compte(context, UUID(compte_id), evenement, CAISSES)


async def _du_compte(context: JobContext, compte_id: UUID, evenement: str, cote: str) -> None:
    async with database().transaction() as session:
        compte = await session.get(Compte, compte_id)
        if compte is None or compte.partenaire_id is None:
            return
        adresses = await du_cote(session, compte.partenaire_id, cote)
    await envoyer(context, adresses, PHRASES[evenement], compte.identifiant)


async def du_cote(session: AsyncSession, partenaire_id: UUID, cote: str) -> Sequence[str]:
    if cote == STRUCTURE:
        return await des_gestionnaires(session, partenaire_id)
    return await des_files(session, await conventions.caisses_en_vigueur(session, partenaire_id, today()))


async def des_gestionnaires(session: AsyncSession, partenaire_id: UUID) -> Sequence[str]:
    rows = await session.scalars(
        select(Compte.email).where(
            Compte.partenaire_id == partenaire_id,
            Compte.role == Role.GESTIONNAIRE,
            Compte.statut == Etat.ACTIF,
        )
    )
    return rows.all()


async def des_files(session: AsyncSession, caisses: Sequence[str]) -> Sequence[str]:
    rows = await session.scalars(select(Caisse.email_file).where(Caisse.code.in_(caisses)))
    return rows.all()


async def envoyer(context: JobContext, adresses: Sequence[str], dit: tuple[str, str], reference: str) -> None:
    """Send one mail an address; their keys are the job's, so a retry sends the same mails."""
    objet, phrase = dit
    for rang, adresse in enumerate(sorted(adresses)):
        key = f"avis-{context.job.id}-{rang}"
        await send(compose(TEMPLATE, key, adresse, objet=objet, phrase=phrase, reference=reference))
