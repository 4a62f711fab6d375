"""The endpoint of OAuth 2 that a browser opens: where an application sends its user."""

from fastapi.responses import Response

from app.acces import oauth
from app.kit.route import router
from app.portail import autorisation
from app.portail.parametres import DemandeDep
from app.portail.visite import VisiteDep

autorisation_router = router("/oauth", "Connexion")
autorisation_router.route_class = oauth.OAuthRoute


@autorisation_router.get(
    "/authorize",
    summary="Demander à une personne son autorisation",
    status_code=303,
    response_class=Response,
    responses={
        303: {
            "description": "Vers la page de connexion, ou vers l'application avec `code`, `state` et `iss`"
        },
        400: {
            "description": "Application ou adresse de retour inconnue : une page le dit, rien n'est renvoyé"
        },
    },
)
async def autoriser(visite: VisiteDep, _demande: DemandeDep) -> Response:
    """À ouvrir dans le navigateur de la personne : connexion, CGU si elles sont à accepter, consentement.

    PKCE S256 est obligatoire, l'adresse de retour est exacte (port libre sur 127.0.0.1). Le code dure une
    minute et sert une fois.
    """
    return await autorisation.repondre(visite)
