"""The answers of the token endpoint: RFC 6749 in shape, ours in code."""

import base64
import binascii
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Annotated
from urllib.parse import unquote_plus

from fastapi import Depends, Form, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from app.erreurs import Maintenance
from app.kit.clock import now
from app.kit.examples import examples
from app.kit.outage import MEMORY, seconds_until
from app.kit.route import Handler, TransactionRoute
from app.provenance.origine import Origine, origine

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class JetonsLus(BaseModel):
    """RFC 6749, section 5.1."""

    model_config = examples(
        {
            "access_token": "eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCIs…",
            "token_type": "Bearer",
            "expires_in": 600,
            "refresh_token": "r-4hTzJ0…",
            "scope": "demandes:lire demandes:ecrire",
        }
    )

    access_token: str
    token_type: str = "Bearer"  # noqa: S105  # the type, not a token
    expires_in: int
    refresh_token: str | None = None
    scope: str


class ErreurOAuth(BaseModel):
    """RFC 6749, section 5.2, avec notre code d'erreur."""

    error: str
    error_description: str
    code: str


@dataclass(frozen=True, slots=True)
class Refused(Exception):  # noqa: N818  # returned or raised, it is an answer
    error: str
    description: str
    code: str
    status: int = 400
    wait: timedelta | None = None

    def answer(self) -> JSONResponse:
        headers = dict(NO_STORE)
        if self.wait is not None:
            headers["Retry-After"] = str(max(1, ceil(self.wait.total_seconds())))
        if self.status == 401:  # noqa: PLR2004
            headers["WWW-Authenticate"] = 'Basic realm="espace-partenaires"'
        body = ErreurOAuth(error=self.error, error_description=self.description, code=self.code)
        return JSONResponse(body.model_dump(), self.status, headers=headers)


TROP_D_ECHECS = "Trop d'échecs de connexion : attendez avant de réessayer."
INVALID_CREDENTIALS = Refused(
    "invalid_grant", "Identifiant ou mot de passe incorrect, ou compte non actif.", "identifiants-invalides"
)
INVALID_REFRESH = Refused(
    "invalid_grant", "Jeton de rafraîchissement inconnu, expiré, révoqué ou déjà utilisé.", "jeton-invalide"
)
INVALID_CODE = Refused(
    "invalid_grant",
    "Code inconnu, expiré, déjà utilisé, ou lié à une autre application, adresse ou preuve.",
    "code-invalide",
)
OTHERS_TOKEN = Refused("invalid_grant", "Ce jeton a été remis à une autre application.", "jeton-invalide")
INVALID_CLIENT = Refused(
    "invalid_client", "Application inconnue ou secret incorrect.", "client-invalide", 401
)
EXPIRED_SECRET = Refused(
    "invalid_client", "Le secret de l'application a expiré : il est à renouveler.", "secret-expire", 401
)
NETWORK_REFUSED = Refused(
    "invalid_client", "L'application est limitée à d'autres réseaux.", "reseau-non-autorise", 401
)
UNAUTHORIZED_CLIENT = Refused(
    "unauthorized_client", "Cette application ne peut pas utiliser ce type de demande.", "client-non-autorise"
)
UNSUPPORTED = Refused(
    "unsupported_grant_type", "Type de demande non pris en charge.", "type-de-demande-inconnu"
)
INVALID_REQUEST = Refused(
    "invalid_request", "Il manque un paramètre, ou un paramètre est répété.", "validation"
)
OUTSIDE_TERRITORY = Refused(
    "access_denied", "Connexion refusée hors du territoire européen (article 3.1).", "hors-europe"
)
INVALID_SCOPE = Refused("invalid_scope", "Une portée demandée n'est pas permise.", "portee-refusee")


class OAuthRoute(TransactionRoute):
    """A request that cannot be read is refused in the shape of RFC 6749, like any other on these routes."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def in_shape(request: Request) -> Response:
            try:
                return await handle(request)
            except Refused as refused:
                return refused.answer()
            except (RequestValidationError, HTTPException):
                return INVALID_REQUEST.answer()
            except Maintenance as refus:
                return interrupted(refus)

        return in_shape


def interrupted(refus: Maintenance) -> JSONResponse:
    """Say a maintenance in the shape of RFC 6749, with whom to reach instead (art. 3.2)."""
    end = MEMORY.end_of_maintenance(now()) or now()
    body = ErreurOAuth(error="temporarily_unavailable", error_description=refus.phrase, code=refus.code)
    headers = NO_STORE | {"Retry-After": str(seconds_until(end, now()))}
    return JSONResponse(body.model_dump() | refus.membres, 503, headers=headers)


def too_many(wait: timedelta) -> Refused:
    return Refused(
        "temporarily_unavailable",
        TROP_D_ECHECS,
        "trop-de-requetes",
        429,
        wait,
    )


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What the form holds, and the client's credentials, from the form or from Basic."""

    grant_type: str
    username: str
    password: str
    refresh_token: str
    scope: frozenset[str]
    client_id: str
    client_secret: str
    origin: Origine
    code: str = ""
    code_verifier: str = ""
    redirect_uri: str = ""
    token: str = ""


SHORT = 2048
Secret = {"format": "password"}


async def once(request: Request) -> None:
    """Refuse a parameter given twice (RFC 6749, 3.2), whichever of the two somebody else would have read."""
    names = [name for name, _ in (await request.form()).multi_items()]
    if len(names) != len(set(names)):
        raise INVALID_REQUEST


def token_request(
    request: Request,
    _once: Annotated[None, Depends(once)],
    grant_type: Annotated[
        str,
        Form(
            max_length=64,
            description="authorization_code, refresh_token, client_credentials ; password hors production.",
            examples=["password"],
        ),
    ] = "",
    username: Annotated[str, Form(max_length=SHORT, description="Identifiant du compte.")] = "",
    password: Annotated[str, Form(max_length=SHORT, json_schema_extra=Secret)] = "",
    refresh_token: Annotated[str, Form(max_length=SHORT)] = "",
    scope: Annotated[str, Form(max_length=SHORT, description="Portées voulues ; par défaut, toutes.")] = "",
    client_id: Annotated[str, Form(max_length=SHORT)] = "",
    client_secret: Annotated[str, Form(max_length=SHORT, json_schema_extra=Secret)] = "",
    code: Annotated[str, Form(max_length=SHORT, description="Le code reçu à l'adresse de retour.")] = "",
    code_verifier: Annotated[str, Form(max_length=SHORT, description="La preuve PKCE du code.")] = "",
    redirect_uri: Annotated[str, Form(max_length=SHORT, description="Celle de la demande du code.")] = "",
) -> TokenRequest:
    client_id, client_secret = credentials(request, client_id, client_secret)
    return TokenRequest(
        grant_type,
        username,
        password,
        refresh_token,
        frozenset(scope.split()),
        client_id,
        client_secret,
        origine(request),
        code,
        code_verifier,
        redirect_uri,
    )


def about_token(
    request: Request,
    _once: Annotated[None, Depends(once)],
    token: Annotated[str, Form(max_length=8192, description="Jeton d'accès ou de rafraîchissement.")] = "",
    token_type_hint: Annotated[
        str, Form(max_length=64, description="Accepté, sans effet : les deux sont cherchés.")
    ] = "",
    client_id: Annotated[str, Form(max_length=SHORT)] = "",
    client_secret: Annotated[str, Form(max_length=SHORT, json_schema_extra=Secret)] = "",
) -> TokenRequest:
    """Read what a client says of a token (RFC 7009, RFC 7662)."""
    _ = token_type_hint
    client_id, client_secret = credentials(request, client_id, client_secret)
    return TokenRequest("", "", "", "", frozenset(), client_id, client_secret, origine(request), token=token)


def credentials(request: Request, client_id: str, client_secret: str) -> tuple[str, str]:
    """Return the client's credentials, from the form or from Basic, never from both (RFC 6749, 2.3)."""
    given = request.headers.getlist("authorization")
    if len(given) > 1:
        raise INVALID_REQUEST
    basic = _basic("".join(given))
    if basic is None:
        return client_id, client_secret
    if client_secret or client_id not in {"", basic[0]}:
        raise INVALID_REQUEST
    return basic


def _basic(header: str) -> tuple[str, str] | None:
    """Read Basic credentials: form-encoded before base64 (RFC 6749, 2.3.1). Raises Refused when they cannot be read."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise INVALID_CLIENT from None
    return unquote_plus(user), unquote_plus(secret)
