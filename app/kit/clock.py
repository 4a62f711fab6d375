"""The time: instants in UTC to the second, days in a caisse's zone."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from app.kit.calendrier import jour_local

_pretended: ContextVar[datetime | None] = ContextVar("pretended", default=None)
_zone: ContextVar[str] = ContextVar("zone", default="Europe/Paris")


def now() -> datetime:
    """Return this instant, in UTC, to the second: what the contract shows is what is stored."""
    return (_pretended.get() or datetime.now(UTC)).replace(microsecond=0)


def today(zone: str | None = None) -> date:
    """Return the day it is in a zone, else where the caller lives: the law counts in days of the place."""
    return jour_local(now(), zone or _zone.get())


def live_in(zone: str) -> None:
    """Count the days in a zone until the end of the task: the guard says it for the rest of a call."""
    _zone.set(zone)


def midnight(day: date, zone: str = "Europe/Paris") -> datetime:
    """Return the instant at which a day begins in a zone."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))


@contextmanager
def pretend(instant: datetime) -> Iterator[None]:
    """Live at another instant: for the commands that act as of a day."""
    token = _pretended.set(instant)
    try:
        yield
    finally:
        _pretended.reset(token)
