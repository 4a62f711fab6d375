"""The content of a piece: sealed into the store, opened frame by frame."""

from collections.abc import AsyncIterator
from uuid import UUID

import structlog

from app.erreurs import ServiceIndisponible
from app.kit import metrics, storage
from app.kit.multipart import Upload
from app.kit.sealing import Altered, keyring, new_key, seal, unseal
from app.pieces.tables import Piece

log = structlog.get_logger("pieces")
ABSENTE = "Le contenu de cette pièce n'est pas accessible en ce moment."


async def ranger(id_: UUID, depot: Upload) -> tuple[str, bytes]:
    """Seal a content into the store under the name of its piece, and return its wrapped key.

    Raises ServiceIndisponible; the content is in the store before any row says so.
    """
    key = new_key()
    try:
        await storage.put(str(id_), seal(key, id_.bytes, depot.chunks()))
    except storage.Unreachable as error:
        log.warning("storage_unreachable", error=type(error.__cause__).__name__)
        raise ServiceIndisponible("Le dépôt des pièces est momentanément impossible.") from None
    return keyring().wrap(key, id_.bytes)


async def ouvrir(piece: Piece) -> AsyncIterator[bytes]:
    """Return the clear content of a piece, opened: its first frame is there and authentic.

    Raises ServiceIndisponible, loudly, when the file is missing or does not open. A later frame that does not open
    raises `sealing.Altered` from the flow, which then ends before its length.
    """
    if piece.cle is None or piece.kid is None:
        raise ValueError("a piece without its key has no content")
    try:
        key = keyring().unwrap(piece.kid, piece.cle, piece.id.bytes)
        flux = unseal(key, piece.id.bytes, await storage.opened(str(piece.id)))
        premiere = await anext(flux)
    except (storage.Absent, storage.Unreachable, Altered) as error:
        log.error("piece_unreadable", piece_id=str(piece.id), error=type(error).__name__)  # noqa: TRY400
        metrics.PIECES_UNREADABLE.labels(type(error).__name__).inc()
        raise ServiceIndisponible(ABSENTE) from None
    return _suite(premiere, flux)


async def _suite(premiere: bytes, flux: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield premiere
    async for trame in flux:
        yield trame
