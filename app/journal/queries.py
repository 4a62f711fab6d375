"""Reading the journal. Each query says for whom, and row-level security says it again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.droits import Acteur, Role
from app.journal.tables import Ligne

# What the national operator answers for; a request, a piece or a person is never among them (contract, §6).
RESSOURCES_NATIONALES = (
    *("caisse", "compte", "application", "cgu", "cle", "famille", "maintenance", "documentation", "journal"),
)


@dataclass(frozen=True, slots=True)
class Filtres:
    """The filters of the journal; every one given must hold."""

    action: str | None = None
    ressource: str | None = None
    ressource_id: str | None = None
    acteur: UUID | None = None
    depuis: datetime | None = None
    avant: datetime | None = None


def perimetre(acteur: Acteur) -> ColumnElement[bool]:
    """Return whose lines an actor reads: its caisse's, its structure's where it is open, or the national ones.

    What bears on a structure and on no caisse in particular is read by every caisse that knows the structure.
    """
    if acteur.role is Role.ADMINISTRATEUR:
        return and_(Ligne.partenaire_id.is_(None), Ligne.ressource.in_(RESSOURCES_NATIONALES))
    if acteur.cote_caisse:
        connue = func.ep_partenaire_de_la_caisse(Ligne.partenaire_id, acteur.caisse)
        return or_(Ligne.caisse == acteur.caisse, and_(Ligne.caisse.is_(None), connue))
    ouverte = or_(Ligne.caisse.is_(None), Ligne.caisse.in_(sorted(acteur.ouvertes)))
    return and_(Ligne.partenaire_id == acteur.partenaire_id, ouverte)


def lignes(acteur: Acteur, filtres: Filtres) -> Select[Any]:
    """Select the lines that an actor reads, newest first."""
    conditions: dict[str, Callable[[Any], ColumnElement[bool]]] = {
        "action": lambda v: Ligne.action == v,
        "ressource": lambda v: Ligne.ressource == v,
        "ressource_id": lambda v: Ligne.ressource_id == v,
        "acteur": lambda v: Ligne.acteur_id == v,
        "depuis": lambda v: Ligne.le >= v,
        "avant": lambda v: Ligne.le < v,
    }
    donnes = ((condition, getattr(filtres, nom)) for nom, condition in conditions.items())
    voulues = [condition(valeur) for condition, valeur in donnes if valeur is not None]
    return select(Ligne).where(perimetre(acteur), *voulues).order_by(Ligne.numero.desc())
