"""Art. D-2: how long a request took, in working days of its caisse; the time spent waiting is set apart."""

from dataclasses import dataclass, replace
from datetime import date

from app.kit.calendrier import jours_ouvres_entre


@dataclass(frozen=True, slots=True)
class Mesures:
    """What is measured of a request: working days, whole; the same day counts 0.

    `attente`: spent waiting for the partenaire. `prise_en_charge`: from the deposit until the caisse took
    it, or closed it at once. `cloture`: from the deposit until it was closed. The last two leave `attente` out.
    """

    attente: int = 0
    attendu_depuis: date | None = None
    prise_en_charge: int | None = None
    cloture: int | None = None


def attendre(mesures: Mesures, jour: date, departement: str, *, attendu: bool) -> Mesures:
    """Begin, or end, the time spent waiting for the partenaire; nothing when it is as it was."""
    if attendu and mesures.attendu_depuis is None:
        return replace(mesures, attendu_depuis=jour)
    if not attendu and mesures.attendu_depuis is not None:
        passes = jours_ouvres_entre(mesures.attendu_depuis, jour, departement)
        return replace(mesures, attente=mesures.attente + passes, attendu_depuis=None)
    return mesures


def prendre(mesures: Mesures, depot: date, jour: date, departement: str) -> Mesures:
    """Stop the first clock: it stops once."""
    if mesures.prise_en_charge is not None:
        return mesures
    return replace(mesures, prise_en_charge=_net(mesures, depot, jour, departement))


def clore(mesures: Mesures, depot: date, jour: date, departement: str) -> Mesures:
    """Stop both clocks."""
    prises = prendre(mesures, depot, jour, departement)
    return replace(prises, cloture=_net(mesures, depot, jour, departement))


def _net(mesures: Mesures, depot: date, jour: date, departement: str) -> int:
    return max(0, jours_ouvres_entre(depot, jour, departement) - mesures.attente)
