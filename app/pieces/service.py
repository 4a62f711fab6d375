"""Pieces: deposited, read, erased. Who may is said by the request, which asks."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.droits import Acteur
from app.erreurs import Introuvable, PermissionRefusee, PieceIndisponible, TropDePieces
from app.evenements.service import publier
from app.journal.service import Objet, inscrire
from app.kit import metrics
from app.kit.clock import now
from app.kit.jobs import enqueue
from app.kit.session import SYSTEM, see, sight
from app.pieces import contenus, queries
from app.pieces.regles import (
    EXTENSIONS,
    NOMBRE_MAXIMAL,
    STATUTS,
    Antivirus,
    MotifRefus,
    RaisonEffacement,
    Sens,
    StatutPiece,
    lisible,
)
from app.pieces.tables import Piece


@dataclass(frozen=True, slots=True)
class Rattachement:
    """The request of a piece: whose it is, how it is called, who made it."""

    demande_id: UUID
    reference: str
    caisse: str
    partenaire_id: UUID
    demandeur_id: UUID


@dataclass(frozen=True, slots=True)
class Depot:
    """A document that passed its checks; `cle` opens its file in the store, None when it was not kept."""

    id: UUID
    sens: Sens
    nature: str
    type_mime: str
    taille: int
    sha256: str
    antivirus: Antivirus
    kid: str | None = None
    cle: bytes | None = None


def objet(piece: Piece) -> Objet:
    return Objet("piece", piece.id, piece.caisse, piece.partenaire_id)


async def verifier_nombre(session: AsyncSession, demande_id: UUID) -> None:
    """Art. 3.1: raise TropDePieces; strict when the request is locked."""
    if await queries.nombre(session, demande_id) >= NOMBRE_MAXIMAL:
        raise TropDePieces(maximum=NOMBRE_MAXIMAL)


async def deposer(session: AsyncSession, acteur: Acteur, depot: Depot, demande: Rattachement) -> Piece:
    """Art. 3.1: write a piece whose file is in the store already, or one refused for its infection, without file."""
    if acteur.id is None:
        raise PermissionRefusee
    statut, instant = STATUTS[depot.antivirus], now()
    piece = Piece(
        id=depot.id,
        demande_id=demande.demande_id,
        reference=demande.reference,
        caisse=demande.caisse,
        partenaire_id=demande.partenaire_id,
        demandeur_id=demande.demandeur_id,
        deposant_id=acteur.id,
        sens=depot.sens,
        nature=depot.nature,
        statut=statut,
        motif_refus=MotifRefus.INFECTEE if statut is StatutPiece.REFUSEE else None,
        antivirus=depot.antivirus,
        type_mime=depot.type_mime,
        taille=depot.taille,
        sha256=depot.sha256,
        cle=depot.cle,
        kid=depot.kid,
        deposee_le=instant,
        analysee_le=None if statut is StatutPiece.EN_ANALYSE else instant,
        fichier_efface_le=instant if statut is StatutPiece.REFUSEE else None,
    )
    session.add(piece)
    await session.flush()
    await _annoncer(session, acteur, piece, depose=True)
    return piece


async def conclure(session: AsyncSession, acteur: Acteur, piece: Piece, verdict: Antivirus) -> None:
    """Art. 3.1: write what the antivirus said of a piece that waited; an infected one loses its key at once."""
    piece.antivirus, piece.statut, piece.analysee_le = verdict, STATUTS[verdict], now()
    if piece.statut is StatutPiece.REFUSEE:
        piece.motif_refus, piece.cle, piece.kid = MotifRefus.INFECTEE, None, None
        await enqueue(session, "pieces.supprimer_fichier", piece_id=str(piece.id))
    await session.flush()
    await _annoncer(session, acteur, piece, depose=False)


async def _annoncer(session: AsyncSession, acteur: Acteur, piece: Piece, *, depose: bool) -> None:
    """Enqueue the mail that the state asks for, then write the events: they come last."""
    refusee = piece.statut is StatutPiece.REFUSEE
    if refusee or (piece.statut is StatutPiece.ACCEPTEE and piece.sens is Sens.SORTANTE):
        evenement = f"piece.{piece.statut.value}"
        await enqueue(session, "pieces.avertir", piece_id=str(piece.id), evenement=evenement)
    metrics.PIECES.labels(piece.statut.value).inc()
    if depose:
        await publier(session, acteur, "piece.deposee", objet(piece))
    if piece.statut is not StatutPiece.EN_ANALYSE:
        await publier(session, acteur, f"piece.{piece.statut.value}", objet(piece))


async def lire(session: AsyncSession, acteur: Acteur, demande_id: UUID, id_: UUID) -> Piece:
    """Return a piece of a request that the actor reaches. Raises Introuvable."""
    piece = await queries.lire(session, acteur, demande_id, id_)
    if piece is None:
        raise Introuvable
    return piece


def exiger_lisible(piece: Piece) -> None:
    """Art. 3.1: raise PieceIndisponible for a piece that waits, that was refused or erased."""
    if not lisible(piece.statut, effacee=piece.effacee_le is not None):
        effacee_le = piece.effacee_le.isoformat().replace("+00:00", "Z") if piece.effacee_le else None
        raise PieceIndisponible(statut=piece.statut.value, effacee_le=effacee_le)


def entetes(piece: Piece) -> dict[str, str]:
    """Return the headers of a content: never shown in place, never sniffed, under a name that says nothing."""
    return {
        "Content-Length": str(piece.taille),
        "Content-Disposition": f'attachment; filename="piece-{piece.id}.{EXTENSIONS[piece.type_mime]}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }


async def noter_telechargement(session: AsyncSession, acteur: Acteur, piece: Piece) -> None:
    """Art. 1.3: every download is in the journal, before its first byte."""
    await inscrire(session, acteur, "piece.telechargee", objet(piece))


async def pieces_de(session: AsyncSession, demandes: Sequence[UUID]) -> list[Piece]:
    """Return every piece of some requests, both sides, oldest first: for an export, in the scope of the transaction."""
    statement = select(Piece).where(Piece.demande_id.in_(demandes)).order_by(Piece.deposee_le, Piece.id)
    return list(await session.scalars(statement))


async def contenu(piece: Piece) -> AsyncIterator[bytes]:
    """Return the clear content of a readable piece, frame by frame. Raises PieceIndisponible, ServiceIndisponible.

    No transaction is needed: call it once the one that read the piece is over.
    """
    exiger_lisible(piece)
    return await contenus.ouvrir(piece)


async def effacer(
    session: AsyncSession, acteur: Acteur, demandes: Sequence[UUID], raison: RaisonEffacement
) -> int:
    """Art. 1.1, 5.5: erase every piece of some requests, both sides, and return how many.

    Without their keys, the contents are unreadable from the commit on; the files go after it, by a job, which
    publishes `piece.effacee`. An anonymous residue stays: the side, the kind, the dates.
    """
    await see(session, SYSTEM)  # outgoing pieces go too, even those that the actor's structure does not see
    effacees = list(
        await session.scalars(
            update(Piece)
            .where(Piece.demande_id.in_(demandes), Piece.effacee_le.is_(None))
            .values(
                effacee_le=now(),
                raison_effacement=raison,
                version=Piece.version + 1,
                fichier_efface_le=None,
                sha256=None,
                taille=None,
                cle=None,
                kid=None,
            )
            .returning(Piece.id)
            .execution_options(synchronize_session=False)
        )
    )
    for id_ in effacees:
        await enqueue(session, "pieces.supprimer_fichier", piece_id=str(id_))
    await see(session, sight(acteur))
    return len(effacees)
