"""Art. 2.2.3: what the dates decided of accounts, settled day by day."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes import fin_de_compte
from app.comptes.regles import Etat
from app.comptes.tables import Compte
from app.conventions import queries as conventions
from app.droits import SYSTEME

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
    compte = await session.get(Compte, id_, with_for_update=True)
    if compte is None or compte.statut is Etat.INACTIF or compte.partenaire_id is None:
        return False
    if not await conventions.structure_close(session, compte.partenaire_id, jour):
        return False
    await fin_de_compte.inactiver(session, SYSTEME, compte, FIN_DE_CONVENTION)
    return True
