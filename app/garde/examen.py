"""What a free-text field must not hold (art. 5 of the convention, rules 5-2 and 5-3).

The findings give places, never the words: nothing here can be logged by accident.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from app.garde.nir import passages_nir
from app.garde.sante import passages_sante
from app.garde.texte import Plain, plain


class Nature(StrEnum):
    """What was found; a NIR is certain, health data is probable and the author may confirm."""

    NIR = "nir"
    SANTE = "sante"


@dataclass(frozen=True, slots=True)
class Constat:
    """A passage to rewrite: its nature and its place, in code points of the text as given, end excluded."""

    nature: Nature
    debut: int
    fin: int


def nirs(texte: str) -> tuple[Constat, ...]:
    """Art. 5: find the social security numbers, in any layout."""
    return _nirs(plain(texte))


def sante(texte: str, termes: Collection[str] = ()) -> tuple[Constat, ...]:
    """Art. 5: find what looks like health data; `termes` are the words or expressions a caisse added."""
    return _sante(plain(texte), termes)


def examiner(texte: str, termes: Collection[str] = ()) -> tuple[Constat, ...]:
    """Art. 5: find both, in the order of the text; what lies inside a NIR is no health data."""
    normal = plain(texte)
    numeros = _nirs(normal)
    autres = [
        s for s in _sante(normal, termes) if not any(n.debut <= s.debut and s.fin <= n.fin for n in numeros)
    ]
    return tuple(sorted((*numeros, *autres), key=lambda constat: (constat.debut, constat.fin)))


def _nirs(normal: Plain) -> tuple[Constat, ...]:
    return tuple(Constat(Nature.NIR, *normal.origine(*passage)) for passage in passages_nir(normal.texte))


def _sante(normal: Plain, termes: Collection[str]) -> tuple[Constat, ...]:
    return tuple(
        Constat(Nature.SANTE, *normal.origine(*passage)) for passage in passages_sante(normal, termes)
    )
