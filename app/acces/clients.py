"""An application proves itself: by its secret, or none for a public one, from a network that it allows."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.acces import oauth, queries, throttle
from app.acces.connexions import plausible
from app.acces.oauth import Refused, TokenRequest
from app.acces.tables import Application
from app.kit.clock import now, today
from app.kit.passwords import same
from app.provenance.regles import dans_un_reseau


async def prouver(session: AsyncSession, demande: TokenRequest) -> Application | Refused:
    """Authenticate a caller at most so many times: wrong secrets are counted by address."""
    attente = await throttle.wait(session, None, demande.origin.adresse)
    if attente > throttle.NONE:
        return oauth.too_many(attente)
    application = await authentifier(session, demande)
    if isinstance(application, Refused):
        await throttle.failed(session, None, demande.origin.adresse)
    return application


async def authentifier(session: AsyncSession, demande: TokenRequest) -> Application | Refused:
    """Return the application that the credentials prove; what is wrong beyond them is told to it alone."""
    application = (
        await queries.application(session, demande.client_id) if plausible(demande.client_id) else None
    )
    if application is None or application.fin_le is not None or not _prouve(application, demande):
        return oauth.INVALID_CLIENT
    if _expire(application, demande.client_secret):
        return oauth.EXPIRED_SECRET
    if not dans_un_reseau(demande.origin.adresse, application.reseaux):
        return oauth.NETWORK_REFUSED
    await _utilisee(session, application)
    return application


def _prouve(application: Application, demande: TokenRequest) -> bool:
    if application.secret is None:
        return not demande.client_secret
    ancien = application.ancien_secret is not None and same(demande.client_secret, application.ancien_secret)
    return same(demande.client_secret, application.secret) or ancien


def _expire(application: Application, secret: str) -> bool:
    """Art. 4.1: a secret is good until its last day, included; the one before it, until its instant."""
    if application.secret is None or application.secret_expire_le is None:
        return False
    if same(secret, application.secret):
        return today() > application.secret_expire_le
    return application.ancien_secret_expire_le is None or now() >= application.ancien_secret_expire_le


async def _utilisee(session: AsyncSession, application: Application) -> None:
    """Keep the day of the last use: written once a day, and by itself: no ETag changes."""
    if application.derniere_utilisation_le != today():
        await session.execute(
            update(Application)
            .where(Application.id == application.id)
            .values(derniere_utilisation_le=today())
        )
