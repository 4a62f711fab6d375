from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from app.acces import cles, moi, oauth, service
from app.acces.guard import SECURITE, exiger
from app.acces.oauth import ErreurOAuth, JetonsLus, Refused, TokenRequest, token_request
from app.acces.schemas import Jwks, Metadonnees, MoiLu
from app.config import settings
from app.droits import Acteur, Action, Portee
from app.erreurs import JetonInvalide
from app.kit.problems import declare
from app.kit.route import router
from app.kit.session import SYSTEM, SessionDep, see

oauth_router = router("/oauth", "Connexion")
oauth_router.route_class = oauth.OAuthRoute
moi_router = router("/moi", "Connexion")
decouverte = APIRouter(tags=["Connexion"])


@oauth_router.post(
    "/token",
    summary="Obtenir un jeton d'accès",
    response_model=JetonsLus,
    responses={
        400: {
            "model": ErreurOAuth,
            "description": "Identifiants invalides ou demande incorrecte (RFC 6749, 5.2)",
        },
        401: {"model": ErreurOAuth, "description": "Application inconnue ou secret incorrect"},
        503: {"model": ErreurOAuth, "description": "Maintenance : seul l'administrateur se connecte (3.2)"},
        429: {"model": ErreurOAuth, "description": "Trop d'échecs : attendre le délai de Retry-After"},
    },
)
async def obtenir_jeton(
    session: SessionDep, demande: Annotated[TokenRequest, Depends(token_request)]
) -> Response:
    """Ouvre une session (`password`, `client_credentials`) ou la prolonge (`refresh_token`, à usage unique).

    Le jeton d'accès est un JWT RFC 9068 de dix minutes. Il ne vaut plus rien dès que le compte est inactivé,
    que son mot de passe change ou que sa session est révoquée.
    """
    await see(session, SYSTEM)
    result = await service.emettre(session, demande)
    if isinstance(result, Refused):
        return result.answer()
    return JSONResponse(result.model_dump(exclude_none=True), headers=oauth.NO_STORE)


@moi_router.get(
    "", summary="Qui suis-je, et que puis-je faire ?", dependencies=SECURITE, responses=declare(JetonInvalide)
)
async def lire_moi(
    request: Request, session: SessionDep, acteur: Annotated[Acteur, exiger(Action.MOI_LIRE)]
) -> MoiLu:
    """Le compte, ses caisses avec leurs fonctionnalités ouvertes, et ce qui est permis à cet instant."""
    return await moi.lire(session, acteur, request.state.situation)


@decouverte.get("/.well-known/oauth-authorization-server", summary="Métadonnées OAuth 2 (RFC 8414)")
async def lire_metadonnees() -> Metadonnees:
    """Où et comment obtenir un jeton, pour les clients qui se configurent seuls."""
    base = settings().base_url
    grants = ["refresh_token", "client_credentials"] + ["password"] * settings().password_grant_on
    return Metadonnees(
        issuer=base,
        token_endpoint=f"{base}/v1/oauth/token",
        jwks_uri=f"{base}/.well-known/jwks.json",
        grant_types_supported=sorted(grants),
        response_types_supported=[],
        token_endpoint_auth_methods_supported=["client_secret_basic", "client_secret_post", "none"],
        scopes_supported=[portee.value for portee in Portee],
        service_documentation=f"{base}/docs",
    )


@decouverte.get("/.well-known/jwks.json", summary="Clés publiques de signature (RFC 7517)")
async def lire_cles() -> Jwks:
    """Les clés qui vérifient les jetons ; pendant une rotation, l'ancienne reste publiée."""
    await cles.ready_for(None)
    return Jwks(keys=cles.keyring().jwks()["keys"])
