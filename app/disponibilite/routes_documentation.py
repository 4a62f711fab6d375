from base64 import b64encode
from typing import Annotated

from fastapi import Path, Query, Request
from fastapi.responses import Response, StreamingResponse

from app.acces.guard import SECURITE, encore, exiger, public
from app.disponibilite import documentation as service
from app.disponibilite.depot_documentation import ouvrir, ranger, recevoir
from app.disponibilite.schemas_documentation import CODE, CORPS, VERSION, DocumentLu
from app.droits import Acteur, Action
from app.erreurs import (
    CorpsIllisible,
    DejaExistant,
    Introuvable,
    PieceInfectee,
    ServiceIndisponible,
    Validation,
)
from app.kit.idempotency import IdempotencyKey, claim
from app.kit.pagination import Page
from app.kit.problems import declare
from app.kit.refusals import CREATION
from app.kit.route import router
from app.kit.session import SessionDep, release

documentation_router = router("/documentation", "Documentation")
Toutes = Annotated[bool, Query(description="Avec les versions précédentes.")]
Code = Annotated[str, Path(pattern=CODE, examples=["guide-technicien"])]
Version = Annotated[str | None, Query(pattern=VERSION, description="Par défaut, la dernière publiée.")]
FICHIER = {"schema": {"type": "string", "format": "binary"}}


@documentation_router.get(
    "",
    summary="Lister la documentation",
    dependencies=[public(Action.DOCUMENTATION_LIRE)],
    responses=declare(Validation),
)
async def lister_documentation(session: SessionDep, toutes: Toutes = False) -> Page[DocumentLu]:
    """Sans jeton : la dernière version de chaque document, avec sa date et son empreinte (3.2)."""
    editions = await service.toutes(session)
    retenues = editions if toutes else service.dernieres(editions)
    return Page(donnees=[service.lire(edition) for edition in retenues])


@documentation_router.get(
    "/{code}",
    summary="Télécharger un document",
    dependencies=[public(Action.DOCUMENTATION_LIRE)],
    response_class=Response,
    responses=declare(Introuvable, Validation, ServiceIndisponible)
    | {200: {"content": {service.MARKDOWN: FICHIER, service.PDF: FICHIER}}},
)
async def telecharger_documentation(code: Code, session: SessionDep, version: Version = None) -> Response:
    """Sans jeton ; `ETag` et `Repr-Digest` (RFC 9530) viennent de l'empreinte SHA-256 du document."""
    edition = await service.une(session, code, version)
    headers = {
        "ETag": f'"{edition.sha256}"',
        "Repr-Digest": f"sha-256=:{b64encode(bytes.fromhex(edition.sha256)).decode()}:",
        "Content-Disposition": f'attachment; filename="{edition.nom}"',
        "Cache-Control": "no-cache",
    }
    if edition.contenu:
        return Response(edition.contenu, media_type=edition.type_mime, headers=headers)
    headers["Content-Length"] = str(edition.taille)
    return StreamingResponse(await ouvrir(edition), media_type=edition.type_mime, headers=headers)


@documentation_router.post(
    "",
    summary="Publier une version d'un document",
    status_code=201,
    dependencies=SECURITE,
    responses=declare(*CREATION, DejaExistant, CorpsIllisible, PieceInfectee),
    openapi_extra=CORPS,
)
async def publier_documentation(
    request: Request,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.DOCUMENTATION_PUBLIER)],
    response: Response,
    cle: IdempotencyKey = None,
) -> DocumentLu:
    """Elle devient celle que chacun télécharge ; les précédentes restent, et aucune ne change."""
    await release(session)
    async with recevoir(request) as (depot, arrivee):
        document = await ranger(arrivee)
    acteur = await encore(request, session, Action.DOCUMENTATION_PUBLIER)
    await claim(request, session, cle, document["sha256"].encode(), depot.model_dump_json().encode())
    edition = await service.publier_document(session, acteur, depot, document)
    response.headers["Location"] = service.lire(edition).url
    return service.lire(edition)
