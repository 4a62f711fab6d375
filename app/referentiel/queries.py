from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.droits import Acteur, Fonctionnalite
from app.referentiel.regles import DELAIS_PROPOSES
from app.referentiel.tables import Caisse, ChoixCaisse, Partenaire, ReglageCaisse


async def caisse(session: AsyncSession, code: str, *, verrou: bool = False) -> Caisse | None:
    return await session.get(Caisse, code, with_for_update=verrou, populate_existing=verrou)


def caisses(codes: Collection[str] | None = None) -> Select[Caisse]:
    """Select the caisses, all or some, by code."""
    statement = select(Caisse).order_by(Caisse.code)
    return statement if codes is None else statement.where(Caisse.code.in_(codes))


async def rattachements(session: AsyncSession) -> dict[str, list[str]]:
    """Return, for each caisse, the départements whose inhabitants are attached to it."""
    rows = await session.execute(select(Caisse.code, Caisse.departements))
    return {row.code: row.departements for row in rows}


async def reglages(
    session: AsyncSession, codes: Collection[str]
) -> dict[str, dict[Fonctionnalite, ReglageCaisse]]:
    found = await session.scalars(select(ReglageCaisse).where(ReglageCaisse.caisse.in_(codes)))
    par_caisse: dict[str, dict[Fonctionnalite, ReglageCaisse]] = {code: {} for code in codes}
    for reglage in found:
        par_caisse[reglage.caisse][reglage.fonctionnalite] = reglage
    return par_caisse


async def historique(session: AsyncSession, code: str) -> list[ChoixCaisse]:
    """Return every choice that a caisse made for all its partenaires, the last one first."""
    rows = await session.scalars(
        select(ChoixCaisse).where(ChoixCaisse.caisse == code).order_by(ChoixCaisse.id.desc())
    )
    return list(rows)


async def delai(session: AsyncSession, code: str, fonctionnalite: Fonctionnalite) -> int:
    """Return the delay that a caisse aims at for a kind of request, in working days."""
    reglage = await session.get(ReglageCaisse, (code, fonctionnalite))
    return (reglage.delai if reglage else None) or DELAIS_PROPOSES[fonctionnalite]


def partenaires(acteur: Acteur) -> Select[Partenaire, int, int, bool]:
    """Select the actor's partenaires: (partenaire, gestionnaires, techniciens, without any gestionnaire)."""
    ouverts = func.ep_comptes_ouverts
    statement = select(
        Partenaire,
        ouverts(Partenaire.id, "gestionnaire"),
        ouverts(Partenaire.id, "technicien"),
        func.ep_sans_gestionnaire(Partenaire.id),
    ).order_by(Partenaire.id.desc())
    if acteur.cote_caisse:
        return statement.where(func.ep_partenaire_de_la_caisse(Partenaire.id, acteur.caisse))
    return statement.where(Partenaire.id == acteur.partenaire_id)


async def partenaire(
    session: AsyncSession, acteur: Acteur, id_: UUID
) -> Row[Partenaire, int, int, bool] | None:
    result = await session.execute(partenaires(acteur).where(Partenaire.id == id_))
    return result.one_or_none()


async def partenaire_par_siret(session: AsyncSession, siret: str) -> Any:
    """Return the id of the partenaire of a SIRET, whichever caisse knows it: the number is public."""
    return await session.scalar(select(func.ep_partenaire_par_siret(siret)))
