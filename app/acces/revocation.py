"""What an application says or asks of a token: end it (RFC 7009), examine it (RFC 7662)."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.acces import cles, clients, connexions, oauth, queries, service
from app.acces.oauth import Refused, TokenRequest
from app.acces.tables import Application, Famille, JetonRafraichissement
from app.comptes import queries as comptes
from app.droits import Acteur
from app.journal.service import Objet, inscrire
from app.kit.clock import now
from app.kit.passwords import fingerprint
from app.kit.tokens import InvalidToken

Vivant = Callable[[AsyncSession, dict[str, Any]], Awaitable[bool]]


async def revoquer(session: AsyncSession, demande: TokenRequest) -> Refused | None:
    """End the whole family of a token of the caller's; an unknown token is as good as ended."""
    if not demande.token:
        return oauth.INVALID_REQUEST
    client = await _client(session, demande)
    if isinstance(client, Refused):
        return client
    famille = await _famille(session, demande.token)
    if famille is None:
        return None
    if famille.client_id != client:
        return oauth.OTHERS_TOKEN
    if famille.revoquee_le is None:
        famille.revoquee_le = now()
        acteur = Acteur(famille.compte_id or famille.application_id, None)
        await inscrire(session, acteur, "jeton.revoque", Objet("famille", famille.id))
    return None


async def _client(session: AsyncSession, demande: TokenRequest) -> str | Refused:
    """Return whose call it is; tokens of the `password` grant name Swagger UI, which needs no secret."""
    if demande.client_id in {"", service.SWAGGER}:
        return service.SWAGGER
    application = await clients.prouver(session, demande)
    return application if isinstance(application, Refused) else application.client_id


async def _famille(session: AsyncSession, jeton: str) -> Famille | None:
    """Return the family of a token, locked: an exchange under way ends first."""
    claims = await _lire(jeton)
    rafraichissement = await session.get(JetonRafraichissement, fingerprint(jeton))
    if claims is None and rafraichissement is None:
        return None
    id_ = rafraichissement.famille_id if rafraichissement else UUID(str(claims["sid"])) if claims else None
    return await session.get(Famille, id_, with_for_update=True) if id_ else None


async def _lire(jeton: str) -> dict[str, Any] | None:
    keyring = cles.keyring()
    await cles.ready_for(keyring.kid_of(jeton))
    try:
        return keyring.read(jeton)
    except InvalidToken:
        return None


async def examiner(
    session: AsyncSession, demande: TokenRequest, vivant: Vivant
) -> dict[str, Any] | Refused | None:
    """Return what a token says if it is alive (`vivant`, the guard's own word) and the caller's; else None."""
    if not demande.token:
        return oauth.INVALID_REQUEST
    application = await clients.prouver(session, demande)
    if isinstance(application, Refused):
        return application
    if application.secret is None:
        return oauth.INVALID_CLIENT
    claims = await _lire(demande.token)
    if claims is None:
        return await _rafraichissement(session, application, demande.token)
    sien = await _sien(session, application, claims["client_id"], claims.get("caisse"))
    return _dit(claims) if sien and await vivant(session, claims) else None


def _dit(claims: dict[str, Any]) -> dict[str, Any]:
    gardes = ("client_id", "sub", "scope", "exp", "iat", "iss", "aud", "jti")
    return {"active": True, "token_type": "Bearer"} | {nom: claims[nom] for nom in gardes}


async def _sien(session: AsyncSession, application: Application, client: str, caisse: str | None) -> bool:
    """Tell whether a token is the application's own, or an application's or an agent's of its caisse."""
    if client == application.client_id:
        return True
    autre = await queries.application(session, client)
    return application.caisse is not None and (
        caisse == application.caisse or (autre is not None and autre.caisse == application.caisse)
    )


async def _rafraichissement(
    session: AsyncSession, application: Application, jeton: str
) -> dict[str, Any] | None:
    ligne = await session.get(JetonRafraichissement, fingerprint(jeton))
    famille = await session.get(Famille, ligne.famille_id) if ligne and ligne.utilise_le is None else None
    if famille is None or famille.client_id != application.client_id or famille.compte_id is None:
        return None
    compte = await comptes.compte(session, famille.compte_id)
    finie = famille.revoquee_le is not None or famille.expire_le <= now()
    if (
        finie
        or compte is None
        or compte.epoque != famille.epoque
        or not await connexions.actif(session, compte)
    ):
        return None
    return {
        "active": True,
        "client_id": famille.client_id,
        "sub": str(compte.id),
        "scope": " ".join(famille.scope),
        "exp": int(famille.expire_le.timestamp()),
    }
