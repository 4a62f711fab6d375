from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, null, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from app.acces.tables import Application, Consentement, Famille, JetonRafraichissement
from app.comptes.regles import Etat
from app.comptes.tables import Compte
from app.droits import Acteur


def applications(acteur: Acteur) -> Select[Application]:
    """Select the applications that an actor may know, newest first: all, or those of its caisse."""
    statement = select(Application).order_by(Application.id.desc())
    return statement.where(Application.caisse == acteur.caisse) if acteur.cote_caisse else statement


def vivantes(maintenant: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of a signing in that still opens something: `Famille` joined with `Compte`."""
    return (
        Famille.revoquee_le.is_(None),
        Famille.expire_le > maintenant,
        Famille.epoque == Compte.epoque,
    )


def autorisees(partenaire_id: UUID, maintenant: datetime) -> Select[Application]:
    """Select the applications that act today for a structure or for its accounts, newest first."""
    agissent = (
        select(Famille.client_id)
        .join(Compte, Compte.id == Famille.compte_id)
        .where(Compte.partenaire_id == partenaire_id, *vivantes(maintenant))
    )
    consenties = (
        select(Consentement.application_id)
        .join(Compte, Compte.id == Consentement.compte_id)
        .where(Compte.partenaire_id == partenaire_id, Compte.statut == Etat.ACTIF)
    )
    return (
        select(Application)
        .where(
            Application.fin_le.is_(None),
            or_(
                Application.partenaire_id == partenaire_id,
                Application.client_id.in_(agissent),
                Application.id.in_(consenties),
            ),
        )
        .order_by(Application.id.desc())
    )


async def usages(
    session: AsyncSession, partenaire_id: UUID, clients: Collection[str], maintenant: datetime
) -> dict[str, Any]:
    """Return for each client the accounts of a structure that it may act for, and the instant of their last token."""
    connectes = (
        select(Famille.client_id, Famille.compte_id, JetonRafraichissement.emis_le)
        .join(Compte, Compte.id == Famille.compte_id)
        .join(JetonRafraichissement, JetonRafraichissement.famille_id == Famille.id, isouter=True)
        .where(Compte.partenaire_id == partenaire_id, *vivantes(maintenant))
    )
    consentants = (
        select(Application.client_id, Consentement.compte_id, null())
        .join(Application, Application.id == Consentement.application_id)
        .join(Compte, Compte.id == Consentement.compte_id)
        .where(Compte.partenaire_id == partenaire_id, Compte.statut == Etat.ACTIF)
    )
    tous = union_all(connectes, consentants).subquery()
    rows = await session.execute(
        select(
            tous.c.client_id,
            func.count(tous.c.compte_id.distinct()).label("comptes"),
            func.max(tous.c.emis_le).label("le"),
        )
        .where(tous.c.client_id.in_(clients))
        .group_by(tous.c.client_id)
    )
    return {row.client_id: row for row in rows}
