"""The country of an address, from a file in the MaxMind format: read offline, opened again when it is replaced."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import maxminddb
from maxminddb import InvalidDatabaseError

from app.config import settings
from app.provenance.regles import Adresse

_opened: tuple[Path, int, maxminddb.Reader] | None = None


def reader(path: Path) -> maxminddb.Reader:
    """Return the open file. Raises FileNotFoundError or InvalidDatabaseError when none was ever readable.

    A new file that cannot be read leaves the former one in use: a bad download stops nobody.
    """
    global _opened  # noqa: PLW0603  # one open file a process
    if _opened is None or _opened[0] != path:
        _opened = (path, path.stat().st_mtime_ns, maxminddb.open_database(path))
    with suppress(OSError, InvalidDatabaseError):
        changed = path.stat().st_mtime_ns
        if changed != _opened[1]:
            _opened = (path, changed, maxminddb.open_database(path))
    return _opened[2]


def ready() -> None:
    """Open the file at the start of a process: one that cannot be read stops it, and says so."""
    if (path := settings().geoip_db) is not None:
        reader(path)


def de(adresse: Adresse) -> str | None:
    """Return the ISO code of the country of an address, or None: no file, or not in it."""
    path = settings().geoip_db
    row: Any = reader(path).get(adresse) if path is not None else None
    if not isinstance(row, dict):
        return None
    country = row.get("country")
    code = country.get("iso_code") if isinstance(country, dict) else row.get("country_code", country)
    return code.upper() if isinstance(code, str) else None
