"""Mails about malfunctions, to whoever is expected to read: never to the one who has just written (art. 3.3)."""

from uuid import UUID

from procrastinate import JobContext
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes.regles import Etat
from app.comptes.tables import Compte
from app.disponibilite.tables import Dysfonctionnement
from app.droits import Role
from app.kit.jobs import RETRY, jobs
from app.kit.mail import compose, send
from app.kit.session import database
from app.referentiel.tables import Caisse

AUTEUR, CAISSE, NATIONAL = "auteur", "caisse", "national"
# event: (subject, sentence, who reads it)
PHRASES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "dysfonctionnement.signale": (
        "dysfonctionnement signalé",
        "Un dysfonctionnement du portail est signalé.",
        (CAISSE, NATIONAL),
    ),
    "dysfonctionnement.complete": (
        "dysfonctionnement complété",
        "Un complément est ajouté au dysfonctionnement signalé.",
        (CAISSE, NATIONAL),
    ),
    "dysfonctionnement.repondu": (
        "réponse à un dysfonctionnement",
        "Une réponse est à lire sur le dysfonctionnement que vous avez signalé.",
        (AUTEUR,),
    ),
    "dysfonctionnement.transmis": (
        "dysfonctionnement transmis au support national",
        "La caisse a transmis le dysfonctionnement au support national.",
        (AUTEUR, NATIONAL),
    ),
    "dysfonctionnement.resolu": (
        "dysfonctionnement clos",
        "Le dysfonctionnement est clos.",
        (AUTEUR, CAISSE),
    ),
}


@jobs.task(name="disponibilite.avertir_dysfonctionnement", retry=RETRY, pass_context=True)
async def avertir_dysfonctionnement(
    context: JobContext, dysfonctionnement_id: str, evenement: str, acteur_id: str
) -> None:
    """Send one mail an address; their keys are the job's, so a retry sends the same mails."""
    objet, phrase, cotes = PHRASES[evenement]
    async with database().transaction() as session:
        dysfonctionnement = await session.get(Dysfonctionnement, UUID(dysfonctionnement_id))
        if dysfonctionnement is None:
            return
        adresses = {
            adresse
            for cote in cotes
            for adresse in await _adresses(session, dysfonctionnement, cote, UUID(acteur_id))
        }
    for rang, adresse in enumerate(sorted(adresses)):
        await send(
            compose(
                "disponibilite/mails/dysfonctionnement.txt",
                f"dysfonctionnement-{context.job.id}-{rang}",
                adresse,
                objet=objet,
                phrase=phrase,
                reference=dysfonctionnement_id,
                bloquant="oui" if dysfonctionnement.bloquant else "",
            )
        )


async def _adresses(
    session: AsyncSession, dysfonctionnement: Dysfonctionnement, cote: str, acteur_id: UUID
) -> list[str]:
    if cote == CAISSE:
        caisse = await session.get_one(Caisse, dysfonctionnement.caisse)
        return [caisse.email_file]
    if cote == NATIONAL and dysfonctionnement.transmis_le is None:
        return []
    qui: ColumnElement[bool] = (
        Compte.role == Role.ADMINISTRATEUR if cote == NATIONAL else Compte.id == dysfonctionnement.auteur_id
    )
    statement = select(Compte.email).where(qui, Compte.statut == Etat.ACTIF, Compte.id != acteur_id)
    return list(await session.scalars(statement))
