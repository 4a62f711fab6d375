"""The signing keys: stored sealed, loaded once by each process, read again when an unknown one appears."""

import time
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.acces import queries
from app.acces.tables import CleSignature
from app.config import settings
from app.kit.clock import now
from app.kit.secret import seal, unseal
from app.kit.session import database
from app.kit.tokens import Keyring, SigningKey, new_key, thumbprint

PURPOSE, RELOAD_SECONDS, SIGN_WITH_NEWEST_WITHIN = "cle-signature", 5.0, 60.0


@lru_cache
def keyring() -> Keyring:
    return Keyring(settings().base_url)


_loaded_at = 0.0


async def load() -> None:
    """Load the keys of the installation; make the first one when there is none."""
    global _loaded_at  # noqa: PLW0603  # one keyring a process
    async with database().transaction() as session:
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(PURPOSE))))
        rows = await queries.cles(session) or [await add(session)]
        keyring().load([SigningKey.from_pem(row.kid, unseal(row.scellee, PURPOSE)) for row in rows])
    _loaded_at = time.monotonic()


async def add(session: AsyncSession) -> CleSignature:
    """Make a new signing key: from now on it signs, the former ones still verify."""
    pem = new_key()
    row = CleSignature(kid=thumbprint(pem), scellee=seal(pem, PURPOSE), cree_le=now())
    session.add(row)
    await session.flush()
    return row


async def ready_for(kid: str | None) -> None:
    """Read the keys again when a token names one that this process has not seen: a rotation happened."""
    stale = time.monotonic() - _loaded_at > RELOAD_SECONDS
    if not keyring().keys or (kid is not None and kid not in keyring().keys and stale):
        await load()


async def ready_to_sign() -> None:
    """Sign with the newest key, at most a minute after a rotation made elsewhere."""
    if not keyring().keys or time.monotonic() - _loaded_at > SIGN_WITH_NEWEST_WITHIN:
        await load()
