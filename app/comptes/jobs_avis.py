"""Mails about accounts: to the gestionnaires of the structure, or to its caisses (art. 2.2, 4.1)."""

from collections.abc import Sequence
from uuid import UUID

from procrastinate import JobContext
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes.regles import Etat
from app.comptes.tables import Compte, DemandeHabilitation, Incident, RevueHabilitation
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
    "habilitation.deposee": ("demande d'habilitation", "Une demande d'habilitation a été déposée."),
    "habilitation.acceptee": ("habilitation acceptée", "La caisse a accepté la demande d'habilitation."),
    "habilitation.refusee": ("habilitation refusée", "La caisse a refusé la demande d'habilitation."),
    "incident.declare": (
        "incident déclaré",
        "Un incident a été déclaré sur un compte de la structure ; sa preuve est à lire en ligne.",
    ),
    "revue.ouverte": (
        "revue des habilitations",
        "La caisse demande de revoir les comptes de la structure : chacun est à maintenir ou à inactiver.",
    ),
    "revue.rappel": (
        "revue des habilitations à terminer",
        "La revue des comptes de la structure est à terminer : son échéance approche ou est dépassée.",
    ),
    "revue.decision": (
        "fin d'un gestionnaire demandée",
        "En revoyant ses comptes, la structure a décidé la fin d'un gestionnaire : elle revient à la caisse.",
    ),
}


@jobs.task(name="comptes.avertir_structure", retry=RETRY, pass_context=True)
async def avertir_structure(context: JobContext, compte_id: str, evenement: str) -> None:
    await _du_compte(context, UUID(compte_id), evenement, STRUCTURE)


@jobs.task(name="comptes.avertir_caisses", retry=RETRY, pass_context=True)
async def avertir_caisses(context: JobContext, compte_id: str, evenement: str) -> None:
    await _du_compte(context, UUID(compte_id), evenement, CAISSES)


@jobs.task(name="comptes.avertir_habilitation", retry=RETRY, pass_context=True)
async def avertir_habilitation(context: JobContext, demande_id: str, evenement: str, cote: str) -> None:
    async with database().transaction() as session:
        demande = await session.get(DemandeHabilitation, UUID(demande_id))
        if demande is None:
            return
        adresses = (
            await _gestionnaires(session, demande.partenaire_id)
            if cote == STRUCTURE
            else await _files(session, [demande.caisse])
        )
    await _envoyer(context, adresses, evenement, demande_id)


@jobs.task(name="comptes.avertir_incident", retry=RETRY, pass_context=True)
async def avertir_incident(context: JobContext, incident_id: str, cote: str) -> None:
    """Art. 4.1: both sides are informed, whichever found it."""
    async with database().transaction() as session:
        incident = await session.get(Incident, UUID(incident_id))
        if incident is None or incident.partenaire_id is None:
            return
        adresses = await _adresses(session, incident.partenaire_id, cote)
    await _envoyer(context, adresses, "incident.declare", incident_id)


@jobs.task(name="comptes.avertir_revue", retry=RETRY, pass_context=True)
async def avertir_revue(context: JobContext, revue_id: str, evenement: str, cote: str) -> None:
    """Art. 4.2: the gestionnaires, of what is to be reviewed; the caisse, of the end that it is asked for."""
    async with database().transaction() as session:
        revue = await session.get(RevueHabilitation, UUID(revue_id))
        if revue is None:
            return
        adresses = (
            await _gestionnaires(session, revue.partenaire_id)
            if cote == STRUCTURE
            else await _files(session, [revue.caisse])
        )
    reference = f"{revue_id}, échéance le {revue.echeance:%d/%m/%Y}"
    await _envoyer(context, adresses, evenement, reference)


async def _du_compte(context: JobContext, compte_id: UUID, evenement: str, cote: str) -> None:
    async with database().transaction() as session:
        compte = await session.get(Compte, compte_id)
        if compte is None or compte.partenaire_id is None:
            return
        adresses = await _adresses(session, compte.partenaire_id, cote)
    await _envoyer(context, adresses, evenement, compte.identifiant)


async def _adresses(session: AsyncSession, partenaire_id: UUID, cote: str) -> Sequence[str]:
    if cote == STRUCTURE:
        return await _gestionnaires(session, partenaire_id)
    return await _files(session, await conventions.caisses_en_vigueur(session, partenaire_id, today()))


async def _gestionnaires(session: AsyncSession, partenaire_id: UUID) -> Sequence[str]:
    rows = await session.scalars(
        select(Compte.email).where(
            Compte.partenaire_id == partenaire_id,
            Compte.role == Role.GESTIONNAIRE,
            Compte.statut == Etat.ACTIF,
        )
    )
    return rows.all()


async def _files(session: AsyncSession, caisses: Sequence[str]) -> Sequence[str]:
    rows = await session.scalars(select(Caisse.email_file).where(Caisse.code.in_(caisses)))
    return rows.all()


async def _envoyer(context: JobContext, adresses: Sequence[str], evenement: str, reference: str) -> None:
    """Send one mail an address; their keys are the job's, so a retry sends the same mails."""
    objet, phrase = PHRASES[evenement]
    for rang, adresse in enumerate(sorted(adresses)):
        key = f"avis-{context.job.id}-{rang}"
        await send(compose(TEMPLATE, key, adresse, objet=objet, phrase=phrase, reference=reference))
