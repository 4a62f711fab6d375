"""The application: handlers, middlewares, routers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from sqlalchemy.exc import DBAPIError

from app import contract
from app.acces import cles
from app.acces.routes_oauth import decouverte
from app.api_v1 import ROUTERS
from app.comptes.echeances import fermer_la_structure
from app.config import settings
from app.conventions.actes import FERMETURES
from app.disponibilite import documentation, observation
from app.disponibilite.interruption import Interruption
from app.disponibilite.routes import sante_router
from app.disponibilite.routes_statut import page_statut_router
from app.garde.examen import examiner
from app.kit import logging, metrics, problems
from app.kit.cors import ALLOWED, EXPOSED, Cors
from app.kit.middlewares import Surround
from app.kit.session import database
from app.pieces.controles import BAC
from app.portail.routes_accords import accords_router
from app.portail.routes_connexion import connexion_router
from app.portail.routes_consentement import consentement_router
from app.portail.routes_pages import pages_router
from app.provenance import pays
from app.vitrine.routes import ROUTERS as VITRINE


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    with suppress(DBAPIError):  # a database that is away: the keys are read at the first call
        await cles.load()
    pays.ready()
    examiner("")  # the guard reads its lists now, not during somebody's first request
    await documentation.livrer_si_possible()
    async with observation.ouverte():
        yield
    BAC.stop()
    await database().engine.dispose()


def create_app() -> FastAPI:
    logging.setup(settings().log_level)
    FERMETURES[:] = [fermer_la_structure]
    app = FastAPI(
        title=contract.TITLE,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
    )
    pages = (pages_router, connexion_router, consentement_router, accords_router, page_statut_router)
    for router in (*ROUTERS, decouverte, sante_router, metrics.router, *pages, *VITRINE):
        app.include_router(router)
    app.openapi = lambda: contract.served(app)  # type: ignore[method-assign]  # the documented way
    problems.install(app)
    app.add_middleware(Interruption)
    if settings().cors_origins:
        app.add_middleware(
            Cors,
            allow_origins=settings().cors_origins,
            allow_methods=["*"],
            allow_headers=ALLOWED,
            expose_headers=EXPOSED,
        )
    app.add_middleware(Surround)
    return app
