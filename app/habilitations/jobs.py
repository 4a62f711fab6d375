"""Mails about habilitations, incidents and reviews, to either side (art. 2.2, 4.1, 4.2)."""

from collections.abc import Sequence
from uuid import UUID

from procrastinate import JobContext
from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes.jobs_avis import STRUCTURE, des_files, des_gestionnaires, du_cote, envoyer
from app.habilitations.tables import DemandeHabilitation, Incident, RevueHabilitation
from app.kit.jobs import RETRY, jobs
from app.kit.session import database

# What the mail says of each event: (subject, sentence).
PHRASES: dict[str, tuple[str, str]] = {
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


@jobs.task(name="comptes.avertir_habilitation", retry=RETRY, pass_context=True)
async def avertir_habilitation(context: JobContext, demande_id: str, evenement: str, cote: str) -> None:
    async with database().transaction() as session:
        demande = await session.get(DemandeHabilitation, UUID(demande_id))
        if demande is None:
            return
        adresses = await _de_la_paire(session, demande, cote)
    await envoyer(context, adresses, PHRASES[evenement], demande_id)


@jobs.task(name="comptes.avertir_incident", retry=RETRY, pass_context=True)
async def avertir_incident(context: JobContext, incident_id: str, cote: str) -> None:
    """Art. 4.1: both sides are informed, whichever found it."""
    async with database().transaction() as session:
        incident = await session.get(Incident, UUID(incident_id))
        if incident is None or incident.partenaire_id is None:
            return
        adresses = await du_cote(session, incident.partenaire_id, cote)
    await envoyer(context, adresses, PHRASES["incident.declare"], incident_id)


@jobs.task(name="comptes.avertir_revue", retry=RETRY, pass_context=True)
async def avertir_revue(context: JobContext, revue_id: str, evenement: str, cote: str) -> None:
    """Art. 4.2: the gestionnaires, of what is to be reviewed; the caisse, of the end that it is asked for."""
    async with database().transaction() as session:
        revue = await session.get(RevueHabilitation, UUID(revue_id))
        if revue is None:
            return
        adresses = await _de_la_paire(session, revue, cote)
    reference = f"{revue_id}, échéance le {revue.echeance:%d/%m/%Y}"
    await envoyer(context, adresses, PHRASES[evenement], reference)


async def _de_la_paire(
    session: AsyncSession, ligne: DemandeHabilitation | RevueHabilitation, cote: str
) -> Sequence[str]:
    """Return the addresses of one side of what binds one structure and one caisse."""
    if cote == STRUCTURE:
        return await des_gestionnaires(session, ligne.partenaire_id)
    return await des_files(session, [ligne.caisse])
