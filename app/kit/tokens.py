"""Access tokens: JWTs of RFC 9068, through python-jose held on a short leash.

One algorithm (RS256), keys built once, `kid` looked up, `typ` and every claim required, and no JWE.
A token gives an identity only: the account is read again at every call.
"""

import hashlib
import json
import re
import time
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jose import jwk, jwt
from jose.exceptions import JOSEError
from jose.utils import base64url_decode, base64url_encode

ALGORITHM, TYPE, KEY_BITS = "RS256", "at+jwt", 3072
CLAIMS = ("iss", "aud", "sub", "client_id", "scope", "role", "jti", "iat", "exp")
OPTIONS = {f"require_{claim}": True for claim in ("iss", "aud", "sub", "jti", "iat", "exp")} | {"leeway": 5}
LONGEST_TOKEN, CACHED = 4096, 10_000
# The library forgives padding and foreign signs in a signature: one token would then be written in many ways.
COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+")
AUDIENCE = "espace-partenaires"


class InvalidToken(Exception):  # noqa: N818
    """Carries no reason: the caller learns none."""


def new_key() -> str:
    """Return a new private key, PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@dataclass(frozen=True, slots=True)
class SigningKey:
    kid: str
    private: Any
    public: Any
    signs_from: float  # seconds since the epoch
    ends_at: float | None = None  # what it signed has all expired by then; None: it is the newest

    @classmethod
    def from_pem(cls, kid: str, pem: str, signs_from: float, ends_at: float | None = None) -> "SigningKey":
        private = jwk.construct(pem, ALGORITHM)
        return cls(kid, private, private.public_key(), signs_from, ends_at)

    @property
    def ended(self) -> bool:
        return self.ends_at is not None and self.ends_at <= time.time()

    def to_jwk(self) -> dict[str, str]:
        numbers = self.public.to_dict()
        return {
            "kty": "RSA",
            "use": "sig",
            "alg": ALGORITHM,
            "kid": self.kid,
            "n": _text(numbers["n"]),
            "e": _text(numbers["e"]),
        }


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


class Keyring:
    """The keys of one process: the newest signs once it has been published, and those that have not ended verify."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.keys: dict[str, SigningKey] = {}
        self._verified: dict[bytes, dict[str, Any]] = {}

    def load(self, keys: list[SigningKey]) -> None:
        """Replace the keys; `keys` is ordered, the newest last."""
        self.keys = {key.kid: key for key in keys}
        self._verified.clear()

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        return {"keys": [key.to_jwk() for key in self.keys.values() if not key.ended]}

    def signer(self) -> SigningKey:
        """Return the newest key that every process knows by now; the oldest, when there is none yet."""
        known = [key for key in self.keys.values() if key.signs_from <= time.time()]
        return known[-1] if known else next(iter(self.keys.values()))

    def sign(self, claims: dict[str, Any], ttl: int) -> str:
        key = self.signer()
        issued = int(time.time())
        body = claims | {"iss": self.issuer, "aud": AUDIENCE, "iat": issued, "exp": issued + ttl}
        return str(jwt.encode(body, key.private, ALGORITHM, headers={"typ": TYPE, "kid": key.kid}))

    def kid_of(self, token: str) -> str | None:
        """Return the key that a token names, before any verification: to know whether to read keys again."""
        try:
            return str(jwt.get_unverified_header(token).get("kid"))
        except JOSEError:
            return None

    def read(self, token: str) -> dict[str, Any]:
        """Return the claims of a valid token. Raises InvalidToken, whatever is wrong."""
        mark = hashlib.sha256(token.encode()).digest()
        claims = self._verified.get(mark)
        if claims is None:
            claims = self._verify(token)
            if len(self._verified) >= CACHED:
                self._verified.clear()
            self._verified[mark] = claims
        if claims["exp"] <= time.time():
            raise InvalidToken
        return claims

    def _verify(self, token: str) -> dict[str, Any]:
        compact = COMPACT.fullmatch(token) if len(token) <= LONGEST_TOKEN else None
        if compact is None:
            raise InvalidToken
        try:
            header = jwt.get_unverified_header(token)
            key = self.keys.get(str(header.get("kid")))
            if key is None or key.ended or set(header) != {"alg", "typ", "kid"}:
                raise InvalidToken
            if header["typ"] != TYPE or header["alg"] != ALGORITHM:
                raise InvalidToken
            claims: dict[str, Any] = jwt.decode(
                token,
                key.public,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=self.issuer,
                options=OPTIONS,
            )
            for part in compact.groups():
                json.loads(base64url_decode(part.encode()), object_pairs_hook=written_once)
        except (JOSEError, ValueError, TypeError, KeyError) as error:
            raise InvalidToken from error
        if any(claim not in claims for claim in CLAIMS):
            raise InvalidToken
        if not (isinstance(claims["exp"], int) and isinstance(claims["iat"], int)):
            raise InvalidToken
        if claims["iat"] > time.time() + OPTIONS["leeway"]:
            raise InvalidToken
        return claims


def written_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object. Raises ValueError for a member given twice: who reads which one? (RFC 7519, 4)."""
    if len(members) != len({name for name, _ in members}):
        raise ValueError("a member is given twice")
    return dict(members)


def thumbprint(pem: str) -> str:
    """Return the `kid` of a key: the start of the hash of its public part."""
    public = jwk.construct(pem, ALGORITHM).public_key().to_pem()
    return base64url_encode(hashlib.sha256(public).digest()).decode()[:22]
