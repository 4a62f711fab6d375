"""The files after the rows: those to delete, those that nobody knows, those that are missing, and their keys."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.droits import SYSTEME
from app.evenements.service import publier
from app.journal.service import Objet, inscrire
from app.kit import metrics, storage
from app.kit.clock import now
from app.kit.sealing import Altered, keyring
from app.kit.session import database
from app.pieces.service import objet
from app.pieces.tables import Piece

log = structlog.get_logger("pieces")
# A deposit puts its file first and its row after: a younger file may still be waiting for its row.
ATTENTE = timedelta(hours=1)
LOT = 500


async def supprimer(id_: UUID) -> None:
    """Delete the file of a piece that lost its key, and tell it. Again changes nothing. Raises Unreachable."""
    async with database().transaction() as session:
        piece = await session.get(Piece, id_)
        if piece is None or piece.cle is not None or piece.fichier_efface_le is not None:
            return
    await storage.delete(str(id_))
    async with database().transaction() as session:
        piece = await session.get_one(Piece, id_, with_for_update=True)
        if piece.fichier_efface_le is None:
            piece.fichier_efface_le = now()
            await session.flush()
            if piece.effacee_le and piece.raison_effacement:
                raison = piece.raison_effacement.value
                await publier(session, SYSTEME, "piece.effacee", objet(piece), raison=raison)


@dataclass(slots=True)
class Bilan:
    """What a sweep found: names of files, identifiers of pieces."""

    orphelins: list[str] = field(default_factory=list)
    inacheves: int = 0
    absents: list[UUID] = field(default_factory=list)
    en_retard: list[UUID] = field(default_factory=list)


async def balayer(*, a_blanc: bool = False) -> Bilan:
    """Compare the store and the rows: delete what no row wants, report what is missing, finish what was left.

    The whole list of names is held in memory, some 100 bytes a piece. Raises storage.Unreachable.
    """
    bilan, avant = Bilan(), now() - ATTENTE
    attendus = await _attendus()
    presents: set[str] = set()
    async for nom, change_le in storage.listed():
        if nom.startswith(storage.PUBLIC):
            continue
        if nom in attendus:
            presents.add(nom)
        elif change_le < avant:
            bilan.orphelins.append(nom)
    bilan.orphelins = [nom for nom in bilan.orphelins if nom not in await _attendus([nom])]
    bilan.absents = [UUID(nom) for nom in attendus - presents if await _absent(nom)]
    bilan.en_retard = await _a_finir()
    if not a_blanc:
        await _agir(bilan)
        bilan.inacheves = storage.clear_unfinished(avant)
    metrics.PIECES_MISSING.set(len(bilan.absents))
    return bilan


async def _attendus(noms: list[str] | None = None) -> set[str]:
    """Return the names of the files that rows want, among some or all."""
    statement = select(Piece.id).where(Piece.cle.is_not(None))
    if noms is not None:
        statement = statement.where(Piece.id.in_([id_ for nom in noms if (id_ := _uuid(nom))]))
    async with database().transaction() as session:
        return {str(id_) async for id_ in await session.stream_scalars(statement)}


def _uuid(nom: str) -> UUID | None:
    try:
        return UUID(nom)
    except ValueError:
        return None


async def _absent(nom: str) -> bool:
    """Look again, row then file: a piece erased during the sweep misses nothing."""
    if nom not in await _attendus([nom]):
        return False
    try:
        await storage.opened(nom)
    except storage.Absent:
        return True
    return False


async def _a_finir() -> list[UUID]:
    """Return the pieces without key whose file was not deleted: their job gave up."""
    async with database().transaction() as session:
        return list(
            await session.scalars(
                select(Piece.id).where(Piece.cle.is_(None), Piece.fichier_efface_le.is_(None)).limit(LOT)
            )
        )


async def _agir(bilan: Bilan) -> None:
    for nom in bilan.orphelins:
        await storage.delete(nom)
    for id_ in bilan.en_retard:
        await supprimer(id_)
    for id_ in bilan.absents:
        log.error("piece_file_missing", piece_id=str(id_))
        async with database().transaction() as session:
            await _signaler(session, id_)


async def _signaler(session: AsyncSession, id_: UUID) -> None:
    """Write a missing file in the journal, once."""
    piece = await session.get_one(Piece, id_, with_for_update=True)
    if piece.fichier_absent_le is None:
        piece.fichier_absent_le = now()
        await session.flush()
        await inscrire(session, SYSTEME, "piece.fichier_absent", objet(piece))


@dataclass(frozen=True, slots=True)
class Rotation:
    """How many data keys were wrapped again; how many no key of the settings opens."""

    faites: int
    perdues: int


async def tourner_les_cles() -> Rotation:
    """Wrap every data key again under the current key; the files themselves do not change."""
    faites, perdues, apres = 0, 0, UUID(int=0)
    while True:
        async with database().transaction() as session:
            lot = await _lot(session, apres)
            ouvertes = [piece for piece in lot if await _tourner(session, piece)]
        if not lot:
            break
        faites, perdues, apres = faites + len(ouvertes), perdues + len(lot) - len(ouvertes), lot[-1].id
    async with database().transaction() as session:
        await inscrire(session, SYSTEME, "pieces.cles_tournees", Objet("cle", keyring().current))
    return Rotation(faites, perdues)


async def _lot(session: AsyncSession, apres: UUID) -> list[Piece]:
    return list(
        await session.scalars(
            select(Piece)
            .where(Piece.id > apres, Piece.kid != keyring().current)
            .order_by(Piece.id)
            .limit(LOT)
            .with_for_update()
        )
    )


async def _tourner(session: AsyncSession, piece: Piece) -> bool:
    if piece.cle is None or piece.kid is None:
        return False
    try:
        cle = keyring().unwrap(piece.kid, piece.cle, piece.id.bytes)
    except Altered:
        log.error("piece_key_unknown", piece_id=str(piece.id))  # noqa: TRY400  # no trace is needed
        return False
    nom, enveloppe = keyring().wrap(cle, piece.id.bytes)
    await session.execute(  # not by the row: its version is what readers see, which does not change
        update(Piece)
        .where(Piece.id == piece.id)
        .values(cle=enveloppe, kid=nom)
        .execution_options(synchronize_session=False)
    )
    return True
