from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from fastapi.responses import HTMLResponse

from app.acces.guard import SECURITE, exiger
from app.demandes.regles import Type
from app.droits import Acteur, Action
from app.erreurs import Validation
from app.kit import csv
from app.kit.problems import declare
from app.kit.refusals import ACCES
from app.kit.route import router
from app.kit.session import SessionDep
from app.portail.guard_pages import SECURITE_PAGE, regarder
from app.portail.pages_connexion import aller
from app.portail.parcours import Etape
from app.statistiques import fichier, rapport, service
from app.statistiques.regles import Axe
from app.statistiques.schemas import Statistiques
from app.statistiques.service import Vue

statistiques_router = router("/statistiques", "Statistiques")
EN_CSV: dict[int | str, dict[str, Any]] = {200: {"content": csv.declared(fichier.EXEMPLE)}}
EN_HTML: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {"schema": {"type": "string"}, "example": "<!doctype html>…"}}},
    303: {
        "description": "Navigateur à connecter d'abord.",
        "headers": {"Location": {"schema": {"type": "string"}, "description": "`/connexion`, par exemple."}},
    },
}


def vue(
    par: Annotated[
        list[Axe] | None,
        Query(max_length=4, description="Axes des lignes, en plus de la caisse ; par défaut, `type`."),
    ] = None,
    caisse: Annotated[str | None, Query(pattern=r"^[0-9]{3}$", description="Une seule caisse.")] = None,
    partenaire_id: Annotated[
        UUID | None, Query(description="Une seule structure (agents de caisse).")
    ] = None,
    type_: Annotated[Type | None, Query(alias="type", description="Un seul type de demande.")] = None,
    annee: Annotated[str | None, Query(pattern=r"^20[0-9]{2}$", description="Année du dépôt.")] = None,
    mois: Annotated[
        str | None,
        Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="Mois du dépôt.", examples=["2026-10"]),
    ] = None,
) -> Vue:
    return Vue(tuple(par or (Axe.TYPE,)), caisse, partenaire_id, type_, annee, mois)


@statistiques_router.get(
    "",
    summary="Lire les chiffres du partenariat",
    dependencies=SECURITE,
    response_model=Statistiques,
    responses=declare(*ACCES, Validation) | EN_CSV,
)
async def lire_statistiques(
    request: Request,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.STATISTIQUES_LIRE)],
    vue_: Annotated[Vue, Depends(vue)],
    response: Response,
) -> Statistiques | Response:
    """Par caisse et par les axes voulus : nombres, issues, délais (D-2). Jamais sur un groupe de moins de cinq.

    Les demandes sont rangées au mois de leur dépôt. `Accept: text/csv` donne les mêmes lignes en un fichier.
    """
    [lues] = await service.statistiques(session, acteur, vue_)
    if csv.wanted(", ".join(request.headers.getlist("accept"))):
        return fichier.rendre(lues)
    response.headers["Vary"] = "Accept"
    return lues


@statistiques_router.get(
    "/rapport",
    summary="Regarder les chiffres du partenariat",
    dependencies=SECURITE_PAGE,
    response_class=HTMLResponse,
    responses=declare(*ACCES) | EN_HTML,
)
async def lire_rapport(
    session: SessionDep, visiteur: Annotated[Acteur | Etape, regarder(Action.STATISTIQUES_LIRE)]
) -> Response:
    """Les mêmes chiffres, dessinés : mois par mois, issues et délais par type, chaque dessin avec sa table.

    Une page : un navigateur connecté par `/connexion` l'ouvre sans jeton ; un autre est envoyé s'y connecter.
    """
    if isinstance(visiteur, Etape):
        return aller(f"/{visiteur}")
    par_mois, par_type = await service.statistiques(session, visiteur, Vue((Axe.MOIS,)), Vue((Axe.TYPE,)))
    return rapport.rendre(par_mois.lignes, par_type.lignes)
