"""RFC 9457: every refusal becomes problem+json, with a page that explains it and no value that was sent."""

import re
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from procrastinate.exceptions import ConnectorException
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from app import erreurs
from app.config import settings
from app.erreurs import CATALOGUE, Nature, Probleme
from app.kit.messages import message_of

log = structlog.get_logger("problems")
ROOT = Path(__file__).parents[1]

STATUS = {
    Nature.MALFORME: 400,
    Nature.ANONYME: 401,
    Nature.REFUS: 403,
    Nature.INTROUVABLE: 404,
    Nature.METHODE: 405,
    Nature.CONFLIT: 409,
    Nature.PERIME: 412,
    Nature.TROP_GRAND: 413,
    Nature.FORMAT: 415,
    Nature.INVALIDE: 422,
    Nature.DEBIT: 429,
    Nature.PANNE: 500,
    Nature.INDISPONIBLE: 503,
}
HEADERS = {
    Nature.ANONYME: {"WWW-Authenticate": 'Bearer error="invalid_token"'},
    Nature.INDISPONIBLE: {"Retry-After": "5"},
}
# Another request came first: the same one, sent again, succeeds or reads the precise refusal.
LOST_RACES = {"55P03", "40P01", "40001", "23505", "23P01"}  # lock, deadlock, serialization, unique, exclusion
MOST_TOLD = 100  # errors in one answer: a body of wrong fields does not make a far larger one
FIELD_NAME = re.compile(r"[A-Za-z_]{1,40}")


class Champ(BaseModel):
    champ: str
    code: str
    message: str


class Passage(BaseModel):
    champ: str
    debut: int
    fin: int


class RegleEnfreinte(BaseModel):
    code: str
    message: str


class ProblemeLu(BaseModel):
    """Un refus, au format RFC 9457 ; certains codes ajoutent des membres."""

    model_config = ConfigDict(extra="allow", title="Probleme")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    remede: str
    article: str | None = None
    erreurs: list[Champ] | None = None
    passages: list[Passage] | None = None
    regles: list[RegleEnfreinte] | None = None


def request_id(request: Request) -> str:
    return str(request.scope.get("state", {}).get("request_id", "inconnue"))


def content(probleme: Probleme, instance: str) -> dict[str, Any]:
    body = {
        "type": f"{settings().base_url}/problemes/{probleme.code}",
        "title": probleme.titre,
        "status": STATUS[probleme.nature],
        "detail": probleme.phrase,
        "instance": f"urn:requete:{instance}",
        "code": probleme.code,
        "remede": probleme.remede,
    }
    if probleme.article:
        body["article"] = probleme.article
    return body | probleme.membres


def answer(request: Request, probleme: Probleme, headers: dict[str, str] | None = None) -> JSONResponse:
    if probleme.nature is not Nature.PANNE:
        log.info("refused", code=probleme.code)
    return JSONResponse(
        content(probleme, request_id(request)),
        STATUS[probleme.nature],
        headers={**HEADERS.get(probleme.nature, {}), **(headers or {})},
        media_type="application/problem+json",
    )


def pointer(location: Sequence[int | str], *, unknown: bool) -> str:
    """Return the JSON pointer of a field; the name of an unknown one is the client's own text."""
    parts = [str(part) for part in location[1:]]
    if unknown and parts and not FIELD_NAME.fullmatch(parts[-1]):
        parts[-1] = "*"
    return "".join(f"/{part}" for part in parts)


def from_validation(errors: Sequence[dict[str, Any]]) -> Probleme:
    """Turn Pydantic's errors into ours: pointer, code and sentence, never `input`."""
    if any(error["type"] == "json_invalid" for error in errors):
        return erreurs.CorpsIllisible()
    champs = [
        Champ(
            champ=pointer(error["loc"], unknown=error["type"] == "extra_forbidden"),
            code=error["type"],
            message=message_of(error),
        ).model_dump()
        for error in errors[:MOST_TOLD]
    ]
    return erreurs.Validation(erreurs=champs)


def from_http(error: HTTPException) -> Probleme:
    known: dict[int, type[Probleme]] = {
        400: erreurs.CorpsIllisible,
        401: erreurs.JetonInvalide,
        405: erreurs.MethodeInterdite,
        413: erreurs.CorpsTropGrand,
    }
    return known.get(error.status_code, erreurs.Introuvable)()


def from_database(error: Exception) -> Probleme:
    code = getattr(getattr(error, "orig", error.__cause__), "sqlstate", None)
    if code in LOST_RACES:
        return erreurs.RequeteEnCours()
    if isinstance(error, PoolTimeout) or code is None or code[:2] in {"08", "53", "57"}:
        return erreurs.ServiceIndisponible()
    return erreurs.ErreurInterne()


def log_failure(error: BaseException) -> None:
    """Log where it broke in our own code, and never the message: a driver writes row values into it."""
    ours = [f for f in traceback.extract_tb(error.__traceback__) if str(ROOT) in f.filename]
    frames = [f"{f.filename.removeprefix(str(ROOT))}:{f.lineno} {f.name}" for f in ours]
    cause = getattr(error, "orig", None)
    log.error("failed", error=type(error).__name__, sqlstate=getattr(cause, "sqlstate", None), frames=frames)


def of_failure(error: Exception) -> Probleme:
    """Return what the caller is told of an exception that nobody expected."""
    if isinstance(error, DBAPIError | PoolTimeout | ConnectorException | OSError):
        return from_database(error)
    return erreurs.ErreurInterne()


def answer_failure(request: Request, error: Exception) -> JSONResponse:
    log_failure(error)
    return answer(request, of_failure(error))


def install(app: FastAPI) -> None:
    @app.exception_handler(Probleme)
    async def _(request: Request, error: Probleme) -> JSONResponse:
        return answer(request, error, error.membres.pop("entetes", None))

    @app.exception_handler(RequestValidationError)
    async def _(request: Request, error: RequestValidationError) -> JSONResponse:
        return answer(request, from_validation(error.errors()))

    @app.exception_handler(HTTPException)
    async def _(request: Request, error: HTTPException) -> JSONResponse:
        return answer(request, from_http(error), dict(error.headers or {}))


def declare(*classes: type[Probleme]) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route: one entry a status, one example a code."""
    responses: dict[int | str, dict[str, Any]] = {}
    for classe in sorted(classes, key=lambda c: (STATUS[c.nature], c.code)):
        status = STATUS[classe.nature]
        entry = responses.setdefault(
            status,
            {
                "description": "",
                "content": {
                    "application/problem+json": {
                        "schema": {"$ref": "#/components/schemas/Probleme"},
                        "examples": {},
                    }
                },
            },
        )
        entry["description"] = " · ".join(filter(None, [entry["description"], classe.titre]))
        example = content(classe(), "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8b")
        entry["content"]["application/problem+json"]["examples"][classe.code] = {
            "summary": classe.titre,
            "value": example | {"type": f"/problemes/{classe.code}"},
        }
    return responses


def codes() -> list[str]:
    return sorted(CATALOGUE)
