"""Art. 5, 7.1: how long what is held about a person is kept."""

from collections.abc import Iterable
from datetime import date, timedelta

from app.conventions.regles import Termes, annee_en_cours
from app.demandes.assure import sans_accent
from app.kit.calendrier import ajouter_mois

COURTS = 3


def conservation_depuis(cloture: date, conventions: Iterable[Termes]) -> date:
    """Art. 7.1: the later of the closing and the end of the convention's year that was running then.

    `conventions` are those of the structure with the caisse. A suspended one still runs; once all have
    ended, or before any began, the closing alone counts.
    """
    fins = (annee_en_cours(termes, cloture) for termes in conventions)
    return max([cloture, *(fin for fin in fins if fin is not None)])


def echeance(cloture: date, conventions: Iterable[Termes], mois: int) -> date:
    """Return the first day on which what was kept `mois` calendar months is kept no more."""
    return ajouter_mois(conservation_depuis(cloture, conventions), mois)


def echeance_du_retrait(retrait: date, jours: int) -> date:
    """Art. 5, 7.1: a withdrawn consent does not wait for the end of a convention's year."""
    return retrait + timedelta(days=jours)


def inversee(naissance: date) -> date | None:
    """Return a date with its day and month exchanged, as people mistype it; None when that is no other date."""
    try:
        autre = naissance.replace(month=naissance.day, day=naissance.month)
    except ValueError:
        return None
    return autre if autre != naissance else None


def nomme(texte: str, *noms: str) -> bool:
    """Tell whether a text holds a word of these names: the reason of an erasure must not undo it."""
    mots = set(sans_accent(texte).split())
    return any(mot in mots for nom in noms for mot in sans_accent(nom).split() if len(mot) >= COURTS)
