from typing import Annotated

from fastapi import Response

from app.acces.guard import SECURITE, exiger
from app.droits import Acteur, Action
from app.kit.etag import IfMatch, show_version
from app.kit.problems import declare
from app.kit.refusals import LECTURE, MODIFICATION
from app.kit.route import router
from app.kit.session import SessionDep
from app.referentiel import service
from app.referentiel.routes import Code
from app.referentiel.schemas import GardeDeCaisse

garde_router = router("/caisses", "Caisses")


@garde_router.get(
    "/{code}/garde",
    summary="Lire les mots ajoutés à la garde",
    dependencies=SECURITE,
    responses=declare(*LECTURE),
)
async def lire_garde(
    code: Code,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.GARDE_REGLER)],
    response: Response,
) -> GardeDeCaisse:
    """Ceux que la caisse cherche en plus dans les textes libres de ses demandes (5)."""
    caisse = await service.sa_caisse(session, acteur, code)
    show_version(response, caisse.version)
    return GardeDeCaisse(termes=caisse.termes_garde)


@garde_router.put(
    "/{code}/garde",
    summary="Ajouter des mots à la garde",
    dependencies=SECURITE,
    responses=declare(*MODIFICATION),
)
async def regler_garde(
    code: Code,
    garde: GardeDeCaisse,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.GARDE_REGLER)],
    version: IfMatch,
    response: Response,
) -> GardeDeCaisse:
    """La liste entière, aussitôt, pour les textes des deux côtés ; leur auteur peut confirmer, comme ailleurs (5)."""
    caisse = await service.regler_garde(session, acteur, code, garde, version)
    show_version(response, caisse.version)
    return GardeDeCaisse(termes=caisse.termes_garde)
