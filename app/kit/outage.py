"""What this process remembers for when it cannot serve: the windows of maintenance, and whom to reach instead.

Memory only: the windows decide of every call, and the contacts are wanted when the database is away.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Any
from uuid import UUID

PUBLIC = ("caisse", "fonctionnalites", "nom", "prenom", "fonction")


@dataclass(frozen=True, slots=True)
class Window:
    id: UUID
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Channel:
    """The other way to a caisse: the functions that it leaves open, and its référents."""

    functions: tuple[str, ...]
    people: tuple[Mapping[str, str], ...]


@dataclass(slots=True)
class Memory:
    windows: dict[UUID, Window] = field(default_factory=dict)
    changes: int = 0  # made by this process itself
    channels: Mapping[str, Channel] = field(default_factory=dict)  # by caisse
    reach: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # the caisses open to a structure
    outdated: bool = False  # this process changed what the channels were read from

    def add(self, window: Window) -> None:
        self.windows[window.id] = window
        self.changes += 1

    def remove(self, id_: UUID) -> None:
        self.windows.pop(id_, None)
        self.changes += 1

    def mark_outdated(self) -> None:
        self.outdated = True

    def replace_windows(self, windows: Iterable[Window], seen_at: int) -> None:
        """Take what was read, unless this process changed a window meanwhile: the next look reads it."""
        if self.changes == seen_at:
            self.windows = {window.id: window for window in windows}

    def end_of_maintenance(self, instant: datetime) -> datetime | None:
        """Return when the maintenance of an instant ends: windows that touch are one. None outside."""
        end = instant
        for window in sorted(self.windows.values(), key=lambda w: w.start):
            if window.start <= end < window.end:
                end = window.end
        return end if end > instant else None

    def everybody(self) -> list[dict[str, Any]]:
        """Return the référents of all the caisses, for whoever is not known: names and functions alone."""
        people = self.of(dict.fromkeys(self.channels))
        return [{name: person[name] for name in PUBLIC} for person in people]

    def of(self, caisses: Mapping[str, Collection[str] | None]) -> list[dict[str, Any]]:
        """Return the référents of some caisses, complete; a caller may have functions of its own there."""
        return [
            {"caisse": code, "fonctionnalites": list(functions or self.channels[code].functions)}
            | dict(person)
            for code, functions in sorted(caisses.items())
            if code in self.channels
            for person in self.channels[code].people
        ]

    def of_claims(self, claims: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the référents of a caller known by its token alone, from what was last read of its caisses."""
        known = (
            (claims["caisse"],) if claims.get("caisse") else self.reach.get(str(claims["partenaire_id"]), ())
        )
        return self.of(dict.fromkeys(known))


MEMORY = Memory()


def seconds_until(end: datetime, instant: datetime) -> int:
    return max(1, ceil((end - instant).total_seconds()))
