"""Prometheus metrics: counts and durations by route template, never by person."""

import hmac
import os

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from app.config import settings
from app.erreurs import Introuvable

CALLS = Counter("ep_http_calls", "Calls answered", ["method", "route", "status"])
SECONDS = Histogram("ep_http_seconds", "Time to answer", ["method", "route"])
MAILS = Counter("ep_mails", "Mails handed over", ["nature"])
PIECES = Counter("ep_pieces", "Pieces deposited or judged", ["statut"])
PIECES_UNREADABLE = Counter("ep_pieces_unreadable", "Contents that could not be opened", ["error"])
PIECES_MISSING = Gauge(
    "ep_pieces_missing", "Pieces whose file the last sweep did not find", multiprocess_mode="mostrecent"
)

router = APIRouter()


def known_method(method: str) -> str:
    """Return a method of HTTP, never another word: a client may write anything in its place."""
    return method if method in {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"} else "autre"


def observe(method: str, route: str, status: int, seconds: float) -> None:
    known = known_method(method)
    CALLS.labels(known, route, status).inc()
    SECONDS.labels(known, route).observe(seconds)


def allowed(request: Request) -> bool:
    token = settings().metrics_token.get_secret_value()
    if token:
        return hmac.compare_digest(
            request.headers.get("authorization", "").encode(), f"Bearer {token}".encode()
        )
    return request.client is not None and request.client.host in {"127.0.0.1", "::1", "testclient"}


@router.get("/metrics", include_in_schema=False)
async def read_metrics(request: Request) -> Response:
    if not allowed(request):
        raise Introuvable
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
