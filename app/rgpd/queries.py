"""Where a person is held: the requests, and every table that hangs on them, walked from the mappings."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, and_, case, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.conventions.regles import Termes
from app.conventions.tables import Convention
from app.demandes.phonetique import sons
from app.demandes.queries import demandes
from app.demandes.tables import Demande
from app.droits import Acteur
from app.evenements.tables import Evenement
from app.journal.tables import Ligne
from app.kit.db import Base
from app.pieces.tables import Piece
from app.referentiel.tables import Caisse
from app.rgpd.pseudonyme import cle
from app.rgpd.regles import inversee
from app.rgpd.schemas import Personne, Rapprochement

DEMANDES: Table = Demande.metadata.tables["demandes"]


def recherche(acteur: Acteur, personne: Personne) -> Select[Any]:
    """Select the requests of a person and of those who look alike, the surest first, then the newest."""
    exacte, echangee = personne.date_naissance, inversee(personne.date_naissance)
    du_meme_son = and_(
        Demande.assure_sons.overlap(sorted(sons(personne.nom))),
        Demande.assure_sons.overlap(sorted(sons(personne.prenom))),
    )
    rang = case(
        (Demande.personne_cle == cle(personne), 0),
        (Demande.assure_date_naissance == exacte, 1),
        else_=2,
    )
    dates = [jour for jour in (exacte, echangee) if jour]
    return (
        demandes(acteur, tuple(acteur.ouvertes))
        .add_columns(rang.label("rang"))
        .where(
            Demande.assure_date_naissance.in_(dates),
            or_(Demande.personne_cle == cle(personne), du_meme_son),
        )
        .order_by(rang, Demande.deposee_le.desc(), Demande.id.desc())
    )


RANGS = tuple(Rapprochement)


def de_la_personne(acteur: Acteur, personne: Personne) -> Select[Any]:
    """Select the requests of exactly one person at the actor's caisse, along the index of the dates of birth."""
    return (
        select(Demande)
        .where(
            Demande.caisse == acteur.caisse,
            Demande.assure_date_naissance == personne.date_naissance,
            Demande.personne_cle == cle(personne),
        )
        .order_by(Demande.id)
    )


@cache
def tables_liees() -> tuple[Table, ...]:
    """Return every table whose rows hang on a request, however far, the farthest last."""
    liees = [DEMANDES]
    for table in Base.metadata.sorted_tables:
        if table is not DEMANDES and any(fk.column.table in liees for fk in table.foreign_keys):
            liees.append(table)
    return tuple(liees[1:])


def rattachees(table: Table, ids: Collection[UUID]) -> ColumnElement[bool]:
    """Return which rows of a linked table hang on some requests."""
    return or_(
        *(
            fk.parent.in_(ids)
            if fk.column.table is DEMANDES
            else fk.parent.in_(select(fk.column).where(rattachees(fk.column.table, ids)))
            for fk in table.foreign_keys
            if fk.column.table is DEMANDES or fk.column.table in tables_liees()
        )
    )


async def lignes(session: AsyncSession, table: Table, ids: Collection[UUID]) -> list[Any]:
    ordre = list(table.primary_key.columns)
    result = await session.execute(select(table).where(rattachees(table, ids)).order_by(*ordre))
    return list(result.mappings())


async def traces(
    session: AsyncSession, table: type[Evenement] | type[Ligne], sujets: Collection[str]
) -> list[Any]:
    """Return the lines of a log that bear on some identifiers, in its order."""
    rows = await session.scalars(select(table).where(table.ressource_id.in_(sujets)).order_by(table.numero))
    return list(rows)


async def conventions(
    session: AsyncSession, caisses: Collection[str]
) -> Mapping[tuple[UUID, str], list[Termes]]:
    """Return the conventions of some caisses, by their two parties."""
    rows = await session.scalars(select(Convention).where(Convention.caisse.in_(caisses)))
    par_parties: dict[tuple[UUID, str], list[Termes]] = defaultdict(list)
    for convention in rows:
        par_parties[convention.partenaire_id, convention.caisse].append(convention.termes)
    return par_parties


NOMMEES, VIDEES = Demande.effacee_le.is_(None), Demande.effacee_le.is_not(None)
AVEC_PIECES = exists().where(Piece.demande_id == Demande.id, Piece.effacee_le.is_(None))


async def closes(
    session: AsyncSession, jusqua: date, voulues: ColumnElement[bool], id_: UUID | None = None
) -> Sequence[Any]:
    """Return (id, partenaire_id, caisse, cloturee_le, departement) of those wanted that were closed by a day."""
    lues = (Demande.id, Demande.partenaire_id, Demande.caisse, Demande.cloturee_le, Caisse.departement)
    statement = select(*lues).join(Caisse, Caisse.code == Demande.caisse)
    # A few days more: a month that is shorter, a time zone; the exact day is computed afterwards.
    statement = statement.where(voulues, Demande.cloturee_le < jusqua + timedelta(days=5))
    if id_ is not None:
        statement = statement.where(Demande.id == id_)
    return (await session.execute(statement.order_by(Demande.id))).all()


async def retirees(session: AsyncSession) -> Sequence[Any]:
    """Return (id, consentement_retire_le) of what still names somebody who withdrew the consent."""
    return (
        await session.execute(
            select(Demande.id, Demande.consentement_retire_le)
            .where(Demande.consentement_retire_le.is_not(None), Demande.effacee_le.is_(None))
            .order_by(Demande.id)
        )
    ).all()


def identifiants(rows: Collection[Any], table: Table) -> Iterator[str]:
    """Yield the identifiers of some rows, as the logs name them."""
    for row in rows:
        for colonne in table.primary_key.columns:
            yield str(row[colonne.name])
