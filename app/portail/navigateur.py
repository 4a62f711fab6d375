"""What a browser sends with a page: its cookie, the token of its forms, and where the form stood."""

import hmac
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import Response

from app.config import settings
from app.kit.passwords import new_secret
from app.kit.secret import derived

NAME, FIELD = "ep_session", "anti_csrf"


def https() -> bool:
    return settings().base_url.startswith("https://")


def cookie_name() -> str:
    """Return a name that a browser accepts from this very host alone (`__Host-`), where https allows it."""
    return f"__Host-{NAME}" if https() else NAME


def secret_of(request: Request) -> str:
    """Return what the browser is known by, signed in or not; empty at its first page."""
    return request.cookies.get(cookie_name(), "")


def remember(response: Response, secret: str) -> None:
    """Give the browser a secret: host-only, unread by scripts, not sent with another site's forms."""
    response.set_cookie(cookie_name(), secret, path="/", secure=https(), httponly=True, samesite="lax")


def forget(response: Response) -> None:
    response.delete_cookie(cookie_name(), path="/", secure=https(), httponly=True, samesite="lax")


def stranger() -> str:
    """Return the secret of a browser where nobody is signed in: it only binds a form to its answer."""
    return new_secret("v-")


def token(secret: str) -> str:
    """Return the token that the forms of one browser carry."""
    return hmac.digest(derived("formulaires"), secret.encode(), "sha256").hex()


def genuine(request: Request, sent: str) -> bool:
    """Tell whether a form was posted from our own page, in the browser that was given it."""
    secret = secret_of(request)
    return (
        bool(secret) and hmac.compare_digest(sent.encode(), token(secret).encode()) and same_origin(request)
    )


def same_origin(request: Request) -> bool:
    """Tell whether the browser says that a page of ours posts; one that says nothing is known by its token alone."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is None or origin == "{0.scheme}://{0.netloc}".format(urlsplit(settings().base_url))
