"""Hashes: argon2id for passwords (off the event loop, a few at once), SHA-256 for random secrets."""

import hashlib
import hmac
import secrets
import unicodedata

import anyio
from anyio import CapacityLimiter
from passlib.context import CryptContext

# OWASP's minimum: 19 MiB, two passes, 20 ms. The library's default takes 170 ms and 64 MiB.
CONTEXT = CryptContext(
    schemes=["argon2"],
    argon2__type="ID",
    argon2__memory_cost=19_456,
    argon2__time_cost=2,
    argon2__parallelism=1,
)
AT_ONCE = 2
LONGEST = 4096  # passlib refuses more
_limiter: CapacityLimiter | None = None


def _gate() -> CapacityLimiter:
    global _limiter  # noqa: PLW0603  # a limiter belongs to the running loop, made at first use
    if _limiter is None:
        _limiter = CapacityLimiter(AT_ONCE)
    return _limiter


def _typed(password: str) -> str:
    """Return the same text for the same keys, whatever the machine composed of them (NIST 800-63B-4)."""
    return unicodedata.normalize("NFKC", password)


async def hash_password(password: str) -> str:
    return str(await anyio.to_thread.run_sync(CONTEXT.hash, _typed(password), limiter=_gate()))


async def verify_password(password: str, hashed: str | None) -> bool:
    """Tell whether a password is right; without a hash, take the same time and answer no."""
    password = _typed(password)
    if hashed is None or len(password) > LONGEST:
        await anyio.to_thread.run_sync(CONTEXT.dummy_verify, limiter=_gate())
        return False
    return bool(await anyio.to_thread.run_sync(CONTEXT.verify, password, hashed, limiter=_gate()))


def new_secret(prefix: str = "") -> str:
    """Return 256 random bits, safe in a URL."""
    return prefix + secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """Return the hash under which a random secret is stored: it needs no slow function."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same(secret: str, stored: str) -> bool:
    return hmac.compare_digest(fingerprint(secret), stored)
