"""The routes of the shop window: outside /v1, outside the contract, and no account needed."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from app.config import settings
from app.erreurs import CATALOGUE, Introuvable
from app.vitrine import assets, pages

READ = ["GET", "HEAD"]


def docs_on() -> None:
    """Raise Introuvable when EP_DOCS is off."""
    if not settings().docs:
        raise Introuvable


pages_router = APIRouter(include_in_schema=False)
docs_router = APIRouter(prefix="/docs", include_in_schema=False, dependencies=[Depends(docs_on)])
ROUTERS = (pages_router, docs_router)


@pages_router.api_route("/", methods=READ)
async def lire_accueil() -> HTMLResponse:
    return pages.accueil()


@pages_router.api_route("/problemes", methods=READ)
async def lister_problemes() -> HTMLResponse:
    return pages.problemes()


@pages_router.api_route("/problemes/{code}", methods=READ)
async def lire_probleme(code: str) -> HTMLResponse:
    if code not in CATALOGUE:
        raise Introuvable
    return pages.probleme(CATALOGUE[code])


@pages_router.api_route("/vitrine/{version}/{name}", methods=READ)
def read_page_asset(request: Request, version: str, name: str) -> Response:
    return assets.of_pages().answer(request, version, name)


@docs_router.api_route("", methods=READ)
async def lire_docs() -> HTMLResponse:
    return pages.docs()


@docs_router.api_route("/oauth2-redirect", methods=READ)
async def revenir_a_docs() -> HTMLResponse:
    return pages.redirection()


@docs_router.api_route("/{version}/{name}", methods=READ)
def read_docs_asset(
    request: Request, version: str, name: str
) -> Response:  # its first call compresses, in a thread
    return assets.of_docs().answer(request, version, name)
