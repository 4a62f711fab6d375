"""The signing keys: stored sealed, kept by each process, read again at intervals and when an unknown one appears.

A new key is published before it signs, and a former one verifies until the last token that it may have signed
has expired: rotating ends a key, whichever process one asks.
"""

import time
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.acces import queries
from app.acces.tables import CleSignature
from app.config import settings
from app.kit.clock import now
from app.kit.secret import seal, unseal
from app.kit.session import database
from app.kit.tokens import Keyring, SigningKey, new_key, thumbprint

PURPOSE = "cle-signature"
# In seconds. Each process reads the keys again that often; sooner when a token names one that it does not know,
# and before it publishes them. A key signs once every process has had the time to see it.
RELOAD_WITHIN, RELOAD_AT_MOST_EVERY, PUBLISHED_FIRST = 60.0, 5.0, 10.0


@lru_cache
def keyring() -> Keyring:
    return Keyring(settings().base_url)


_loaded_at, _loading = 0.0, False


async def load() -> None:
    """Load the keys of the installation; make the first one when there is none."""
    global _loaded_at, _loading  # noqa: PLW0603  # one keyring a process
    _loading = True
    try:
        async with database().transaction() as session:
            await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(PURPOSE))))
            rows = await queries.cles(session) or [await add(session)]
            keyring().load([_cle(row, fin) for row, fin in _fins(rows)])
        _loaded_at = time.monotonic()
    finally:
        _loading = False


def _cle(row: CleSignature, fin: datetime | None) -> SigningKey:
    pem = unseal(row.scellee, PURPOSE)
    signs_from = row.cree_le.timestamp() + PUBLISHED_FIRST
    return SigningKey.from_pem(row.kid, pem, signs_from, fin.timestamp() if fin else None)


def _fins(rows: list[CleSignature]) -> list[tuple[CleSignature, datetime | None]]:
    """Return each key, oldest first, with the instant when the last token that it may have signed has expired."""
    reste = timedelta(seconds=PUBLISHED_FIRST + RELOAD_WITHIN + settings().access_token_ttl)
    fins: list[datetime | None] = [suivante.cree_le + reste for _, suivante in pairwise(rows)]
    return list(zip(rows, [*fins, None], strict=True))


async def add(session: AsyncSession) -> CleSignature:
    """Make a new signing key: within a minute it signs, and the former ones only verify."""
    pem = new_key()
    row = CleSignature(kid=thumbprint(pem), scellee=seal(pem, PURPOSE), cree_le=now())
    session.add(row)
    await session.flush()
    return row


async def oublier(session: AsyncSession) -> None:
    """Erase the private part of the keys that no token needs any more."""
    for row, fin in _fins(await queries.cles(session)):
        if fin is not None and fin <= now():
            row.retiree_le, row.scellee = now(), ""


async def ready_for(kid: str | None) -> None:
    """Be ready to verify: read the keys again after a time, or when a token names one that is not known here."""
    if kid is not None and kid not in keyring().keys and (_loading or _older_than(RELOAD_AT_MOST_EVERY)):
        await load()
    else:
        await _read_after(RELOAD_WITHIN)


async def ready_to_publish() -> None:
    """Publish a new key before it signs."""
    await _read_after(RELOAD_AT_MOST_EVERY)


async def ready_to_sign() -> None:
    """Sign with the newest key, at most a minute after a rotation made elsewhere."""
    await _read_after(RELOAD_WITHIN)


async def _read_after(seconds: float) -> None:
    """Read the keys again when they are that old: one call does, the others go on with what is known."""
    if not keyring().keys or (_older_than(seconds) and not _loading):
        await load()


def _older_than(seconds: float) -> bool:
    return time.monotonic() - _loaded_at > seconds
