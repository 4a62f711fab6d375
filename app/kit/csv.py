"""CSV as French spreadsheets open it: UTF-8 with its BOM, `;`, a header line, nothing that runs as a formula."""

import csv
import io
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from datetime import UTC, datetime
from enum import Enum
from itertools import islice
from typing import Any

from fastapi.responses import StreamingResponse

MEDIA = "text/csv"
BOM = "\ufeff"
# What a spreadsheet takes for a formula, or skips before one (OWASP, « CSV injection »); their full-width twins too.
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
ROWS_A_CHUNK = 200

Row = Iterable[object]


def cell(value: object) -> str:
    """Return a value as the API writes it in JSON, without its quotes; text never starts a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    text = str(value.value if isinstance(value, Enum) else value)
    return f"'{text}" if text.startswith(FORMULAS) else text


def encoded(rows: Iterable[Row]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=";").writerows(map(cell, row) for row in rows)
    return buffer.getvalue().encode()


async def chunks(header: Row, rows: Iterable[Row] | AsyncIterable[Row]) -> AsyncIterator[bytes]:
    """Write a header and its rows, some at a time: `rows` may come from the database as they are sent."""
    yield BOM.encode() + encoded([header])
    if isinstance(rows, AsyncIterable):
        waiting: list[Row] = []
        async for row in rows:
            waiting.append(row)
            if len(waiting) == ROWS_A_CHUNK:
                yield encoded(waiting)
                waiting = []
        yield encoded(waiting)
        return
    left = iter(rows)
    while some := list(islice(left, ROWS_A_CHUNK)):
        yield encoded(some)


def answer(name: str, header: Row, rows: Iterable[Row] | AsyncIterable[Row]) -> StreamingResponse:
    """Return the download of a table. The transaction of the call is over when its rows are read."""
    return StreamingResponse(
        chunks(header, rows),
        media_type=f"{MEDIA}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"', "Vary": "Accept"},
    )


def declared(example: str) -> Mapping[str, Any]:
    """Return the `content` of a success that is also served as CSV, for the contract."""
    return {MEDIA: {"schema": {"type": "string"}, "example": example}}


def wanted(accept: str) -> bool:
    """Tell whether an `Accept` header prefers CSV to JSON: by its quality, then by its precision (RFC 9110)."""
    return preference(accept, MEDIA) > preference(accept, "application/json")


def preference(accept: str, media: str) -> tuple[float, int]:
    """Return (quality, precision) of a media type: the most precise range that matches it decides."""
    kind = media.partition("/")[0]
    precision = {"*/*": 1, f"{kind}/*": 2, media: 3}
    matches = [(precision.get(range_, 0), quality) for range_, quality in map(_range, accept.split(","))]
    best, quality = max(matches, default=(0, 0.0))
    return (quality, best) if best and quality else (0.0, 0)


def _range(part: str) -> tuple[str, float]:
    """Return a media range and its quality; a quality that is not a number wishes for nothing."""
    range_, *parameters = (piece.strip().lower() for piece in part.split(";"))
    given = next((p.removeprefix("q=") for p in parameters if p.startswith("q=")), "1")
    try:
        return range_, min(max(float(given), 0.0), 1.0)
    except ValueError:
        return range_, 0.0
