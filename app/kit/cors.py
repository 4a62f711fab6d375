"""Calls from a browser's script, from configured origins: to the API, never where one signs in (RFC 9700, 2.6)."""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import Receive, Scope, Send

ALLOWED = [
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "X-Request-Id",
]
EXPOSED = [
    "ETag",
    "Location",
    "Link",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-Id",
    "Idempotency-Replayed",
    "RateLimit",
    "RateLimit-Policy",
]
OPEN = ("/v1/", "/.well-known/", "/openapi.json")
AUTHORIZE = "/v1/oauth/authorize"  # a browser goes there itself: no script has anything to read in it


class Cors(CORSMiddleware):
    """Say nothing of origins on the pages and at the authorization endpoint."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (scope["path"] == AUTHORIZE or not scope["path"].startswith(OPEN)):
            await self.app(scope, receive, send)
            return
        await super().__call__(scope, receive, send)
