"""The endpoints of OAuth 2 that software calls: token, revoke, introspect, and what they are discovered by."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response

from app.acces import cles, guard, guichet, oauth, revocation
from app.acces.oauth import ErreurOAuth, JetonsLus, Refused, TokenRequest, about_token, token_request
from app.acces.schemas import Jwks, Metadonnees
from app.acces.schemas_oauth import INACTIF, JetonExamine, metadonnees
from app.kit.route import router
from app.kit.session import SYSTEM, SessionDep, see

oauth_router = router("/oauth", "Connexion")
oauth_router.route_class = oauth.OAuthRoute
decouverte = APIRouter(tags=["Connexion"])
TROP: dict[int | str, dict[str, Any]] = {
    429: {"model": ErreurOAuth, "description": "Trop d'échecs : attendre le délai de Retry-After"}
}
INTERROMPU: dict[int | str, dict[str, Any]] = {
    503: {"model": ErreurOAuth, "description": "Maintenance : seul l'administrateur se connecte (3.2)"}
}
REFUS: dict[int | str, dict[str, Any]] = {
    400: {
        "model": ErreurOAuth,
        "description": "Identifiants invalides ou demande incorrecte (RFC 6749, 5.2)",
    },
    401: {"model": ErreurOAuth, "description": "Application inconnue ou secret incorrect"},
}


@oauth_router.post(
    "/token",
    summary="Obtenir un jeton d'accès",
    response_model=JetonsLus,
    responses=REFUS | TROP | INTERROMPU,
)
async def obtenir_jeton(
    session: SessionDep, demande: Annotated[TokenRequest, Depends(token_request)]
) -> Response:
    """Échange un code (`authorization_code`), ouvre une session (`client_credentials`) ou la prolonge.

    `refresh_token` est à usage unique ; `password` est coupé en production. Le jeton d'accès est un JWT RFC 9068
    de dix minutes. Il ne vaut plus rien dès que le compte est inactivé, que son mot de passe change ou que sa
    session est révoquée.
    """
    await see(session, SYSTEM)
    result = await guichet.emettre(session, demande)
    if isinstance(result, Refused):
        return result.answer()
    return JSONResponse(result.model_dump(exclude_none=True), headers=oauth.NO_STORE)


@oauth_router.post(
    "/revoke", summary="Révoquer un jeton (RFC 7009)", response_class=Response, responses=REFUS | TROP
)
async def revoquer_jeton(
    session: SessionDep, demande: Annotated[TokenRequest, Depends(about_token)]
) -> Response:
    """Ferme toute la session du jeton, d'accès ou de rafraîchissement. Un jeton inconnu est répondu 200 aussi."""
    await see(session, SYSTEM)
    refus = await revocation.revoquer(session, demande)
    return refus.answer() if refus else Response(headers=oauth.NO_STORE)


@oauth_router.post(
    "/introspect",
    summary="Examiner un jeton (RFC 7662)",
    response_model=JetonExamine,
    responses=REFUS | TROP,
)
async def examiner_jeton(
    session: SessionDep, demande: Annotated[TokenRequest, Depends(about_token)]
) -> Response:
    """Pour une application à secret, sur ses propres jetons et ceux de sa caisse ; tout autre est `active: false`."""
    await see(session, SYSTEM)
    examen = await revocation.examiner(session, demande, guard.vivant)
    if isinstance(examen, Refused):
        return examen.answer()
    return JSONResponse(examen or INACTIF, headers=oauth.NO_STORE)


@decouverte.get("/.well-known/oauth-authorization-server", summary="Métadonnées OAuth 2 (RFC 8414)")
async def lire_metadonnees() -> Metadonnees:
    """Où et comment obtenir un jeton, pour les clients qui se configurent seuls."""
    return metadonnees()


@decouverte.get("/.well-known/jwks.json", summary="Clés publiques de signature (RFC 7517)")
async def lire_cles() -> Jwks:
    """Les clés qui vérifient les jetons ; pendant une rotation, l'ancienne reste publiée."""
    await cles.ready_to_publish()
    return Jwks(keys=cles.keyring().jwks()["keys"])
