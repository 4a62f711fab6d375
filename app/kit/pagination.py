"""Lists: newest first, keyset pages, sealed cursors, no total.

A cursor is bound to the caller, the path and the filters: it opens nothing else.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel
from sqlakeyset import BadBookmark, InvalidPage, unserialize_bookmark
from sqlakeyset.asyncio import select_page
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from app.config import settings
from app.erreurs import CurseurInvalide
from app.kit.secret import derived

DEFAULT, MOST, SEAL = 50, 200, 16

Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """Une page de liste, du plus récent au plus ancien."""

    donnees: list[Item]
    curseur_suivant: str | None = None


@dataclass(frozen=True, slots=True)
class Paging:
    limit: int
    given: str | None
    binding: bytes
    url: str
    query: tuple[tuple[str, str], ...]

    def of(self, body: BaseModel) -> "Paging":
        """Bind the pages to the body of a search as well: its cursors open no other search."""
        return replace(self, binding=self.binding + body.model_dump_json().encode())

    def bookmark(self) -> str | None:
        return _open(self.given, self.binding) if self.given else None

    def cursor(self, bookmark: str) -> str:
        return urlsafe_b64encode(_seal(bookmark, self.binding) + bookmark.encode()).decode().rstrip("=")

    def link(self, cursor: str) -> str:
        query = [*self.query, ("curseur", cursor)]
        return f'<{self.url}?{urlencode(query)}>; rel="next"'


def _seal(bookmark: str, binding: bytes) -> bytes:
    return hmac.digest(derived("curseur"), binding + bookmark.encode(), "sha256")[:SEAL]


def _open(cursor: str, binding: bytes) -> str:
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        bookmark = raw[SEAL:].decode()
    except ValueError as error:
        raise CurseurInvalide from error
    if not hmac.compare_digest(raw[:SEAL], _seal(bookmark, binding)):
        raise CurseurInvalide
    return bookmark


def bind(request: Request, filters: Sequence[tuple[str, str]] | str) -> bytes:
    return json.dumps([str(request.state.acteur.id), request.url.path, filters]).encode()


def declared(dependant: Dependant) -> set[str]:
    """Return the query parameters that a route reads: the others are the client's own text, never sent back."""
    own = {parameter.alias for parameter in dependant.query_params}
    return own.union(*map(declared, dependant.dependencies))


def paging(
    request: Request,
    limite: Annotated[int, Query(ge=1, le=MOST, description="Nombre d'éléments par page.")] = DEFAULT,
    curseur: Annotated[
        str | None, Query(max_length=600, description="`curseur_suivant` de la page précédente.")
    ] = None,
) -> Paging:
    known = declared(request.scope["route"].dependant) - {"curseur"}
    query = tuple((k, v) for k, v in request.query_params.items() if k in known)
    binding = bind(request, sorted((k, v) for k, v in query if k != "limite"))
    return Paging(limite, curseur or None, binding, settings().base_url + request.url.path, query)


PagingDep = Annotated[Paging, Depends(paging)]


async def paginate(
    session: AsyncSession,
    statement: Select[*tuple[Any, ...]],
    page: Paging,
    response: Response,
    read: Callable[[Any], Item],
) -> Page[Item]:
    """Run an ordered statement for one page; its sort keys are NOT NULL and end with the id."""
    try:
        bookmark = page.bookmark()
        place = unserialize_bookmark(bookmark) if bookmark else None
        rows = await select_page(session, statement, per_page=page.limit, page=place)
    except (BadBookmark, InvalidPage) as error:
        raise CurseurInvalide from error
    cursor = page.cursor(rows.paging.bookmark_next) if rows.paging.has_next else None
    if cursor and page.url:
        response.headers["Link"] = page.link(cursor)
    return Page(donnees=[read(row) for row in rows], curseur_suivant=cursor)
