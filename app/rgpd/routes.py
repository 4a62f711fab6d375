from typing import Annotated, Any

from fastapi import Response
from fastapi.responses import StreamingResponse

from app.acces.guard import SECURITE, exiger
from app.droits import Acteur, Action
from app.erreurs import Introuvable, NirInterdit, RequeteEnCours, Validation
from app.kit.pagination import Page, PagingDep
from app.kit.problems import declare
from app.kit.refusals import ACCES, LISTE, TEXTE
from app.kit.route import router
from app.kit.session import SessionDep
from app.rgpd import effacement, export, recherche
from app.rgpd.export import MEDIA
from app.rgpd.schemas import BilanEffacement, DemandeTrouvee, Effacement, Personne

assures_router = router("/assures", "Droits des assurés")
PERSONNE = (*ACCES, Introuvable, Validation, NirInterdit)
EN_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA: {"schema": {"type": "string", "format": "binary"}}}}
}


@assures_router.post(
    "/recherche",
    summary="Rechercher un assuré",
    dependencies=SECURITE,
    responses=declare(*LISTE, NirInterdit),
)
async def rechercher_assure(
    personne: Personne,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.ASSURE_RECHERCHER)],
    page: PagingDep,
    response: Response,
) -> Page[DemandeTrouvee]:
    """Ses demandes à la caisse, et celles des noms qui se prononcent de même ; journalisé sans nommer personne."""
    return await recherche.chercher(session, acteur, personne, page.of(personne), response)


@assures_router.post(
    "/export",
    summary="Exporter ce qui est détenu",
    dependencies=SECURITE,
    response_class=StreamingResponse,
    responses=declare(*PERSONNE) | EN_ZIP,
)
async def exporter_assure(
    personne: Personne,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.ASSURE_EXPORTER)],
) -> StreamingResponse:
    """Un zip : `assure.json` et les pièces, pour exactement cette personne ; l'export est journalisé."""
    return await export.exporter(session, acteur, personne)


@assures_router.post(
    "/effacement",
    summary="Effacer un assuré",
    dependencies=SECURITE,
    responses=declare(*PERSONNE, *TEXTE, RequeteEnCours),
)
async def effacer_assure(
    demande: Effacement,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.ASSURE_EFFACER)],
) -> BilanEffacement:
    """Ses demandes ouvertes sont closes sans suite, puis tout ce qui l'identifie à cette caisse disparaît."""
    return await effacement.effacer_personne(session, acteur, demande)
