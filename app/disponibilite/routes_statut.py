from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from app.acces.guard import public
from app.disponibilite import statut
from app.disponibilite.schemas import StatutLu
from app.droits import Action
from app.kit.route import router
from app.vitrine import pages

statut_router = router("/statut", "Disponibilité")
page_statut_router = APIRouter(include_in_schema=False)


@statut_router.get(
    "",
    summary="Lire l'état du service",
    dependencies=[public(Action.STATUT_LIRE)],
    response_model=StatutLu,
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
)
async def lire_statut(request: Request, response: Response) -> StatutLu | Response:
    """Sans jeton : ce qui marche, ce qui est annoncé, par qui passer autrement (3.2) ; page par `Accept: text/html`."""
    lu = await statut.lire()
    if "text/html" in request.headers.get("accept", ""):
        return pages.statut(lu)
    response.headers["Vary"] = "Accept"
    return lu


@page_statut_router.api_route("/statut", methods=["GET", "HEAD"])
async def montrer_statut() -> HTMLResponse:
    return pages.statut(await statut.lire())
