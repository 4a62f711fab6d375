from typing import Annotated

from fastapi import Request

from app.acces import moi
from app.acces.guard import SECURITE, exiger
from app.acces.schemas import MoiLu
from app.droits import Acteur, Action
from app.erreurs import JetonInvalide
from app.kit.problems import declare
from app.kit.route import router
from app.kit.session import SessionDep

moi_router = router("/moi", "Connexion")


@moi_router.get(
    "", summary="Qui suis-je, et que puis-je faire ?", dependencies=SECURITE, responses=declare(JetonInvalide)
)
async def lire_moi(
    request: Request, session: SessionDep, acteur: Annotated[Acteur, exiger(Action.MOI_LIRE)]
) -> MoiLu:
    """Le compte, ses caisses avec leurs fonctionnalités ouvertes, et ce qui est permis à cet instant."""
    return await moi.lire(session, acteur, request.state.situation)
