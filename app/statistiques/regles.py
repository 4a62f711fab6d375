"""Art. D-2, 5: the figures of the partnership as a cube with its margins, and what is left unsaid in it.

No figure is given on a group of fewer than five persons, nor one from which such a figure follows by
subtraction. A cell is a group; in a line of the cube, a parent is the sum of its children.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

SEUIL = 5


class Axe(StrEnum):
    """What the figures are given by, beside the caisse, which is always one of them."""

    PARTENAIRE = "partenaire"
    TYPE = "type"
    ANNEE = "annee"
    MOIS = "mois"


class Cle(NamedTuple):
    """A group of requests by the month of their deposit; None is « all »: a margin.

    `sort`: what became of them (`ouverte`, `annulee`, or an outcome). `mois` (2026-03) goes with its `annee`.
    """

    partenaire: str | None = None
    type: str | None = None
    sort: str | None = None
    annee: str | None = None
    mois: str | None = None

    def parents(self) -> Iterator[tuple[str, "Cle"]]:
        """Yield each line that the group is a child in: its axis, and its parent."""
        for axe in ("partenaire", "type", "sort"):
            if getattr(self, axe) is not None:
                yield axe, self._replace(**{axe: None})
        if self.mois is not None:
            yield "mois", self._replace(mois=None)
        elif self.annee is not None:
            yield "annee", self._replace(annee=None)


class Effectif(NamedTuple):
    """How many requests, about how many different persons."""

    demandes: int
    personnes: int


Cube = Mapping[Cle, Effectif]


def taire(cube: Cube) -> frozenset[Cle]:
    """Return the groups that are left unsaid.

    First those of fewer than five persons. Then, in each line, one more as long as what is hidden there
    could be found by subtraction: the smallest that is still shown.
    """
    tus = {cle for cle, effectif in cube.items() if 0 < effectif.personnes < SEUIL}
    lignes = _lignes(cube)
    reste = True
    while reste:
        reste = False
        for parent, enfants in lignes:
            if (victime := _a_taire(cube, parent, enfants, tus)) is not None:
                tus.add(victime)
                reste = True
    return frozenset(tus)


def _lignes(cube: Cube) -> list[tuple[Cle, list[Cle]]]:
    lignes: dict[tuple[str, Cle], list[Cle]] = defaultdict(list)
    for cle in cube:
        for axe, parent in cle.parents():
            if parent in cube:
                lignes[axe, parent].append(cle)
    return [(parent, enfants) for (_, parent), enfants in sorted(lignes.items(), key=str)]


def _a_taire(cube: Cube, parent: Cle, enfants: Sequence[Cle], tus: set[Cle]) -> Cle | None:
    """Return what is to be hidden too in a line, or None when it gives nothing away.

    What is hidden under a parent that is shown can be found as a whole: it has to hold a group of five.
    """
    caches = [cle for cle in enfants if cle in tus]
    montres = [cle for cle in enfants if cle not in tus]
    if parent in tus:
        sur = bool(caches)
    elif not montres:
        sur = len(caches) > 1
    else:
        sur = not caches or (len(caches) > 1 and max(cube[cle].personnes for cle in caches) >= SEUIL)
    if sur:
        return None
    return min(montres, key=lambda cle: (cube[cle].personnes, str(cle))) if montres else parent
