"""Reading requests. Each query says for whom, and row-level security says it again."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, not_, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.types import Text

from app.demandes.assure import sans_accent
from app.demandes.genres import GENRES
from app.demandes.regles import OUVERTS, Statut, Type
from app.demandes.tables import Demande, Message
from app.droits import Acteur

_autre = aliased(Demande)


@dataclass(frozen=True, slots=True)
class Filtres:
    """The filters of the history; every one given must hold."""

    type: Type | None = None
    statut: Statut | None = None
    caisse: str | None = None
    theme: str | None = None
    auteur: UUID | None = None
    agent: UUID | None = None
    deposee_depuis: datetime | None = None
    deposee_avant: datetime | None = None
    modifiee_depuis: datetime | None = None
    en_retard: bool | None = None
    reference: str | None = None
    nom: str | None = None
    prenom: str | None = None
    date_naissance: date | None = None


def perimetre(acteur: Acteur, caisses: Collection[str]) -> ColumnElement[bool]:
    """Return whose requests an actor may see: its caisse's, or its structure's at the caisses given."""
    a_ces_caisses = Demande.caisse.in_(caisses)
    return (
        a_ces_caisses
        if acteur.cote_caisse
        else and_(Demande.partenaire_id == acteur.partenaire_id, a_ces_caisses)
    )


def demandes(acteur: Acteur, caisses: Collection[str]) -> Select[Any]:
    """Select (demande, author's name, agent's name, linked references) within the actor's scope."""
    return select(
        Demande, func.ep_nom_affiche(Demande.auteur_id), func.ep_nom_affiche(Demande.agent_id), _liees(acteur)
    ).where(perimetre(acteur, caisses))


def _liees(acteur: Acteur) -> ColumnElement[Any]:
    """Return, for the agent only, the open requests of other structures for the same person."""
    if not acteur.cote_caisse:
        return literal(None, ARRAY(Text)).label("liees")
    return func.array(
        select(_autre.reference)
        .where(
            _autre.personne_cle == Demande.personne_cle,
            _autre.caisse == Demande.caisse,
            _autre.partenaire_id != Demande.partenaire_id,
            _autre.statut.in_(OUVERTS),
        )
        .correlate(Demande)
        .order_by(_autre.id)
        .scalar_subquery()
    ).label("liees")


def historique(
    acteur: Acteur, caisses: Collection[str], filtres: Filtres, jours: Mapping[str, date]
) -> Select[Any]:
    """Select the history, newest first, along its index (structure or caisse, deposit, id).

    `jours` is the day it is at each caisse: the two sides of the date line may both be asked for.
    """
    return (
        demandes(acteur, caisses)
        .where(*_conditions(filtres, jours))
        .order_by(Demande.deposee_le.desc(), Demande.id.desc())
    )


def _conditions(f: Filtres, jours: Mapping[str, date]) -> list[ColumnElement[bool]]:
    conditions: dict[str, Callable[[Any], ColumnElement[bool]]] = {
        "type": lambda v: Demande.type == v,
        "statut": lambda v: Demande.statut == v,
        "caisse": lambda v: Demande.caisse == v,
        "theme": lambda v: Demande.theme == v,
        "auteur": lambda v: Demande.auteur_id == v,
        "agent": lambda v: Demande.agent_id == v,
        "deposee_depuis": lambda v: Demande.deposee_le >= v,
        "deposee_avant": lambda v: Demande.deposee_le < v,
        "modifiee_depuis": lambda v: Demande.modifiee_le >= v,
        "en_retard": lambda v: _en_retard(jours) if v else not_(_en_retard(jours)),
        "reference": lambda v: Demande.reference == v,
        "nom": _mots,
        "prenom": _mots,
        "date_naissance": lambda v: Demande.assure_date_naissance == v,
    }
    donnes = ((condition, getattr(f, nom)) for nom, condition in conditions.items())
    return [condition(valeur) for condition, valeur in donnes if valeur is not None]


def _en_retard(jours: Mapping[str, date]) -> ColumnElement[bool]:
    """Match what is overdue by the day of its own caisse: most often all live the same day."""
    depassees = [
        and_(Demande.caisse.in_([code for code in jours if jours[code] == jour]), Demande.echeance < jour)
        for jour in sorted(set(jours.values()))
    ]
    return and_(func.coalesce(or_(false(), *depassees), False), Demande.statut.in_(OUVERTS))


def _mots(texte: str) -> ColumnElement[bool]:
    """Match prefixes of words, without accents or case; a text without any word matches nobody."""
    mots = sans_accent(texte).split()
    return and_(
        true() if mots else false(),
        *(Demande.assure_mots.contains(f" {mot}", autoescape=True) for mot in mots),
    )


async def lire(session: AsyncSession, acteur: Acteur, caisses: Collection[str], id_: UUID) -> Any:
    result = await session.execute(demandes(acteur, caisses).where(Demande.id == id_))
    return result.one_or_none()


async def trouver(
    session: AsyncSession, acteur: Acteur, caisses: Collection[str], id_: UUID
) -> Demande | None:
    """Return a request in the actor's scope."""
    return await session.scalar(select(Demande).where(Demande.id == id_, perimetre(acteur, caisses)))


async def verrouiller(
    session: AsyncSession, acteur: Acteur, caisses: Collection[str], id_: UUID
) -> Demande | None:
    """Return a request in the actor's scope, locked until the commit: gestures come one at a time."""
    return await session.scalar(
        select(Demande).where(Demande.id == id_, perimetre(acteur, caisses)).with_for_update()
    )


async def objets(session: AsyncSession, demandes_: Sequence[Demande]) -> dict[UUID, dict[str, Any]]:
    """Return the own fields of each request: one query a kind present, and one for what comes after.

    Columns, not entities: what a gesture has just written by a statement is read as it now stands.
    """
    trouves: dict[UUID, dict[str, Any]] = {}
    for type_ in {demande.type for demande in demandes_}:
        genre, ids = GENRES[type_], [demande.id for demande in demandes_ if demande.type is type_]
        du_genre = dict(await _colonnes(session, genre.table, (*genre.champs, *genre.ensuite), ids))
        for nom, suite in genre.suites.items():
            lignes = await _colonnes(session, suite.table, suite.champs, ids, suite.ordre)
            for demande_id, trouve in du_genre.items():
                trouve[nom] = [ligne for id_, ligne in lignes if id_ == demande_id]
        for trouve in du_genre.values():
            trouve |= {nom: calcul(trouve) for nom, calcul in genre.resume.items()}
        trouves |= du_genre
    return trouves


async def objet(session: AsyncSession, demande: Demande) -> dict[str, Any]:
    """Return the own fields of one request; none once they are erased."""
    return (await objets(session, [demande])).get(demande.id, {})


async def _colonnes(
    session: AsyncSession, table: Any, noms: Sequence[str], ids: Sequence[UUID], ordre: Sequence[str] = ()
) -> list[tuple[UUID, dict[str, Any]]]:
    colonnes = [getattr(table, nom) for nom in noms]
    rows = await session.execute(
        select(table.demande_id, *colonnes)
        .where(table.demande_id.in_(ids))
        .order_by(*(getattr(table, nom) for nom in ordre))
    )
    return [(demande_id, dict(zip(noms, valeurs, strict=True))) for demande_id, *valeurs in rows]


async def messages(
    session: AsyncSession, ids: Collection[UUID]
) -> dict[UUID, list[tuple[Message, str | None]]]:
    """Return the messages of each request, oldest first, with their author's name."""
    rows = await session.execute(
        select(Message, func.ep_nom_affiche(Message.auteur_id))
        .where(Message.demande_id.in_(ids))
        .order_by(Message.le, Message.id)
    )
    par_demande: dict[UUID, list[tuple[Message, str | None]]] = {id_: [] for id_ in ids}
    for message, nom in rows:
        par_demande[message.demande_id].append((message, nom))
    return par_demande


async def deja_ouverte(session: AsyncSession, acteur: Acteur, type_: Type, personne_cle: str) -> str | None:
    """Return the reference of the structure's own open request of a kind for a person.

    Takes a lock on (structure, kind, person) first: two deposits at once are seen one after the other.
    """
    lock = func.hashtext(f"{acteur.partenaire_id}/{type_}/{personne_cle}")
    await session.execute(select(func.pg_advisory_xact_lock(lock)))
    return await session.scalar(
        select(Demande.reference)
        .where(
            Demande.partenaire_id == acteur.partenaire_id,
            Demande.type == type_,
            Demande.personne_cle == personne_cle,
            Demande.statut.in_(OUVERTS),
        )
        .order_by(Demande.id)
        .limit(1)
    )
