"""Reading pieces. Who may reach a request is said by whoever asks; row-level security says it again."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from app.droits import Acteur
from app.pieces.regles import Sens, StatutPiece
from app.pieces.tables import Piece
from app.referentiel.tables import Partenaire


def pour(acteur: Acteur) -> ColumnElement[bool]:
    """Art. 1.3: a partenaire that is not, or no longer, habilité does not see the outgoing pieces."""
    if acteur.partenaire_id is None:
        return true()
    habilite = select(Partenaire.id).where(
        Partenaire.id == Piece.partenaire_id, Partenaire.organisme_habilite
    )
    return or_(Piece.sens == Sens.ENTRANTE, habilite.exists())


def de_la_demande(acteur: Acteur, demande_id: UUID) -> Select[Piece]:
    return (
        select(Piece)
        .where(Piece.demande_id == demande_id, pour(acteur))
        .order_by(Piece.deposee_le.desc(), Piece.id.desc())
    )


async def des_demandes(
    session: AsyncSession, acteur: Acteur, demandes: Collection[UUID]
) -> dict[UUID, list[Piece]]:
    """Return the pieces of several requests, oldest first."""
    par_demande: dict[UUID, list[Piece]] = {id_: [] for id_ in demandes}
    rows = await session.scalars(
        select(Piece).where(Piece.demande_id.in_(demandes), pour(acteur)).order_by(Piece.deposee_le, Piece.id)
    )
    for piece in rows:
        par_demande[piece.demande_id].append(piece)
    return par_demande


async def lire(session: AsyncSession, acteur: Acteur, demande_id: UUID, id_: UUID) -> Piece | None:
    return await session.scalar(de_la_demande(acteur, demande_id).where(Piece.id == id_))


async def nombre(session: AsyncSession, demande_id: UUID) -> int:
    """Count the pieces of a request that take a place: not those refused or erased."""
    return (
        await session.scalar(
            select(func.count())
            .select_from(Piece)
            .where(
                Piece.demande_id == demande_id,
                Piece.statut != StatutPiece.REFUSEE,
                Piece.effacee_le.is_(None),
            )
        )
        or 0
    )


async def a_joindre(session: AsyncSession, demande_id: UUID, sens: Sens, ids: Sequence[UUID]) -> set[UUID]:
    """Return those of `ids` that a message may carry: of this request and this side, neither refused nor erased."""
    return set(
        await session.scalars(
            select(Piece.id).where(
                Piece.id.in_(ids),
                Piece.demande_id == demande_id,
                Piece.sens == sens,
                Piece.statut != StatutPiece.REFUSEE,
                Piece.effacee_le.is_(None),
            )
        )
    )
