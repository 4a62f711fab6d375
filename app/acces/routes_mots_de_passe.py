from typing import Annotated

from fastapi import Path, Request
from fastapi.responses import Response

from app.acces import mots_de_passe
from app.acces.guard import SECURITE, exiger, public
from app.acces.schemas import MotDePasseChangement, MotDePasseChoisi, MotDePasseOubli
from app.droits import Acteur, Action
from app.erreurs import (
    JetonInvalide,
    LienInvalide,
    MotDePasseFaible,
    MotDePasseIncorrect,
    NirInterdit,
    PermissionRefusee,
    Validation,
)
from app.kit.problems import answer, declare
from app.kit.route import router
from app.kit.session import SessionDep

moi_mot_de_passe_router = router("/moi/mot-de-passe", "Mots de passe")
activations_router = router("/activations", "Mots de passe")
oublis_router = router("/mots-de-passe-oublies", "Mots de passe")
reinitialisations_router = router("/reinitialisations", "Mots de passe")

CORPS = (Validation, NirInterdit)
PAR_LIEN = (LienInvalide, MotDePasseFaible, *CORPS)
Jeton = Annotated[str, Path(description="Le secret du lien reçu par courriel.", examples=["4hTzJ0w8…"])]


@moi_mot_de_passe_router.put(
    "",
    summary="Changer son mot de passe",
    status_code=204,
    dependencies=SECURITE,
    responses=declare(JetonInvalide, PermissionRefusee, MotDePasseIncorrect, MotDePasseFaible, *CORPS),
)
async def changer_mot_de_passe(
    changement: MotDePasseChangement,
    request: Request,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.MOT_DE_PASSE_CHANGER)],
) -> Response:
    """Toutes les sessions du compte sont fermées aussitôt, celle-ci comprise : il faut se reconnecter.

    Un mot de passe actuel incorrect compte comme un échec de connexion.
    """
    refus = await mots_de_passe.changer(
        session, acteur, changement.actuel, changement.nouveau, adresse(request)
    )
    return answer(request, refus) if refus else Response(status_code=204)


@activations_router.post(
    "/{jeton}",
    summary="Activer son compte",
    status_code=204,
    dependencies=[public(Action.COMPTE_ACTIVER)],
    responses=declare(*PAR_LIEN),
)
async def activer_compte(jeton: Jeton, choix: MotDePasseChoisi, session: SessionDep) -> None:
    """Le titulaire choisit son mot de passe par le lien reçu ; un mot de passe refusé ne consomme pas le lien."""
    await mots_de_passe.activer(session, jeton, choix.mot_de_passe)


@oublis_router.post(
    "",
    summary="Demander un lien de réinitialisation",
    status_code=202,
    response_class=Response,
    dependencies=[public(Action.MOT_DE_PASSE_OUBLIER)],
    responses=declare(*CORPS),
)
async def oublier_mot_de_passe(oubli: MotDePasseOubli, request: Request, session: SessionDep) -> Response:
    """Même réponse dans tous les cas ; le lien part par courriel si le compte existe et s'il est actif."""
    await mots_de_passe.oublier(session, oubli.identifiant, adresse(request))
    return Response(status_code=202)


@reinitialisations_router.post(
    "/{jeton}",
    summary="Choisir un nouveau mot de passe",
    status_code=204,
    dependencies=[public(Action.MOT_DE_PASSE_REINITIALISER)],
    responses=declare(*PAR_LIEN),
)
async def reinitialiser_mot_de_passe(jeton: Jeton, choix: MotDePasseChoisi, session: SessionDep) -> None:
    """Par le lien reçu, à usage unique ; toutes les sessions du compte sont fermées aussitôt."""
    await mots_de_passe.reinitialiser(session, jeton, choix.mot_de_passe)


def adresse(request: Request) -> str:
    return request.client.host if request.client else ""
