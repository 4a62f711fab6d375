"""`ETag` and `If-Match`: the version of the row, the same for every caller, then what is shown beside the row.

`"3"` is a row at its third version; `"3-en_retard"`, the same row shown late. A day that passes, or another row,
changes what is read and so its tag, which `If-None-Match` compares whole. Nobody has written meanwhile:
`If-Match`, which guards against a lost write, compares the version alone.
"""

import re
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, Header, Response
from pydantic import BaseModel

from app.erreurs import VersionPerimee

READ = re.compile(r'(W/)?"(?P<version>[0-9]+)(-[^"]*)?"')


def tag(version: int, *beside: str | None) -> str:
    return f'"{"-".join([str(version), *filter(None, beside)])}"'


def digest(shown: BaseModel) -> str:
    """Return a mark of everything that a representation shows, for what too many rows and days decide."""
    return sha256(shown.model_dump_json().encode()).hexdigest()[:12]


def late(en_retard: bool) -> str | None:  # the field, as it is shown
    return "en_retard" if en_retard else None


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
    read = [READ.fullmatch(part.strip()) for part in expected.split(",")]
    if str(version) not in [tag_["version"] for tag_ in read if tag_]:
        raise VersionPerimee


def show_version(response: Response, version: int, *beside: str | None) -> None:
    """Say the version of a row, and what is shown beside it that no write of this row would change."""
    response.headers["ETag"] = tag(version, *beside)
