"""The secret of the installation: it seals what is stored or handed out, and never leaves."""

import hashlib
import hmac
import os
from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet

from app.config import settings


@lru_cache
def _secret() -> bytes:
    given = settings().secret_key.get_secret_value()
    return given.encode() if given else _generated()


def _generated() -> bytes:
    """Read the development secret, made at first use; two processes at once keep the same one."""
    path = settings().data_dir / "secret"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as file:
        file.write(os.urandom(48).hex().encode())
    return path.read_bytes()


def derived(purpose: str) -> bytes:
    """Return 32 bytes for one purpose."""
    return hmac.digest(_secret(), purpose.encode(), hashlib.sha256)


def seal(text: str, purpose: str) -> str:
    return _fernet(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, purpose: str) -> str:
    """Return what was sealed. Raises cryptography.fernet.InvalidToken when it was altered."""
    return _fernet(purpose).decrypt(sealed.encode()).decode()


@lru_cache
def _fernet(purpose: str) -> Fernet:
    return Fernet(urlsafe_b64encode(derived(purpose)))
