"""`ETag` and `If-Match`: the version of the row, the same for every caller."""

from typing import Annotated

from fastapi import Depends, Header, Response

from app.erreurs import VersionPerimee


def tag(version: int) -> str:
    return f'"{version}"'


def if_match(
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match",
            description="ETag de la version lue : la modification est refusée (412) si la ressource a changé depuis.",
            max_length=200,
            examples=['"3"'],
        ),
    ] = None,
) -> str | None:
    return if_match


IfMatch = Annotated[str | None, Depends(if_match)]


def check_version(version: int, expected: str | None) -> None:
    """Raise VersionPerimee when the caller read another version; without If-Match, nothing is asked."""
    if expected is None or expected.strip() == "*":
        return
    if tag(version) not in [part.strip().removeprefix("W/") for part in expected.split(",")]:
        raise VersionPerimee


def show_version(response: Response, version: int) -> None:
    response.headers["ETag"] = tag(version)
