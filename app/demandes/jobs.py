"""Mails about requests: to the caisse's queue and to the technicien, at each change, without a word of the person."""

from uuid import UUID

from procrastinate import JobContext
from sqlalchemy import select

from app.comptes.regles import Etat
from app.comptes.tables import Compte
from app.demandes.tables import Demande
from app.kit.jobs import RETRY, jobs
from app.kit.mail import Mail, compose, send
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
    "document.envoye": (
        "document envoyé",
        "La caisse a envoyé le document par la poste, à l'adresse de la personne qu'elle connaît.",
    ),
}


@jobs.task(name="demandes.avertir", retry=RETRY, pass_context=True)
async def avertir(context: JobContext, demande_id: str, evenement: str, cote: str) -> None:
    """Write to one side; the mail's key is the job's, so a retry sends the same mail."""
    mail = await _mail(f"demande-{context.job.id}", UUID(demande_id), evenement, cote)
    if mail:
        await send(mail)


async def _mail(key: str, demande_id: UUID, evenement: str, cote: str) -> Mail | None:
    async with database().transaction() as session:
        row = (
            await session.execute(
                select(Demande.reference, Caisse.email_file, Compte.email, Compte.statut)
                .join(Caisse, Caisse.code == Demande.caisse)
                .outerjoin(Compte, Compte.id == Demande.auteur_id)
                .where(Demande.id == demande_id)
            )
        ).one_or_none()
    if row is None or (cote == TECHNICIEN and row.statut is not Etat.ACTIF):
        return None
    objet, phrase = PHRASES[evenement]
    adresse = row.email_file if cote == CAISSE else row.email
    return compose(TEMPLATE, key, adresse, objet=objet, phrase=phrase, reference=row.reference)
