from typing import Annotated

from fastapi import Query, Response

from app.acces.guard import SECURITE, exiger
from app.config import settings
from app.droits import Acteur, Action
from app.erreurs import Validation
from app.evenements import lecture
from app.evenements.schemas import Fil
from app.kit.pagination import DEFAULT, MOST
from app.kit.problems import declare
from app.kit.refusals import ACCES
from app.kit.route import router
from app.kit.session import SessionDep

evenements_router = router("/evenements", "Évènements")
LE_PLUS_GRAND = 2**63 - 1


@evenements_router.get(
    "",
    summary="Suivre les évènements",
    dependencies=SECURITE,
    responses=declare(*ACCES, Validation),
)
async def suivre_evenements(
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.EVENEMENT_LIRE)],
    response: Response,
    apres: Annotated[int, Query(ge=0, le=LE_PLUS_GRAND, description="Dernier numéro déjà lu.")] = 0,
    limite: Annotated[int, Query(ge=1, le=MOST, description="Nombre d'évènements.")] = DEFAULT,
) -> Fil:
    """Du plus ancien au plus récent, sans en sauter : redonnez `apres` tel qu'il a été reçu (7)."""
    fil = await lecture.suivre(session, acteur, apres, limite)
    if fil.suite:
        adresse = f"{settings().base_url}/v1/evenements?apres={fil.apres}&limite={limite}"
        response.headers["Link"] = f'<{adresse}>; rel="next"'
    return fil
