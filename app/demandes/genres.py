"""The kinds of requests: what each adds to the common request. A sixth kind is one more entry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.demandes.regles import Type
from app.demandes.tables import Signalement


@dataclass(frozen=True, slots=True)
class Genre:
    """`champs` are the kind's own fields, the same in its body, its table and its `objet`."""

    table: Any
    champs: tuple[str, ...]
    theme: Callable[[Mapping[str, Any]], str]


GENRES: Mapping[Type, Genre] = {
    Type.SIGNALEMENT: Genre(
        Signalement,
        ("difficultes", "orientation_souhaitee"),
        theme=lambda objet: str(objet["difficultes"][0]),
    ),
}
