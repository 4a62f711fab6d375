"""Mails about requests: to the caisse's queue and to the technicien, at each change, without a word of the person."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from procrastinate import JobContext
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes.regles import Etat
from app.comptes.tables import Compte
from app.demandes.regles_creneaux import StatutCreneau
from app.demandes.tables import Creneau, Demande
from app.kit.calendrier import fuseau_du_departement
from app.kit.clock import now
from app.kit.jobs import RETRY, jobs
from app.kit.mail import compose, send
from app.kit.session import database
from app.referentiel.tables import Caisse

TEMPLATE = "demandes/mails/demande.txt"
CAISSE, TECHNICIEN = "caisse", "technicien"

# What the mail says: (subject, sentence). The names of the events are those of the log.
PHRASES: dict[str, tuple[str, str]] = {
    "demande.deposee": ("demande déposée", "Une demande a été déposée dans la file de la caisse."),
    "demande.prise_en_charge": ("demande prise en charge", "La caisse a pris la demande en charge."),
    "demande.affectee": ("demande affectée", "La demande a été affectée à un agent de la caisse."),
    "demande.complement_demande": (
        "complément demandé",
        "La caisse demande un complément à votre structure.",
    ),
    "demande.message": ("nouveau message", "Un message a été ajouté à la demande."),
    "demande.cloturee": (
        "demande clôturée",
        "La caisse a clôturé la demande : son issue est à lire en ligne.",
    ),
    "demande.annulee": ("demande annulée", "La structure a annulé la demande."),
    "demande.texte_retire": (
        "passage retiré",
        "La caisse a retiré d'un texte un passage qui n'y avait pas sa place : la demande est à relire.",
    ),
    "demande.consentement_retire": (
        "demande annulée",
        "La demande est annulée : la personne a retiré son consentement.",
    ),
    "rendez_vous.propose": (
        "créneaux proposés",
        "La caisse propose un ou plusieurs créneaux de rendez-vous : votre structure en choisit un.",
    ),
    "rendez_vous.confirme": ("rendez-vous confirmé", "La structure a choisi un créneau de rendez-vous."),
    "rendez_vous.refuse": ("créneaux refusés", "La structure a refusé les créneaux proposés."),
    "rendez_vous.annule": ("créneau annulé", "Le créneau de rendez-vous est annulé."),
    "rendez_vous.honore": ("rendez-vous honoré", "La caisse a constaté que le rendez-vous a eu lieu."),
    "rendez_vous.manque": (
        "rendez-vous manqué",
        "La caisse a constaté que la personne n'est pas venue au rendez-vous.",
    ),
    "rendez_vous.sans_reponse": (
        "créneaux sans réponse",
        "Les créneaux proposés sont passés sans réponse : la caisse peut en proposer d'autres.",
    ),
    "rendez_vous.a_constater": (
        "rendez-vous passé",
        "Le créneau confirmé est passé : la caisse constate s'il a été honoré.",
    ),
    "document.envoye": (
        "document envoyé",
        "La caisse a envoyé le document par la poste, à l'adresse de la personne qu'elle connaît.",
    ),
}


RAPPEL = "rappel de rendez-vous"


@jobs.task(name="demandes.avertir", retry=RETRY, pass_context=True)
async def avertir(context: JobContext, demande_id: str, evenement: str, cote: str) -> None:
    """Write to one side; the mail's key is the job's, so a retry sends the same mail."""
    async with database().transaction() as session:
        destinataires = await _destinataires(session, UUID(demande_id))
    await _ecrire(f"demande-{context.job.id}", destinataires, cote, *PHRASES[evenement])


@jobs.task(name="demandes.rappeler", retry=RETRY, pass_context=True)
async def rappeler(context: JobContext, creneau_id: str, cote: str) -> None:
    """Art. 1.2: remind one side of a slot, unless it was called off or has begun in the meantime."""
    async with database().transaction() as session:
        creneau = await session.get(Creneau, UUID(creneau_id))
        if creneau is None or creneau.statut is not StatutCreneau.CONFIRME or creneau.debut <= now():
            return
        destinataires = await _destinataires(session, creneau.demande_id)
    if destinataires:
        debut = creneau.debut.astimezone(ZoneInfo(fuseau_du_departement(destinataires.departement)))
        phrase = f"Le rendez-vous est confirmé pour le {debut:%d/%m/%Y à %H h %M} (heure de la caisse)."
        await _ecrire(f"rappel-{context.job.id}", destinataires, cote, RAPPEL, phrase)


async def _destinataires(session: AsyncSession, demande_id: UUID) -> Any:
    """Return the reference of a request, and whom to write to about it."""
    result = await session.execute(
        select(Demande.reference, Caisse.email_file, Caisse.departement, Compte.email, Compte.statut)
        .join(Caisse, Caisse.code == Demande.caisse)
        .outerjoin(Compte, Compte.id == Demande.auteur_id)
        .where(Demande.id == demande_id)
    )
    return result.one_or_none()


async def _ecrire(key: str, destinataires: Any, cote: str, objet: str, phrase: str) -> None:
    if destinataires is None or (cote == TECHNICIEN and destinataires.statut is not Etat.ACTIF):
        return
    adresse = destinataires.email_file if cote == CAISSE else destinataires.email
    await send(compose(TEMPLATE, key, adresse, objet=objet, phrase=phrase, reference=destinataires.reference))
