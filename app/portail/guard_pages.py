"""The guard of a page to look at: a token opens it as any route, and so does somebody's session in this browser."""

from typing import Any

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie
from sqlalchemy.ext.asyncio import AsyncSession

from app.acces import guard, service
from app.acces.regles import Situation, lit
from app.droits import Acteur, Action
from app.erreurs import CguAAccepter, JetonInvalide, MotDePasseExpire, Probleme
from app.kit import limits
from app.kit.clock import today
from app.kit.passwords import fingerprint
from app.kit.session import SYSTEM, SessionDep, see
from app.portail import navigateur, queries
from app.portail.parcours import Etape

cookie = APIKeyCookie(
    name=navigateur.NAME,
    scheme_name="navigateur",
    auto_error=False,
    description="Session des pages de connexion ; `__Host-ep_session` en https. Elle n'ouvre que des pages à regarder.",
)
SECURITE_PAGE = [*guard.SECURITE, Security(cookie)]
# Where a browser goes first, by what its visitor is refused for.
D_ABORD: dict[type[Probleme], Etape] = {
    JetonInvalide: Etape.CONNEXION,
    CguAAccepter: Etape.CGU,
    MotDePasseExpire: Etape.MOT_DE_PASSE,
}


async def visiteur(request: Request, session: AsyncSession) -> tuple[Acteur, Situation]:
    """Read who is signed in on the pages, with every scope of the profile. Raises JetonInvalide."""
    await see(session, SYSTEM)
    secret = navigateur.secret_of(request)
    row = await queries.etat_visiteur(session, fingerprint(secret), today()) if secret else None
    if row is None:
        raise JetonInvalide
    return guard.personne(row, service.portees_du_role(row.role))


def regarder(action: Action) -> Any:
    """Return the dependency of a page: who looks at it, or where their browser goes first.

    Reading only: a cookie comes along with a link from anywhere, which must change nothing.
    """
    if not lit(action):
        raise ValueError(f"{action}: a page that acts needs the forms' own token")

    async def garde(request: Request, session: SessionDep) -> Acteur | Etape:
        try:
            return await _qui(request, session, action)
        except (JetonInvalide, CguAAccepter, MotDePasseExpire) as refus:
            if "authorization" in request.headers or "text/html" not in request.headers.get("accept", ""):
                raise
            return D_ABORD[type(refus)]

    garde.action = action  # type: ignore[attr-defined]  # read by the contract and its tests
    return Depends(garde)


async def _qui(request: Request, session: AsyncSession, action: Action) -> Acteur:
    par_jeton = "authorization" in request.headers
    acteur, vue = await (guard.appelant if par_jeton else visiteur)(request, session)
    if acteur.id is not None:
        limits.count(request, acteur.id)
    return await guard.laisser_passer(request, session, acteur, vue, action)
