"""Art. 2.2.1: how many accounts a structure may have, by its number of members."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plafonds:
    gestionnaires: int
    techniciens: int


# (up to so many members, the ceilings)
PALIERS: tuple[tuple[int, Plafonds], ...] = (
    (10, Plafonds(gestionnaires=2, techniciens=5)),
    (25, Plafonds(gestionnaires=3, techniciens=15)),
)
AU_DELA = Plafonds(gestionnaires=5, techniciens=25)


def plafonds(effectif: int) -> Plafonds:
    """Art. 2.2.1: 1 to 10 members, 11 to 25, over 25."""
    return next((plafond for jusqua, plafond in PALIERS if effectif <= jusqua), AU_DELA)
