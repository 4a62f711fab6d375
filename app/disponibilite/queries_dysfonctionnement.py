from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.disponibilite.regles_dysfonctionnement import StatutDysfonctionnement
from app.disponibilite.tables import Dysfonctionnement, Echange
from app.droits import Acteur, Role


def perimetre(acteur: Acteur) -> ColumnElement[bool]:
    """Return whose malfunctions an actor may see: its caisse's, its structure's, or those passed on."""
    if acteur.role is Role.ADMINISTRATEUR:
        return Dysfonctionnement.transmis_le.is_not(None)
    a_ses_caisses = Dysfonctionnement.caisse.in_(tuple(acteur.ouvertes))
    if acteur.cote_caisse:
        return a_ses_caisses
    return and_(Dysfonctionnement.partenaire_id == acteur.partenaire_id, a_ses_caisses)


def dysfonctionnements(
    acteur: Acteur, statut: StatutDysfonctionnement | None = None, *, bloquant: bool | None = None
) -> Select[Any]:
    """Select (malfunction, its author's name) within the actor's scope, newest first."""
    statement = (
        select(Dysfonctionnement, func.ep_nom_affiche(Dysfonctionnement.auteur_id))
        .where(perimetre(acteur))
        .order_by(Dysfonctionnement.id.desc())
    )
    if statut is not None:
        statement = statement.where(Dysfonctionnement.statut == statut)
    return statement if bloquant is None else statement.where(Dysfonctionnement.bloquant == bloquant)


async def un(session: AsyncSession, acteur: Acteur, id_: UUID) -> Any:
    result = await session.execute(dysfonctionnements(acteur).where(Dysfonctionnement.id == id_))
    return result.one_or_none()


async def verrouiller(session: AsyncSession, acteur: Acteur, id_: UUID) -> Dysfonctionnement | None:
    """Return a malfunction in the actor's scope, locked until the commit: gestures come one at a time."""
    return await session.scalar(
        select(Dysfonctionnement).where(Dysfonctionnement.id == id_, perimetre(acteur)).with_for_update()
    )


async def echanges(
    session: AsyncSession, ids: Collection[UUID]
) -> dict[UUID, list[tuple[Echange, str | None]]]:
    """Return what was written about each malfunction, oldest first, with its author's name."""
    rows = await session.execute(
        select(Echange, func.ep_nom_affiche(Echange.auteur_id))
        .where(Echange.dysfonctionnement_id.in_(ids))
        .order_by(Echange.le, Echange.id)
    )
    par_id: dict[UUID, list[tuple[Echange, str | None]]] = {id_: [] for id_ in ids}
    for echange, nom in rows:
        par_id[echange.dysfonctionnement_id].append((echange, nom))
    return par_id
