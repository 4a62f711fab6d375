"""The way of every call under /v1: one transaction, committed before the answer leaves.

FastAPI runs the exit of a `yield` dependency without the answer in hand; the route has both, so the
answer of an idempotent creation is kept in the transaction that it describes.
"""

import inspect
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from app.kit.guarded import Corps, check_list, check_texts
from app.kit.idempotency import Replay, keep_answer
from app.kit.session import commit, database

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def guarded(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a route so that no body reaches it before its texts are read (art. 5)."""

    @wraps(endpoint)
    async def call(*args: Any, **kwargs: Any) -> Any:
        for value in kwargs.values():
            if isinstance(value, Corps):
                check_texts(value)
            elif isinstance(value, list) and any(isinstance(item, Corps) for item in value):
                check_list(value)
        return await endpoint(*args, **kwargs)

    return call


def not_modified(request: Request, response: Response) -> bool:
    tag = response.headers.get("etag")
    wanted = request.headers.get("if-none-match", "")
    return request.method == "GET" and tag is not None and tag in [part.strip() for part in wanted.split(",")]


class TransactionRoute(APIRoute):
    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if not inspect.iscoroutinefunction(endpoint):
            raise TypeError(f"{endpoint.__name__}: a route under /v1 is a coroutine")
        super().__init__(path, guarded(endpoint), **options)

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def in_transaction(request: Request) -> Response:
            async with database().sessions() as session:
                request.state.session = session
                try:
                    response = await handle(request)
                except Replay as replay:
                    return replay.response
                await keep_answer(session, request, response)
                await commit(session)
            if not_modified(request, response):
                return Response(status_code=304, headers={"ETag": response.headers["etag"]})
            return response

        return in_transaction


def router(prefix: str, tag: str) -> APIRouter:
    """Return the router of one chapter of /v1; the whole prefix stands here, so metrics can name the route."""
    return APIRouter(prefix=f"/v1{prefix}", tags=[tag], route_class=TransactionRoute)
