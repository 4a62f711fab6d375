from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.conventions import regles
from app.conventions.regles import en_vigueur, entree_en_vigueur
from app.conventions.tables import Avenant, Convention, MiseEnDemeure, ReglageConvention
from app.droits import Acteur, Fonctionnalite


def conventions(acteur: Acteur) -> Select[Convention]:
    """Select the conventions of the actor's caisse, or of its structure, newest first."""
    sienne = (
        Convention.caisse == acteur.caisse
        if acteur.cote_caisse
        else Convention.partenaire_id == acteur.partenaire_id
    )
    return select(Convention).where(sienne).order_by(Convention.id.desc())


# The last choice whose day has come applies: written later when both begin the same day.
ORDRE_DES_CHOIX = (ReglageConvention.a_compter_du.asc().nulls_first(), ReglageConvention.id)


async def reglages(
    session: AsyncSession, ids: Collection[UUID], jour: date
) -> dict[UUID, dict[Fonctionnalite, bool | None]]:
    """Return what each convention sets for itself on a day, function by function."""
    debut = ReglageConvention.a_compter_du
    rows = await session.scalars(
        select(ReglageConvention)
        .where(ReglageConvention.convention_id.in_(ids), or_(debut.is_(None), debut <= jour))
        .order_by(*ORDRE_DES_CHOIX)
    )
    par_convention: dict[UUID, dict[Fonctionnalite, bool | None]] = {id_: {} for id_ in ids}
    for row in rows:
        par_convention[row.convention_id][row.fonctionnalite] = row.active
    return par_convention


async def historique(session: AsyncSession, convention_id: UUID) -> list[ReglageConvention]:
    """Return every choice made for one convention, those to come included, the last one first."""
    rows = await session.scalars(
        select(ReglageConvention)
        .where(ReglageConvention.convention_id == convention_id)
        .order_by(*ORDRE_DES_CHOIX)
    )
    return list(rows)[::-1]


async def objets(session: AsyncSession, ids: Collection[UUID], jour: date) -> dict[UUID, str]:
    """Return what each convention covers on a day, where an avenant wrote it."""
    rows = await session.execute(
        select(Avenant.convention_id, Avenant.objet_convention)
        .where(Avenant.convention_id.in_(ids), Avenant.objet_convention.is_not(None), Avenant.le <= jour)
        .order_by(Avenant.le, Avenant.id)
    )
    return {row.convention_id: row.objet_convention or "" for row in rows}


def avenants(convention_id: UUID) -> Select[Avenant]:
    return select(Avenant).where(Avenant.convention_id == convention_id).order_by(Avenant.id.desc())


async def choix_des_avenants(
    session: AsyncSession, ids: Collection[UUID]
) -> dict[UUID, dict[str, bool | None]]:
    """Return the functions that each avenant changes."""
    rows = await session.scalars(
        select(ReglageConvention)
        .where(ReglageConvention.avenant_id.in_(ids))
        .order_by(ReglageConvention.fonctionnalite)
    )
    par_avenant: dict[UUID, dict[str, bool | None]] = {id_: {} for id_ in ids}
    for row in rows:
        if row.avenant_id:
            par_avenant[row.avenant_id][row.fonctionnalite.value] = row.active
    return par_avenant


def mises_en_demeure(convention_id: UUID) -> Select[MiseEnDemeure]:
    return (
        select(MiseEnDemeure)
        .where(MiseEnDemeure.convention_id == convention_id)
        .order_by(MiseEnDemeure.id.desc())
    )


async def a_regler(session: AsyncSession, jour: date) -> list[UUID]:
    """Return the conventions to which a day that has come brings something."""
    rows = await session.scalars(
        select(Convention.id)
        .where(Convention.a_regler_le <= jour)
        .order_by(Convention.a_regler_le, Convention.id)
    )
    return list(rows)


async def partenaire_existe(session: AsyncSession, id_: UUID) -> bool:
    """Tell whether a structure exists, even one that no convention yet ties to the caller's caisse."""
    return bool(await session.scalar(select(func.ep_partenaire_existe(id_))))


async def signees(session: AsyncSession, partenaire_id: UUID, caisse: str) -> list[Any]:
    """Return the signed conventions of the two parties, under a lock that makes signatures wait their turn."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"{partenaire_id}/{caisse}"))))
    rows = await session.scalars(
        select(Convention).where(
            Convention.partenaire_id == partenaire_id,
            Convention.caisse == caisse,
            Convention.signee_partenaire_le.is_not(None),
            Convention.signee_caisse_le.is_not(None),
        )
    )
    return list(rows)


async def caisses_en_vigueur(session: AsyncSession, partenaire_id: UUID, jour: date) -> list[str]:
    """Return the caisses whose convention with a structure is in force on a day, the oldest first."""
    rows = await session.scalars(select(Convention).where(Convention.partenaire_id == partenaire_id))
    ouvertes = [c for c in rows if en_vigueur(c.termes, jour)]
    return [c.caisse for c in sorted(ouvertes, key=lambda c: (entree_en_vigueur(c.termes) or jour, c.caisse))]


async def close_depuis(session: AsyncSession, partenaire_id: UUID, jour: date) -> date | None:
    """Return the day since when a structure that is closed on a day is so (art. 2.2.3)."""
    rows = await session.scalars(select(Convention).where(Convention.partenaire_id == partenaire_id))
    return regles.close_depuis([c.termes for c in rows], jour)


async def verrouillees(session: AsyncSession, partenaire_id: UUID) -> list[Convention]:
    """Return the conventions of a structure, locked, always in the same order."""
    rows = await session.scalars(
        select(Convention)
        .where(Convention.partenaire_id == partenaire_id)
        .order_by(Convention.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(rows)


async def structure_close(session: AsyncSession, partenaire_id: UUID, jour: date) -> bool:
    """Tell whether every convention of a structure has ended (art. 2.2.3)."""
    rows = await session.scalars(select(Convention).where(Convention.partenaire_id == partenaire_id))
    return regles.structure_close((c.termes for c in rows), jour)


async def partenaires_en_vigueur(session: AsyncSession, caisse: str, jour: date) -> list[UUID]:
    """Return the structures whose convention with a caisse is in force on a day."""
    rows = await session.scalars(select(Convention).where(Convention.caisse == caisse))
    return sorted({c.partenaire_id for c in rows if en_vigueur(c.termes, jour)})
