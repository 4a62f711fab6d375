"""The three routes of one kind of request: to file, to list, to read. One mechanism for all the kinds."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from app.acces.guard import SECURITE, exiger
from app.demandes import depots, historique, service
from app.demandes.declarees import DEPOT, LECTURE, LISTE
from app.demandes.filtres import FiltresDep
from app.demandes.regles import Type
from app.demandes.schemas import DemandeDepot, DemandeLue
from app.droits import Acteur, Action
from app.kit.etag import late, show_version
from app.kit.idempotency import Idempotent
from app.kit.pagination import Page, PagingDep
from app.kit.problems import declare
from app.kit.route import router
from app.kit.session import SessionDep

Id = Annotated[UUID, Path(alias="id", description="Identifiant de la demande.")]


@dataclass(frozen=True, slots=True)
class Enseigne:
    """What the contract says of a kind: its path, its tag, and how its deposit is told."""

    chemin: str
    rubrique: str
    une: str  # in the names of the operations
    plusieurs: str
    resume: str
    description: str


def routes_du_genre(
    type_: Type, depot_du_genre: type[DemandeDepot], action: Action, enseigne: Enseigne
) -> APIRouter:
    """Return the router of a kind; `depot_du_genre` is the body of its deposit."""
    routes = router(enseigne.chemin, enseigne.rubrique)

    async def deposer(
        depot: depot_du_genre,  # type: ignore[valid-type]  # FastAPI reads the class that it holds
        session: SessionDep,
        acteur: Annotated[Acteur, exiger(action)],
        _: Annotated[None, Idempotent],
        response: Response,
    ) -> DemandeLue:
        demande, lue = await depots.deposer(session, acteur, type_, depot)
        response.headers["Location"] = f"/v1/demandes/{demande.id}"
        show_version(response, demande.version, late(lue.en_retard))
        return lue

    async def lister(
        session: SessionDep,
        acteur: Annotated[Acteur, exiger(Action.DEMANDE_CONSULTER)],
        filtres: FiltresDep,
        page: PagingDep,
        response: Response,
    ) -> Page[DemandeLue]:
        return await historique.page(session, acteur, filtres, page, response, type_)

    async def lire(
        demande_id: Id,
        session: SessionDep,
        acteur: Annotated[Acteur, exiger(Action.DEMANDE_CONSULTER)],
        response: Response,
    ) -> DemandeLue:
        demande, lue = await service.lire(session, acteur, demande_id, type_)
        show_version(response, demande.version, late(lue.en_retard))
        return lue

    routes.add_api_route(
        "",
        deposer,
        methods=["POST"],
        name=f"deposer_{enseigne.une}",
        summary=enseigne.resume,
        description=enseigne.description,
        status_code=201,
        dependencies=SECURITE,
        responses=declare(*DEPOT),
    )
    routes.add_api_route(
        "",
        lister,
        methods=["GET"],
        name=f"lister_{enseigne.plusieurs}",
        summary=f"Lister les {enseigne.rubrique.lower()}",
        description="L'historique de la structure pour ce type, ou la file de la caisse.",
        dependencies=SECURITE,
        responses=declare(*LISTE),
    )
    routes.add_api_route(
        "/{id}",
        lire,
        methods=["GET"],
        name=f"lire_{enseigne.une}",
        summary=f"Lire ({enseigne.rubrique.lower()})",
        description="La même que sous /v1/demandes, pour qui suit ce type seul.",
        dependencies=SECURITE,
        responses=declare(*LECTURE),
    )
    return routes
