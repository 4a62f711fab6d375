"""Art. 3.2: what every call meets during a maintenance or a fault: a 503 that names whom to reach instead.

It stands in front of the routes. Outside a window it costs one look at memory; the token endpoint is let through,
where only the administrateur, once known, gets a token.
"""

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.acces.guard import appelant, read_token
from app.acces.regles import decider
from app.disponibilite import statut
from app.disponibilite.observation import OBSERVATEUR
from app.droits import Action, Role
from app.erreurs import JetonInvalide, Maintenance, Probleme, ServiceIndisponible
from app.kit.clock import now
from app.kit.outage import MEMORY, seconds_until
from app.kit.problems import answer, log_failure, of_failure
from app.kit.session import database
from app.vitrine import pages

# What tells how the service is, or explains it: never interrupted.
DOSSIERS = ("/health/", "/vitrine/", "/docs/", "/problemes/", "/.well-known/")
EXACTS = frozenset(
    {
        *("/", "/docs", "/problemes", "/openapi.json", "/acces.css", "/metrics"),
        *("/statut", "/v1/statut"),
        # The way in of an administrateur: who proves to be somebody else gets no token at its end.
        *("/v1/oauth/authorize", "/connexion", "/cgu", "/consentement", "/v1/oauth/token"),
    }
)


class Interruption:
    """Pure ASGI: no task, no buffer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        fin = MEMORY.end_of_maintenance(now()) if MEMORY.windows else None
        if fin and not ouvert(scope["path"]) and not await administre(request):
            await (await refus(request, seconds_until(fin, now())))(scope, receive, send)
            return
        await self._servir(request, receive, send)

    async def _servir(self, request: Request, receive: Receive, send: Send) -> None:
        """Serve; when the database is away, say whom to reach."""
        started = False

        async def note(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(request.scope, receive, note)
        except Exception as error:
            if started or not isinstance(of_failure(error), ServiceIndisponible):
                raise
            log_failure(error)
            response = answer(request, ServiceIndisponible(referents=await interlocuteurs(request)))
            await response(request.scope, receive, send)


def ouvert(chemin: str) -> bool:
    return chemin in EXACTS or chemin.startswith(DOSSIERS)


async def administre(request: Request) -> bool:
    """Tell whether the caller shows an administrateur's token: the guard then checks the rest."""
    claims = await porteur(request)
    return claims is not None and claims.get("role") == Role.ADMINISTRATEUR


async def porteur(request: Request) -> dict[str, Any] | None:
    """Return what the caller's token says; None without one that we signed. The database may be away."""
    if "authorization" not in request.headers:
        return None
    try:
        return await read_token(request)
    except (JetonInvalide, SQLAlchemyError, OSError):
        return None


async def refus(request: Request, attente: int) -> Response:
    headers = {"Retry-After": str(attente)}
    await OBSERVATEUR.a_jour()
    if "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/v1/"):
        page: HTMLResponse = pages.statut(await statut.lire(), 503)
        page.headers.update(headers)
        return page
    return answer(request, Maintenance(referents=await interlocuteurs(request)), headers)


async def interlocuteurs(request: Request) -> list[dict[str, Any]]:
    """Return whom the caller may reach: its caisses' référents, complete; all, by name alone, for a stranger.

    An account that ended meanwhile is a stranger; while the database is away the token alone is believed.
    """
    claims = await porteur(request)
    if claims is None:
        return MEMORY.everybody()
    try:
        async with database().sessions() as session:
            acteur, vue = await appelant(request, session)
    except Probleme:
        return MEMORY.everybody()
    except (SQLAlchemyError, OSError):
        return MEMORY.of_claims(claims)
    if decider(vue, Action.MOI_LIRE) is not None:
        return MEMORY.everybody()
    return MEMORY.of(
        {code: [f.value for f in sorted(ouvertes)] for code, ouvertes in acteur.ouvertes.items()}
    )
