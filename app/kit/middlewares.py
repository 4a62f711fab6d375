"""What surrounds every call: its identifier, its safe failure, its headers, its log line and its metrics."""

import re
import time
from typing import Any
from uuid import uuid4

import structlog
from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.config import settings
from app.garde.examen import nirs
from app.kit import metrics
from app.kit.problems import answer_failure

log = structlog.get_logger("http")

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
HSTS = "max-age=63072000; includeSubDomains"


def accepted_id(given: str | None) -> str:
    """Return the caller's identifier when it is one, else a new one: a NIR sent as one never comes back."""
    if given and REQUEST_ID.fullmatch(given) and not nirs(given):
        return given
    return str(uuid4())


class TooLarge(HTTPException):
    """An HTTPException, since FastAPI takes any other one raised while it reads a body for bad JSON."""

    def __init__(self) -> None:
        super().__init__(413)


def allow_body(request: Request, most: int) -> None:
    """Let one call, whose caller is known by now, send a larger body, in bytes."""
    request.scope["state"]["max_body"] = most


def bounded(receive: Receive, state: dict[str, Any], announced: int) -> Receive:
    """Count the body as it comes; one announced too large is refused at its first byte."""
    seen = 0

    async def read() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if max(seen, announced) > state.get("max_body", settings().max_body_bytes):
            raise TooLarge
        return message

    return read


class Surround:
    """Pure ASGI: no task, no buffer, one pass."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 500
        identifier = accepted_id(Headers(scope=scope).get("x-request-id"))
        scope.setdefault("state", {})["request_id"] = identifier
        structlog.contextvars.bind_contextvars(request_id=identifier)

        async def dress(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                self._headers(headers, identifier)
                headers.update(scope["state"].get("rate_limit", {}))
            await send(message)

        try:
            await self._call(scope, receive, dress)
        finally:
            route = template(scope)
            spent = time.perf_counter() - begun
            metrics.observe(scope["method"], route, status, spent)
            log.info(
                "answered",
                method=metrics.known_method(scope["method"]),
                route=route,
                status=status,
                duration_ms=round(spent * 1000, 1),
            )
            structlog.contextvars.clear_contextvars()

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def note(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        request = Request(scope)
        try:
            length = Headers(scope=scope).get("content-length", "0")
            announced = int(length) if length.isdigit() else 0
            await self.app(scope, bounded(receive, scope["state"], announced), note)
        except Exception as error:  # noqa: BLE001  # the last wall: nothing of the error goes out
            response = answer_failure(request, error)
            if not started:
                await response(scope, receive, note)

    def _headers(self, headers: MutableHeaders, identifier: str) -> None:
        headers["X-Request-Id"] = identifier
        for name, value in SECURITY.items():
            headers.setdefault(name, value)
        if settings().production:
            headers["Strict-Transport-Security"] = HSTS


def template(scope: Scope) -> str:
    """Return the route's template, never the path: a path may hold anything."""
    return str(getattr(scope.get("route"), "path", "aucune"))
