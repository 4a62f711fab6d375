"""Art. 3.2, 3.3, 5, 7: the old windows, notices and malfunctions go by themselves: they may name people."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.config import settings
from app.conventions.regles import Termes
from app.conventions.tables import Convention
from app.disponibilite.tables import Dysfonctionnement, Echange, Maintenance
from app.droits import SYSTEME
from app.evenements.service import publier
from app.journal.service import Objet
from app.kit.calendrier import ajouter_mois, jour_local
from app.kit.clock import midnight
from app.referentiel.tables import Avis, Caisse
from app.rgpd.regles import echeance

RGPD = "rgpd"


async def maintenances(session: AsyncSession, jour: date) -> list[UUID]:
    """List the windows that ended, or were cancelled before they began, long ago enough on a day."""
    limite = midnight(ajouter_mois(jour, -settings().retention_support_months))
    rows = await session.scalars(
        select(Maintenance.id).where(Maintenance.fin < limite).order_by(Maintenance.id)
    )
    return list(rows)


async def supprimer_maintenance(session: AsyncSession, id_: UUID, jour: date) -> bool:
    if id_ not in await maintenances(session, jour):
        return False
    await session.execute(delete(Maintenance).where(Maintenance.id == id_))
    await publier(session, SYSTEME, "maintenance.effacee", Objet("maintenance", id_), raison=RGPD)
    return True


async def avis(session: AsyncSession, jour: date) -> list[UUID]:
    """List the notices that are over since long enough on a day; one without an end, from its publication."""
    limite = midnight(ajouter_mois(jour, -settings().retention_support_months))
    fini = func.greatest(Avis.fin, Avis.publie_le)  # PostgreSQL leaves nulls out
    return list(await session.scalars(select(Avis.id).where(fini < limite).order_by(Avis.id)))


async def supprimer_avis(session: AsyncSession, id_: UUID, jour: date) -> bool:
    lu = await session.get(Avis, id_, with_for_update=True)
    if lu is None or id_ not in await avis(session, jour):
        return False
    await session.execute(delete(Avis).where(Avis.id == id_))
    await publier(session, SYSTEME, "avis.efface", Objet("avis", id_, lu.caisse), raison=RGPD)
    return True


async def dysfonctionnements(session: AsyncSession, jour: date) -> list[UUID]:
    """List the malfunctions resolved long ago enough on a day, the convention's year of then included (7-1)."""
    rows = await session.scalars(
        select(Dysfonctionnement)
        .where(Dysfonctionnement.resolu_le.is_not(None))
        .order_by(Dysfonctionnement.id)
    )
    return [d.id for d in rows if await _echu(session, d, jour)]


async def supprimer_dysfonctionnement(session: AsyncSession, id_: UUID, jour: date) -> bool:
    lu = await session.get(Dysfonctionnement, id_, with_for_update=True)
    if lu is None or lu.resolu_le is None or not await _echu(session, lu, jour):
        return False
    await session.execute(delete(Echange).where(Echange.dysfonctionnement_id == id_))
    await session.execute(delete(Dysfonctionnement).where(Dysfonctionnement.id == id_))
    objet = Objet("dysfonctionnement", id_, lu.caisse, lu.partenaire_id)
    await publier(session, SYSTEME, "dysfonctionnement.efface", objet, raison=RGPD)
    return True


async def _echu(session: AsyncSession, dysfonctionnement: Dysfonctionnement, jour: date) -> bool:
    mois = settings().retention_support_months
    if dysfonctionnement.resolu_le is None:
        return False
    caisse = await session.get_one(Caisse, dysfonctionnement.caisse)
    resolu = jour_local(dysfonctionnement.resolu_le, caisse.fuseau)
    if ajouter_mois(resolu, mois) > jour:  # whatever the conventions say: nothing more is read
        return False
    return echeance(resolu, await _conventions(session, dysfonctionnement), mois) <= jour


async def _conventions(session: AsyncSession, dysfonctionnement: Dysfonctionnement) -> Sequence[Termes]:
    rows = await session.scalars(
        select(Convention).where(
            Convention.partenaire_id == dysfonctionnement.partenaire_id,
            Convention.caisse == dysfonctionnement.caisse,
        )
    )
    return [convention.termes for convention in rows]
