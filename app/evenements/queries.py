"""Reading the log of events in order. Each query says for whom, and row-level security says it again."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union_all

from app.droits import Acteur, Role
from app.evenements.regles import (
    DE_LA_CAISSE,
    POUR_TOUS,
    RESERVEES_AU_GESTIONNAIRE,
    RESSOURCES_NATIONALES,
)
from app.evenements.tables import Evenement

COLONNES = (
    Evenement.numero,
    Evenement.id,
    Evenement.type,
    Evenement.ressource,
    Evenement.ressource_id,
    Evenement.partenaire_id,
    Evenement.caisse,
    Evenement.date,
    Evenement.raison,
)


def parts(acteur: Acteur) -> list[ColumnElement[bool]]:
    """Return what an actor is told of, in parts without common rows; each one walks an index by number."""
    sans_partenaire = Evenement.partenaire_id.is_(None)
    if acteur.role is Role.ADMINISTRATEUR:
        return [and_(sans_partenaire, Evenement.ressource.in_(RESSOURCES_NATIONALES))]
    pour_tous = and_(sans_partenaire, Evenement.caisse.is_(None), Evenement.ressource.in_(POUR_TOUS))
    if acteur.cote_caisse:
        # What bears on a structure and on no caisse in particular is told to those that know the structure.
        connue = func.ep_partenaire_de_la_caisse(Evenement.partenaire_id, acteur.caisse)
        return [
            Evenement.caisse == acteur.caisse,
            and_(Evenement.caisse.is_(None), or_(connue, pour_tous)),
        ]
    ouvertes = Evenement.caisse.in_(sorted(acteur.ouvertes))
    reservees = RESERVEES_AU_GESTIONNAIRE if acteur.role is Role.TECHNICIEN else ()
    return [
        and_(
            Evenement.partenaire_id == acteur.partenaire_id,
            or_(Evenement.caisse.is_(None), ouvertes),
            Evenement.ressource.not_in(reservees),
        ),
        and_(sans_partenaire, or_(and_(ouvertes, Evenement.ressource.in_(DE_LA_CAISSE)), pour_tous)),
    ]


def suite(acteur: Acteur, apres: int, limite: int, jusqua: int | None = None) -> Select[Any]:
    """Select the first events that follow a number, in order; `jusqua` is the last number wanted."""
    bornes = [Evenement.numero > apres, *([Evenement.numero <= jusqua] if jusqua is not None else [])]
    branches = [
        select(*COLONNES).where(part, *bornes).order_by(Evenement.numero).limit(limite).subquery()
        for part in parts(acteur)
    ]
    toutes = union_all(*(select(branche) for branche in branches)).subquery()
    return select(toutes).order_by(toutes.c.numero).limit(limite)
