"""Art. 1.1: the signalement: its fields and its routes."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Response
from pydantic import Field

from app.acces.guard import SECURITE, exiger
from app.demandes import historique, service
from app.demandes.erreurs_declarees import DEPOT, LECTURE, LISTE
from app.demandes.filtres import FiltresDep
from app.demandes.regles import Type
from app.demandes.schemas import ASSURE, CONSENTEMENT, DemandeDepot, DemandeLue
from app.droits import Acteur, Action
from app.erreurs import Introuvable
from app.kit.etag import show_version
from app.kit.examples import examples
from app.kit.idempotency import Idempotent
from app.kit.pagination import Page, PagingDep
from app.kit.problems import declare
from app.kit.route import router
from app.kit.session import SessionDep
from app.kit.types import Code
from app.referentiel.nomenclatures import DIFFICULTES, ORIENTATIONS

signalements_router = router("/signalements", "Signalements")

EXEMPLE: dict[str, Any] = {
    "assure": ASSURE,
    "consentement": CONSENTEMENT,
    "difficultes": ["rupture_de_droits"],
    "orientation_souhaitee": "service_social",
    "commentaire": "Sans réponse à ses courriers depuis septembre.",
}


class SignalementDepot(DemandeDepot):
    model_config = examples(EXEMPLE, required=["assure", "consentement", "difficultes"])

    difficultes: Annotated[
        list[Annotated[str, Code(DIFFICULTES)]],
        Field(
            min_length=1,
            max_length=len(DIFFICULTES),
            description="Une ou plusieurs difficultés, la première fait le thème.",
        ),
    ]
    orientation_souhaitee: Annotated[str, Code(ORIENTATIONS)] | None = None


@signalements_router.post(
    "",
    summary="Signaler une personne en difficulté",
    status_code=201,
    dependencies=SECURITE,
    responses=declare(*DEPOT),
)
async def deposer_signalement(
    depot: SignalementDepot,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.SIGNALEMENT_DEPOSER)],
    _: Annotated[None, Idempotent],
    response: Response,
) -> DemandeLue:
    """Difficulté d'accès aux droits ou aux soins d'une personne accompagnée, avec son consentement (1.1)."""
    demande, lue = await service.deposer(session, acteur, Type.SIGNALEMENT, depot)
    response.headers["Location"] = f"/v1/demandes/{demande.id}"
    show_version(response, demande.version)
    return lue


@signalements_router.get(
    "", summary="Lister les signalements", dependencies=SECURITE, responses=declare(*LISTE)
)
async def lister_signalements(
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.DEMANDE_CONSULTER)],
    filtres: FiltresDep,
    page: PagingDep,
    response: Response,
) -> Page[DemandeLue]:
    """L'historique des signalements de la structure, ou la file de la caisse."""
    return await historique.page(session, acteur, filtres, page, response, Type.SIGNALEMENT)


@signalements_router.get(
    "/{id}", summary="Lire un signalement", dependencies=SECURITE, responses=declare(*LECTURE, Introuvable)
)
async def lire_signalement(
    id: UUID,  # noqa: A002  # the contract's name
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.DEMANDE_CONSULTER)],
    response: Response,
) -> DemandeLue:
    """Le même que sous /v1/demandes, pour qui suit les signalements seuls."""
    demande, lue = await service.lire(session, acteur, id, Type.SIGNALEMENT)
    show_version(response, demande.version)
    return lue
