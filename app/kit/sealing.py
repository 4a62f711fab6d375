"""Encryption at rest: each object under a data key of its own, which the keys of the installation wrap.

An object is a flow of frames in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, 2015): the nonce is
the rank of the frame and a mark on the last one, the associated data is the object's name. Frames that are cut,
reordered, removed or taken from another object do not open. A data key seals one object, once.
"""

import os
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.config import settings
from app.kit.secret import derived

FRAME, TAG, KEY, NONCE = 65_536, 16, 32, 12  # bytes


class Altered(Exception):  # noqa: N818  # the fact
    """What was sealed does not open: altered, cut, taken from elsewhere, or its key is not ours."""


async def framed(chunks: AsyncIterable[bytes], size: int) -> AsyncIterator[tuple[bytes, bool]]:
    """Cut a flow into frames of `size` bytes, and say which is the last: the only one that may be shorter."""
    waiting = bytearray()
    async for chunk in chunks:
        waiting += chunk
        while len(waiting) > size:
            yield bytes(waiting[:size]), False
            del waiting[:size]
    yield bytes(waiting), True


def _nonce(rank: int, *, last: bool) -> bytes:
    return rank.to_bytes(NONCE - 1, "big") + bytes([last])


async def seal(key: bytes, name: bytes, chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    cipher, rank = AESGCM(key), 0
    async for frame, last in framed(chunks, FRAME):
        yield cipher.encrypt(_nonce(rank, last=last), frame, name)
        rank += 1


async def unseal(key: bytes, name: bytes, chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Open frame by frame: what was given is authentic, and the flow ends only if it is whole. Raises Altered."""
    cipher, rank = AESGCM(key), 0
    async for frame, last in framed(chunks, FRAME + TAG):
        try:
            clear = cipher.decrypt(_nonce(rank, last=last), frame, name)
        except InvalidTag:
            raise Altered from None
        yield clear
        rank += 1


def new_key() -> bytes:
    return os.urandom(KEY)


class Keyring:
    """The keys that wrap the data keys: the first wraps, the others open what they wrapped before."""

    def __init__(self, secrets: Sequence[bytes]) -> None:
        self._keys = {_derive(secret, b"name")[:8].hex(): _derive(secret, b"wrap") for secret in secrets}
        self.current = next(iter(self._keys))

    def wrap(self, key: bytes, name: bytes) -> tuple[str, bytes]:
        """Return the name of the wrapping key, and the data key wrapped for this object alone."""
        nonce = os.urandom(NONCE)
        return self.current, nonce + AESGCM(self._keys[self.current]).encrypt(nonce, key, name)

    def unwrap(self, kid: str, wrapped: bytes, name: bytes) -> bytes:
        """Return the data key. Raises Altered when its wrapping key is not in the settings."""
        if kid not in self._keys:
            raise Altered
        try:
            return AESGCM(self._keys[kid]).decrypt(wrapped[:NONCE], wrapped[NONCE:], name)
        except InvalidTag:
            raise Altered from None


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY, salt=None, info=b"espace-partenaires/pieces/" + purpose).derive(secret)


@lru_cache
def keyring() -> Keyring:
    """Return the keys of EP_STORAGE_KEYS; in development, one derived from the installation's secret."""
    given = [key.get_secret_value().encode() for key in settings().storage_keys]
    return Keyring(given or [derived("pieces")])
