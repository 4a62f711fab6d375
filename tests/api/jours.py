"""Living on another day: the clock of the application, and sessions and passwords that last until then."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from app.kit import clock
from tests.outils import Base

Voyage = Callable[[str | date], AbstractContextManager[None]]


@contextmanager
def le_jour(jour: str | date) -> Iterator[None]:
    """Pretend that it is noon in Paris on a day, for the requests and the rules that follow."""
    jour = date.fromisoformat(jour) if isinstance(jour, str) else jour
    with clock.pretend(datetime.combine(jour, time(12), tzinfo=ZoneInfo("Europe/Paris"))):
        yield


@pytest.fixture
def au(base: Base) -> Iterator[Voyage]:
    """Return `le_jour` for days to come: what would have expired by then has not, and is given back after."""
    passwords = base.lignes("SELECT id, mot_de_passe_change_le FROM comptes")

    @contextmanager
    def voyager(jour: str | date) -> Iterator[None]:
        base.ecrire("UPDATE comptes SET mot_de_passe_change_le = '2190-01-01' WHERE mot_de_passe IS NOT NULL")
        base.ecrire("UPDATE familles_jetons SET expire_le = '2190-01-01' WHERE expire_le < '2190-01-01'")
        with le_jour(jour):
            yield

    yield voyager
    for id_, le in passwords:
        base.ecrire("UPDATE comptes SET mot_de_passe_change_le = :le WHERE id = :id", le=le, id=id_)
