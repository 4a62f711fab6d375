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
        partenaire, type_, sort, annee, mois = self
        if partenaire is not None:
            yield "partenaire", Cle(None, type_, sort, annee, mois)
        if type_ is not None:
            yield "type", Cle(partenaire, None, sort, annee, mois)
        if sort is not None:
            yield "sort", Cle(partenaire, type_, None, annee, mois)
        if mois is not None:
            yield "mois", Cle(partenaire, type_, sort, annee, None)
        elif annee is not None:
            yield "annee", Cle(partenaire, type_, sort, None, None)


class Effectif(NamedTuple):
    """How many requests, about how many different persons."""

    demandes: int
    personnes: int


Cube = Mapping[Cle, Effectif]


class Ligne(NamedTuple):
    """A line of the cube: what is counted whole, and the parts that make it up along one axis."""

    parent: Cle
    enfants: list[Cle]


def taire(cube: Cube) -> frozenset[Cle]:
    """Return the groups that are left unsaid.

    First those of fewer than five persons. Then, in each line, one more as long as what is hidden there
    could be found by subtraction: the smallest that is still shown. Only a line in which something is hidden
    can give it away: each is looked at again when one of its groups was.
    """
    tus = {cle for cle, effectif in cube.items() if 0 < effectif.personnes < SEUIL}
    lignes = _lignes(cube)
    ou = _ou(lignes)
    a_voir = {rang: None for cle in cube if cle in tus for rang in ou[cle]}
    while a_voir:
        rang, _ = a_voir.popitem()
        if (victime := _a_taire(cube, *lignes[rang], tus)) is not None:
            tus.add(victime)
            a_voir |= dict.fromkeys(ou[victime])
    return frozenset(tus)


def _lignes(cube: Cube) -> list[Ligne]:
    """Return the lines in an order of their own: the same cube is always left with the same gaps."""
    lignes: dict[tuple[str, Cle], Ligne] = {}
    for cle in sorted(cube, key=_rang):
        for axe, parent in cle.parents():
            if parent in cube:
                lignes.setdefault((axe, parent), Ligne(parent, [])).enfants.append(cle)
    return list(lignes.values())


def _ou(lignes: Sequence[Ligne]) -> dict[Cle, list[int]]:
    """Return, for each group, the lines that it stands in: as a part, or as the whole."""
    ou: dict[Cle, list[int]] = defaultdict(list)
    for rang, (parent, enfants) in enumerate(lignes):
        ou[parent].append(rang)
        for cle in enfants:
            ou[cle].append(rang)
    return ou


def _rang(cle: Cle) -> tuple[str, ...]:
    return tuple(valeur or "" for valeur in cle)


def _a_taire(cube: Cube, parent: Cle, enfants: Sequence[Cle], tus: set[Cle]) -> Cle | None:
    """Return what is to be hidden too in a line, or None when it gives nothing away.

    What is hidden under a parent that is shown can be found as a whole: it has to hold a group of five.
    """
    caches = [cle for cle in enfants if cle in tus]
    if parent in tus:
        sur = bool(caches)
    elif len(caches) == len(enfants):
        sur = len(caches) > 1
    else:
        sur = not caches or (len(caches) > 1 and max(cube[cle].personnes for cle in caches) >= SEUIL)
    if sur:
        return None
    montres = [cle for cle in enfants if cle not in tus]
    return min(montres, key=lambda cle: (cube[cle].personnes, _rang(cle))) if montres else parent
