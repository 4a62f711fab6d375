"""Bodies: unknown fields are refused, and no text is read before the guard has read it (art. 5).

Every string of a body is searched for a NIR, whatever its field. Those typed `TexteLibre` are also
searched for health data, which the author may confirm by `texte_confirme`.
"""

import re
from collections.abc import Collection, Iterator
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from typing import Annotated, Any, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PrivateAttr,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from app.erreurs import DonneeDeSante, NirInterdit
from app.garde.examen import nirs, sante
from app.kit.clock import today

LONGEST_TEXT = 4000
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
ISO_INSTANT = re.compile(rf"{ISO_DAY.pattern}[Tt ][0-9:.]+([Zz]|[+-][0-9:]+)?")


class FreeText:
    """The mark of a field that people write freely."""


# Those of ASCII and of Latin-1, but the tabulation and what ends lines, on Windows too.
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def printable(text: str) -> str:
    if CONTROLS.search(text):
        raise PydanticCustomError("ep_caractere", "Le texte contient un caractère de contrôle.")
    return text


def iso_day(value: Any) -> Any:
    """Refuse what Pydantic would take for seconds since 1970, even as text: « 0.5 », « 20000 »."""
    if not isinstance(value, date) and not (isinstance(value, str) and ISO_DAY.fullmatch(value)):
        raise PydanticCustomError("ep_date", "Une date comme 2026-01-05 est attendue.")
    return value


def iso_instant(value: Any) -> Any:
    if not isinstance(value, datetime) and not (isinstance(value, str) and ISO_INSTANT.fullmatch(value)):
        raise PydanticCustomError("ep_instant", "Un instant comme 2026-01-05T09:30:00Z est attendu.")
    return value


# Nothing is trimmed: the positions that the guard gives are those of the text as sent.
ONE_LINE = r"^[^\n\r\t]*\S[^\n\r\t]*$"
Nom = Annotated[
    str, StringConstraints(min_length=1, max_length=100, pattern=ONE_LINE), AfterValidator(printable)
]
Libelle = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=ONE_LINE), AfterValidator(printable)
]
TexteLibre = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_TEXT, pattern=r"\S"),
    AfterValidator(printable),
    FreeText(),
]
Titre = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern=ONE_LINE),
    AfterValidator(printable),
    FreeText(),
]
Jour = Annotated[date, BeforeValidator(iso_day)]
OLDEST = date(1900, 1, 1)


def past(day: date) -> date:
    if not OLDEST <= day <= today():
        raise PydanticCustomError("ep_date_passee", "La date doit être passée, et postérieure à 1900.")
    return day


FARTHEST = date(2199, 12, 31)


def near(day: date) -> date:
    if not OLDEST <= day <= FARTHEST:
        raise PydanticCustomError("ep_date_lointaine", "La date doit être entre 1900 et 2199.")
    return day


JourProche = Annotated[date, BeforeValidator(iso_day), AfterValidator(near)]
JourPasse = Annotated[date, BeforeValidator(iso_day), AfterValidator(past)]
Instant = Annotated[datetime, BeforeValidator(iso_instant)]
Horodatage = Annotated[AwareDatetime, BeforeValidator(iso_instant)]


class Corps(BaseModel):
    """Base of every body: closed, and read by the guard before its route is."""

    model_config = ConfigDict(extra="forbid")

    _confirmes: list[dict[str, Any]] = PrivateAttr(default_factory=list)

    @property
    def passages_confirmes(self) -> list[dict[str, Any]]:
        """The passages that look like health data and that the author confirmed: for the journal and the review.

        `empreinte` tells which text it was without holding it: the review finds the text where it stands.
        """
        return self._confirmes


def texts(value: Any, path: str = "", *, free: bool = False) -> Iterator[tuple[str, str, bool]]:
    """Yield (JSON pointer, text, is free) for every string of a body."""
    if isinstance(value, str):
        yield path, value, free
    elif isinstance(value, BaseModel):
        written_freely = free_fields(type(value))
        for name in type(value).model_fields:
            yield from texts(getattr(value, name), f"{path}/{name}", free=name in written_freely)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from texts(item, f"{path}/{index}", free=free)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from texts(item, f"{path}/{name}", free=free)


@cache
def free_fields(model: type[BaseModel]) -> frozenset[str]:
    """Return the fields typed `TexteLibre`, alone, optional or in a list."""
    return frozenset(
        name
        for name, field in model.model_fields.items()
        if any(isinstance(mark, FreeText) for mark in (*field.metadata, *marks(field.annotation)))
    )


def marks(annotation: Any) -> Iterator[Any]:
    yield from getattr(annotation, "__metadata__", ())
    for part in get_args(annotation):
        yield from marks(part)


def check_texts(corps: Corps, termes: Collection[str] = ()) -> None:
    """Refuse a NIR anywhere, and health data in a free text unless its author confirms (5-2, 5-3).

    `termes`: what a caisse added to the words of the guard, once the caisse of the text is known.
    """
    found = list(texts(corps))
    if certain := [_passage(path, c) for path, text, _ in found for c in nirs(text)]:
        raise NirInterdit(passages=certain)
    probable = [_passage(path, c) for path, text, free in found if free for c in sante(text, termes)]
    if probable and not getattr(corps, "texte_confirme", False):
        raise DonneeDeSante(passages=probable)
    lus = {path: sha256(text.encode()).hexdigest() for path, text, _ in found}
    corps._confirmes = [passage | {"empreinte": lus[passage["champ"]]} for passage in probable]  # noqa: SLF001  # private to the wire, ours to set


def check_list(corps: list[Corps]) -> None:
    """Refuse a NIR in a body that is a list of short fields: a free text stands in a body of its own."""
    if certain := [_passage(path, c) for path, text, _ in texts(corps) for c in nirs(text)]:
        raise NirInterdit(passages=certain)


def _passage(path: str, constat: Any) -> dict[str, Any]:
    return {"champ": path, "debut": constat.debut, "fin": constat.fin}
