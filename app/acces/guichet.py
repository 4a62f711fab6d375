"""The token endpoint: each grant has its sheet."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.acces import codes, oauth, service
from app.acces.oauth import JetonsLus, Refused, TokenRequest


async def emettre(session: AsyncSession, demande: TokenRequest) -> JetonsLus | Refused:
    """Answer a token request; a refusal is returned, not raised, so that its failure is kept."""
    grants = {
        codes.GRANT: codes.echanger,
        "refresh_token": service.par_rafraichissement,
        "client_credentials": service.par_application,
        "password": service.par_mot_de_passe,
    }
    if not demande.grant_type:
        return oauth.INVALID_REQUEST
    grant = grants.get(demande.grant_type)
    return oauth.UNSUPPORTED if grant is None else await grant(session, demande)
