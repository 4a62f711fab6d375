"""Art. 3.2: how a document arrives and leaves: as a stream, checked as a piece is, a large one beside the pieces."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from app.disponibilite.documentation import BOUT, CGU, PDF, Edition, nature, valeurs
from app.disponibilite.schemas_documentation import TAILLE_MAXIMALE, TEXTE_MAXIMAL, DocumentationDepot
from app.erreurs import CorpsIllisible, CorpsTropGrand, PieceInfectee, ServiceIndisponible, Validation
from app.kit import antivirus, multipart, storage
from app.kit.clock import now
from app.kit.guarded import check_texts
from app.kit.ids import new_id
from app.kit.messages import SENTENCES
from app.kit.middlewares import allow_body
from app.kit.multipart import Upload

log = structlog.get_logger("documentation")
CHAMPS = ("code", "titre", "version")


@asynccontextmanager
async def recevoir(request: Request) -> AsyncIterator[tuple[DocumentationDepot, Upload]]:
    """Receive a document from a known caller, holding no connection, into an anonymous file.

    Raises CorpsTropGrand, CorpsIllisible, Validation, NirInterdit.
    """
    allow_body(request, 3 * TAILLE_MAXIMALE)  # a client that still writes does not read its refusal
    try:
        arrivee = await multipart.receive(request, "fichier", CHAMPS, TAILLE_MAXIMALE)
    except multipart.TooBig:
        await multipart.drain(request)
        raise CorpsTropGrand from None
    except multipart.Malformed:
        raise CorpsIllisible from None
    with arrivee:
        yield _lire(arrivee), arrivee


def _lire(arrivee: Upload) -> DocumentationDepot:
    champs: dict[str, Any] = dict.fromkeys(arrivee.unknown) | arrivee.fields
    try:
        depot = DocumentationDepot.model_validate(champs)
    except ValidationError as error:
        raise RequestValidationError([e | {"loc": ("body", *e["loc"])} for e in error.errors()]) from None
    check_texts(depot)
    if depot.code == CGU:
        raise Validation.du_champ("/code", "ep_reserve", "Les CGU se publient par POST /v1/cgu.")
    if arrivee.repeated:
        raise Validation.du_champ(
            f"/{arrivee.repeated[0]}", "ep_repete", "Ce champ n'est attendu qu'une fois."
        )
    if arrivee.file is None:
        raise Validation.du_champ("/fichier", "missing", SENTENCES["missing"])
    return depot


async def ranger(arrivee: Upload) -> dict[str, Any]:
    """Check a document and put it where it is kept: a text in the database, a PDF in the store of pieces.

    Raises Validation, CorpsTropGrand, PieceInfectee, ServiceIndisponible: nobody reads what was not checked.
    """
    bouts = await _bouts(arrivee)
    if not bouts.startswith(b"%PDF-"):
        if arrivee.size > TEXTE_MAXIMAL:
            raise CorpsTropGrand
        bouts = b"".join([morceau async for morceau in arrivee.chunks()])
    type_mime = nature(bouts)
    await _analyser(arrivee)
    if type_mime != PDF:
        return valeurs(bouts)
    try:
        await storage.put(storage.PUBLIC + arrivee.sha256, arrivee.chunks())
    except storage.Unreachable:
        raise ServiceIndisponible("Le dépôt des documents est momentanément impossible.") from None
    return {
        "id": new_id(),
        "type_mime": PDF,
        "contenu": None,
        "taille": arrivee.size,
        "sha256": arrivee.sha256,
        "publie_le": now(),
    }


async def _bouts(arrivee: Upload) -> bytes:
    """Return the two ends of a file, the whole of a small one."""
    debut, fin = b"", b""
    async for morceau in arrivee.chunks():
        debut = (debut + morceau)[:BOUT] if len(debut) < BOUT else debut
        fin = (fin + morceau)[-BOUT:]
    return debut + fin if arrivee.size > BOUT else debut


async def _analyser(arrivee: Upload) -> None:
    if not antivirus.configured():
        return
    try:
        infecte = await antivirus.infected(arrivee.chunks())
    except antivirus.Unavailable:
        raise ServiceIndisponible(
            "L'antivirus ne répond pas : rien ne se publie sans son contrôle."
        ) from None
    if infecte:
        raise PieceInfectee


async def ouvrir(edition: Edition) -> AsyncIterator[bytes]:
    """Return the flow of a document that is in the store. Raises ServiceIndisponible, loudly."""
    try:
        return await storage.opened(storage.PUBLIC + edition.sha256)
    except (storage.Absent, storage.Unreachable) as error:
        log.error("document_unreadable", sha256=edition.sha256, error=type(error).__name__)  # noqa: TRY400  # the document's digest tells enough
        raise ServiceIndisponible("Ce document n'est pas accessible en ce moment.") from None
