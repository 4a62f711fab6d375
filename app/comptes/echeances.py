"""Art. 2.2.3: what the dates decided of accounts, settled day by day."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes import fin_de_compte, queries
from app.comptes.regles import Etat
from app.comptes.tables import Compte
from app.conventions import actes
from app.conventions import queries as conventions
from app.droits import SYSTEME
from app.kit.clock import midnight, today

FIN_DE_CONVENTION = "Fin des conventions de la structure"


async def fins_prevues(session: AsyncSession, jour: date) -> list[UUID]:
    rows = await session.scalars(
        select(Compte.id)
        .where(Compte.statut != Etat.INACTIF, Compte.fin_prevue_le <= jour)
        .order_by(Compte.fin_prevue_le, Compte.id)
    )
    return list(rows)


async def finir(session: AsyncSession, id_: UUID, jour: date) -> bool:
    compte = await session.get(Compte, id_, with_for_update=True)
    if (
        compte is None
        or compte.statut is Etat.INACTIF
        or compte.fin_prevue_le is None
        or compte.fin_prevue_le > jour
    ):
        return False
    await fin_de_compte.inactiver(session, SYSTEME, compte, compte.fin_prevue_motif or "Fin annoncée")
    return True


async def des_structures_closes(session: AsyncSession, jour: date) -> list[UUID]:
    """List the accounts still open of the structures whose conventions have all ended."""
    rows = await session.execute(
        select(Compte.id, Compte.partenaire_id)
        .where(Compte.statut != Etat.INACTIF, Compte.partenaire_id.is_not(None))
        .order_by(Compte.partenaire_id, Compte.id)
    )
    ouverts = [(id_, structure) for id_, structure in rows if structure is not None]
    closes = {s for s in {s for _, s in ouverts} if await conventions.structure_close(session, s, jour)}
    return [id_ for id_, structure in ouverts if structure in closes]


async def fermer(session: AsyncSession, id_: UUID, jour: date) -> bool:
    """End an account with the conventions of its structure, as of a day: today, or one that is past."""
    structure = await session.scalar(select(Compte.partenaire_id).where(Compte.id == id_))
    if structure is None:
        return False
    await queries.verrouiller_structure(session, structure)
    compte = await session.get(Compte, id_, with_for_update=True)
    if compte is None or compte.statut is Etat.INACTIF:
        return False
    if not await conventions.structure_close(session, structure, jour):
        return False
    le = midnight(jour) if jour < today() else None
    await fin_de_compte.inactiver(session, SYSTEME, compte, FIN_DE_CONVENTION, le)
    return True


async def fermer_la_structure(session: AsyncSession, partenaire_id: UUID, depuis: date) -> None:
    """Do for one structure what the daily rules would have done on a day, in their order.

    Every row is locked before the first event: from there on others wait for this transaction.
    """
    await queries.verrouiller_structure(session, partenaire_id)
    siennes = await conventions.verrouillees(session, partenaire_id)
    ouverts = await session.scalars(
        select(Compte.id)
        .where(Compte.partenaire_id == partenaire_id, Compte.statut != Etat.INACTIF)
        .order_by(Compte.id)
        .with_for_update()
    )
    comptes = list(ouverts)
    for convention in siennes:
        await actes.constater(session, convention, depuis)
    for id_ in comptes:
        await fermer(session, id_, depuis)
