from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request, Response
from fastapi.responses import StreamingResponse

from app.acces.guard import SECURITE, encore, exiger
from app.demandes import pieces
from app.demandes.declarees import LECTURE_PIECES, PIECE, TELECHARGEMENT
from app.droits import Acteur, Action
from app.erreurs import PieceInfectee
from app.kit.etag import show_version
from app.kit.idempotency import IdempotencyKey, claim
from app.kit.pagination import Page, PagingDep
from app.kit.problems import answer, declare
from app.kit.route import router
from app.kit.session import SessionDep, release
from app.pieces import service
from app.pieces.regles import EXTENSIONS, StatutPiece
from app.pieces.schemas import CORPS, PieceLue

pieces_router = router("/demandes", "Pièces")
DemandeId = Annotated[UUID, Path(alias="id", description="Identifiant de la demande.")]
PieceId = Annotated[UUID, Path(alias="piece_id", description="Identifiant de la pièce.")]
CONTENU: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Le contenu déposé, tel quel",
        "content": {type_: {"schema": {"type": "string", "format": "binary"}} for type_ in EXTENSIONS},
    }
}


@pieces_router.post(
    "/{id}/pieces",
    status_code=201,
    summary="Déposer une pièce",
    dependencies=SECURITE,
    response_model=PieceLue,
    responses=declare(*PIECE),
    openapi_extra=CORPS,
)
async def deposer_piece(
    demande_id: DemandeId,
    request: Request,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.PIECE_DEPOSER)],
    response: Response,
    cle: IdempotencyKey = None,
) -> PieceLue | Response:
    """Vers la caisse pour un technicien, vers un organisme habilité pour un agent (1.3).

    PDF, JPEG ou PNG, 10 Mio, 10 pièces par demande ouverte : le type est ce que disent les octets (3.1).
    """
    async with pieces.recevoir(request, session, acteur, demande_id) as depot:
        acteur = await encore(request, session, Action.PIECE_DEPOSER)
        await claim(request, session, cle, depot.sha256.encode(), depot.nature.encode())
        piece = await pieces.deposer(session, acteur, demande_id, depot)
    if piece.statut is StatutPiece.REFUSEE:
        return answer(request, PieceInfectee())  # answered, not raised: its refusal is written
    response.headers["Location"] = f"/v1/demandes/{demande_id}/pieces/{piece.id}"
    show_version(response, piece.version)
    return pieces.lue(piece)


@pieces_router.get(
    "/{id}/pieces", summary="Lister les pièces", dependencies=SECURITE, responses=declare(*LECTURE_PIECES)
)
async def lister_pieces(
    demande_id: DemandeId,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.PIECE_LIRE)],
    page: PagingDep,
    response: Response,
) -> Page[PieceLue]:
    """Les pièces de la demande, des deux sens ; les pièces sortantes se lisent tant que la structure est habilitée."""
    return await pieces.page(session, acteur, demande_id, page, response)


@pieces_router.get(
    "/{id}/pieces/{piece_id}",
    summary="Lire une pièce",
    dependencies=SECURITE,
    responses=declare(*LECTURE_PIECES),
)
async def lire_piece(
    demande_id: DemandeId,
    piece_id: PieceId,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.PIECE_LIRE)],
    response: Response,
) -> PieceLue:
    """Son état, sa taille, son empreinte : le contenu se lit à part."""
    piece = await pieces.lire(session, acteur, demande_id, piece_id)
    show_version(response, piece.version)
    return pieces.lue(piece)


@pieces_router.get(
    "/{id}/pieces/{piece_id}/contenu",
    summary="Télécharger une pièce",
    dependencies=SECURITE,
    response_class=Response,
    responses=declare(*TELECHARGEMENT) | CONTENU,
)
async def telecharger_piece(
    demande_id: DemandeId,
    piece_id: PieceId,
    request: Request,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.PIECE_TELECHARGER)],
) -> Response:
    """Le contenu, une fois accepté par l'antivirus ; chaque téléchargement est au journal (1.3)."""
    piece = await pieces.lire(session, acteur, demande_id, piece_id)
    service.exiger_lisible(piece)
    await release(session)
    contenu = await service.contenu(piece)
    acteur = await encore(request, session, Action.PIECE_TELECHARGER)
    await service.noter_telechargement(session, acteur, piece)
    return StreamingResponse(contenu, headers=service.entetes(piece), media_type=piece.type_mime)
