from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response

from app.acces.guard import SECURITE, exiger
from app.demandes.regles import Revue
from app.droits import Acteur, Action
from app.erreurs import DejaRevu
from app.kit.etag import IfMatch, show_version
from app.kit.pagination import Page, PagingDep
from app.kit.problems import declare
from app.kit.refusals import LECTURE, LISTE, MODIFICATION, TEXTE
from app.kit.route import router
from app.kit.session import SessionDep
from app.rgpd import textes
from app.rgpd.schemas import RevueDeTexte, TexteConfirmeLu

Id = Annotated[UUID, Path(alias="id", description="Identifiant de la confirmation.")]
textes_router = router("/textes-confirmes", "Textes confirmés")


@textes_router.get(
    "", summary="Lister les textes confirmés", dependencies=SECURITE, responses=declare(*LISTE)
)
async def lister_textes_confirmes(
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.TEXTE_REVOIR)],
    page: PagingDep,
    response: Response,
    statut: Annotated[Revue | None, Query(description="Ce que la caisse en a décidé.")] = None,
) -> Page[TexteConfirmeLu]:
    """Ce que les auteurs ont confirmé contre la garde, des deux côtés ; le texte se lit dans la demande."""
    return await textes.file(session, acteur, statut, page, response)


@textes_router.get(
    "/{id}", summary="Lire un texte confirmé", dependencies=SECURITE, responses=declare(*LECTURE)
)
async def lire_texte_confirme(
    texte_id: Id,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.TEXTE_REVOIR)],
    response: Response,
) -> TexteConfirmeLu:
    """Où se trouvent les passages, et ce que la caisse en a décidé."""
    texte, lu = await textes.lire(session, acteur, texte_id)
    show_version(response, texte.version)
    return lu


@textes_router.post(
    "/{id}/revue",
    summary="Revoir un texte confirmé",
    dependencies=SECURITE,
    responses=declare(*MODIFICATION, *TEXTE, DejaRevu),
)
async def revoir_texte_confirme(
    texte_id: Id,
    revue: RevueDeTexte,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.TEXTE_REVOIR)],
    version: IfMatch,
    response: Response,
) -> TexteConfirmeLu:
    """`refuse` retire les passages du texte, pour les deux parties, et prévient la structure."""
    texte, lu = await textes.revoir(session, acteur, texte_id, revue, version)
    show_version(response, texte.version)
    return lu
