"""Art. 1.2: the calendar file of an appointment (RFC 5545, 5546), without a word of the person.

One appointment is one event: its UID is the request's own, so a slot that replaces another moves it in the
reader's calendar, and `SEQUENCE` grows with each change. Instants are in UTC, exact whatever the reader
knows of time zones; the description says the hour of the place.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.config import settings
from app.demandes.regles_creneaux import StatutCreneau, sequence
from app.demandes.tables import Creneau, Demande
from app.erreurs import Introuvable
from app.referentiel import queries as referentiel
from app.referentiel.nomenclatures import MODES

MEDIA = "text/calendar"
RIEN = "Ce rendez-vous n'a pas encore de créneau confirmé."


@dataclass(frozen=True, slots=True)
class Evenement:
    """What the file tells; `fuseau` is the time zone of the caisse."""

    uid: UUID
    reference: str
    caisse: str
    fuseau: str
    debut: datetime
    fin: datetime
    mode: str
    lieu: str
    annule: bool
    sequence: int
    modifie_le: datetime


async def evenement(session: AsyncSession, demande: Demande) -> Evenement:
    """Return the last slot that was confirmed, called off since or not. Raises Introuvable when none was."""
    confirmes = (Creneau.demande_id == demande.id) & Creneau.confirme_le.is_not(None)
    annules = func.count().filter(Creneau.statut == StatutCreneau.ANNULE)
    compte = select(func.count(), annules).where(confirmes)
    confirmations, annulations = (await session.execute(compte)).one()
    dernier = await session.scalar(
        select(Creneau).where(confirmes).order_by(Creneau.confirme_le.desc(), Creneau.debut.desc()).limit(1)
    )
    caisse = await referentiel.caisse(session, demande.caisse)
    if dernier is None or caisse is None:
        raise Introuvable(RIEN)
    return Evenement(
        demande.id,
        demande.reference,
        caisse.nom,
        caisse.fuseau,
        dernier.debut.astimezone(UTC),
        dernier.fin.astimezone(UTC),
        dernier.mode,
        dernier.lieu,
        dernier.statut is StatutCreneau.ANNULE,
        sequence(confirmations, annulations),
        dernier.modifie_le,
    )


def fichier(evenement: Evenement) -> bytes:
    """Write the file: lines of 75 bytes at most, ended by CRLF."""
    calendrier = Calendar()
    calendrier.add("prodid", "-//Espace Partenaires//Rendez-vous//FR")
    calendrier.add("version", "2.0")
    calendrier.add("method", "CANCEL" if evenement.annule else "PUBLISH")
    calendrier.add_component(_vevent(evenement))
    contenu: bytes = calendrier.to_ical()
    return contenu


def _vevent(evenement: Evenement) -> Event:
    vevent = Event()
    vevent.add("uid", str(evenement.uid))
    vevent.add("sequence", evenement.sequence)
    vevent.add("dtstamp", evenement.modifie_le)
    vevent.add("last-modified", evenement.modifie_le)
    vevent.add("dtstart", evenement.debut)
    vevent.add("dtend", evenement.fin)
    vevent.add("status", "CANCELLED" if evenement.annule else "CONFIRMED")
    vevent.add("class", "PRIVATE")
    vevent.add("summary", f"Rendez-vous {evenement.reference}")
    heure = evenement.debut.astimezone(ZoneInfo(evenement.fuseau))
    vevent.add("description", f"{evenement.caisse}, le {heure:%d/%m/%Y à %H h %M} (heure de la caisse).")
    # A telephone number may be the person's own: it is read in the request, and not in a calendar.
    vevent.add("location", MODES["telephone"] if evenement.mode == "telephone" else evenement.lieu)
    if evenement.mode == "visio":
        vevent.add("url", evenement.lieu)
    organisateur = vCalAddress(f"mailto:{parseaddr(settings().mail_from)[1]}")
    organisateur.params["CN"] = evenement.caisse
    vevent["organizer"] = organisateur
    return vevent
