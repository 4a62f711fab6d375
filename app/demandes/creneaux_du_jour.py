"""Art. 1.2: what the days do to appointments: a reminder on the eve, and slots whose time has come."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.demandes import queries
from app.demandes.regles import OUVERTS, Statut
from app.demandes.regles_creneaux import Etape, StatutCreneau, a_rappeler, etape
from app.demandes.service import COTES, avancer
from app.demandes.tables import Creneau, Demande
from app.droits import SYSTEME
from app.evenements.service import publier
from app.journal.service import Objet
from app.kit.calendrier import jour_local
from app.kit.clock import midnight
from app.kit.jobs import enqueue
from app.referentiel.tables import Caisse

UN_JOUR = timedelta(days=1)


async def a_rappeler_ce_jour(session: AsyncSession, jour: date) -> list[UUID]:
    """List the confirmed slots to remind of, by the days of their caisse."""
    rows = await session.execute(
        select(Creneau.id, Creneau.debut, Creneau.confirme_le, Caisse)
        .join(Demande, Demande.id == Creneau.demande_id)
        .join(Caisse, Caisse.code == Demande.caisse)
        .where(
            Creneau.statut == StatutCreneau.CONFIRME,
            Creneau.honore.is_(None),
            Creneau.rappele_le.is_(None),
            Creneau.debut.between(_midi(jour - UN_JOUR), _midi(jour + 3 * UN_JOUR)),
        )
        .order_by(Creneau.debut, Creneau.id)
    )
    return [
        id_
        for id_, debut, confirme_le, caisse in rows
        if confirme_le
        and a_rappeler(jour_local(debut, caisse.fuseau), jour_local(confirme_le, caisse.fuseau), jour)
    ]


def _midi(jour: date) -> datetime:
    """Return an instant that is on that day in every zone of the caisses."""
    return midnight(jour, "UTC") + timedelta(hours=12)


async def rappeler(session: AsyncSession, id_: UUID, jour: date) -> bool:
    """Write once to both sides about a slot; it is no new version of the request."""
    rappele = await session.scalar(
        update(Creneau)
        .where(Creneau.id == id_, Creneau.statut == StatutCreneau.CONFIRME, Creneau.rappele_le.is_(None))
        .values(rappele_le=jour)
        .returning(Creneau.id)
    )
    if rappele is None:
        return False
    for cote in COTES:
        await enqueue(session, "demandes.rappeler", creneau_id=str(id_), cote=cote)
    return True


async def echus(session: AsyncSession, jour: date) -> list[UUID]:
    """List the open requests whose slots are over before a day, unanswered or without an outcome."""
    fin = midnight(jour + UN_JOUR, "UTC")
    passe = or_(
        and_(Creneau.statut == StatutCreneau.PROPOSE, Creneau.debut < fin),
        and_(Creneau.statut == StatutCreneau.CONFIRME, Creneau.honore.is_(None), Creneau.fin < fin),
    )
    rows = await session.execute(
        select(Demande, Caisse)
        .join(Caisse, Caisse.code == Demande.caisse)
        .where(
            Demande.statut.in_(OUVERTS),
            select(Creneau.id).where(passe, Creneau.demande_id == Demande.id).exists(),
        )
        .order_by(Demande.id)
    )
    demandes = {demande.id: (demande, midnight(jour, caisse.fuseau)) for demande, caisse in rows}
    objets = await queries.objets(session, [demande for demande, _ in demandes.values()])
    return [
        id_
        for id_, (demande, instant) in demandes.items()
        if id_ in objets and _echeance(demande, objets[id_]["creneaux"], instant)
    ]


def _echeance(demande: Demande, creneaux: Sequence[Mapping[str, Any]], instant: datetime) -> str | None:
    """Return the event that the time makes of an appointment, or None: nothing new."""
    ou = etape(creneaux, instant)
    if ou is Etape.A_PROPOSER and any(c["statut"] == StatutCreneau.PROPOSE for c in creneaux):
        return "rendez_vous.sans_reponse"
    arrete = demande.jours_restants is not None and demande.statut is not Statut.COMPLEMENT_DEMANDE
    return "rendez_vous.a_constater" if ou is Etape.A_CONSTATER and arrete else None


async def echoir(session: AsyncSession, id_: UUID, jour: date) -> bool:
    """Withdraw the offers that nobody answered, start the clock again, and tell."""
    demande = await session.get(Demande, id_, with_for_update=True)
    caisse = await session.get(Caisse, demande.caisse) if demande else None
    if demande is None or caisse is None or demande.statut not in OUVERTS:
        return False
    instant = midnight(jour, caisse.fuseau)
    creneaux = (await queries.objet(session, demande)).get("creneaux", [])
    evenement = _echeance(demande, creneaux, instant)
    if evenement is None:
        return False
    with session.no_autoflush:
        await session.execute(
            update(Creneau)
            .where(
                Creneau.demande_id == id_, Creneau.statut == StatutCreneau.PROPOSE, Creneau.debut <= instant
            )
            .values(statut=StatutCreneau.ANNULE, modifie_le=instant)
        )
        await avancer(session, demande, demande.statut)
    await session.flush()
    for cote in COTES:
        await enqueue(session, "demandes.avertir", demande_id=str(id_), evenement=evenement, cote=cote)
    await publier(session, SYSTEME, evenement, Objet("demande", id_, demande.caisse, demande.partenaire_id))
    return True
