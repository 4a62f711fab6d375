"""Art. 8.1: from when to when a convention is in force."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.kit.calendrier import veille_anniversaire


class Statut(StrEnum):
    A_VENIR = "a_venir"
    EN_VIGUEUR = "en_vigueur"
    SUSPENDUE = "suspendue"
    DENONCEE = "denoncee"
    EXPIREE = "expiree"
    RESILIEE = "resiliee"


class Partie(StrEnum):
    PARTENAIRE = "partenaire"
    CAISSE = "caisse"


@dataclass(frozen=True, slots=True)
class Termes:
    """What decides of the life of a convention: days, and whether it renews itself."""

    signee_partenaire_le: date | None
    signee_caisse_le: date | None
    tacite_reconduction: bool = True
    suspendue: bool = False


def entree_en_vigueur(termes: Termes) -> date | None:
    """Art. 8.1: on the date of the last signature; none while one is missing."""
    if termes.signee_partenaire_le is None or termes.signee_caisse_le is None:
        return None
    return max(termes.signee_partenaire_le, termes.signee_caisse_le)


def fin_de_periode(termes: Termes, jour: date) -> date | None:
    """Art. 8.1: the eve of the anniversary; renewed tacitly, the eve of the next one that is to come."""
    debut = entree_en_vigueur(termes)
    if debut is None:
        return None
    annees = 1
    while termes.tacite_reconduction and veille_anniversaire(debut, annees) < jour:
        annees += 1
    return veille_anniversaire(debut, annees)


def statut(termes: Termes, jour: date) -> Statut:
    """Art. 8.1: what the convention is on a day."""
    debut, fin = entree_en_vigueur(termes), fin_de_periode(termes, jour)
    if debut is None or fin is None or jour < debut:
        return Statut.A_VENIR
    if jour > fin:
        return Statut.EXPIREE
    return Statut.SUSPENDUE if termes.suspendue else Statut.EN_VIGUEUR


def en_vigueur(termes: Termes, jour: date) -> bool:
    """Art. 8.1, 2.2.3: does the convention open its caisse that day?"""
    return statut(termes, jour) is Statut.EN_VIGUEUR


VIVANTES = frozenset({Statut.EN_VIGUEUR, Statut.SUSPENDUE, Statut.DENONCEE})
FINIES = frozenset({Statut.EXPIREE, Statut.RESILIEE})


def structure_close(conventions: Iterable[Termes], jour: date) -> bool:
    """Art. 2.2.3: the conventions with all the caisses have ended: the accounts end with them.

    A suspension cuts an access and ends no account; a convention that never began ends nothing.
    """
    statuts = {statut(termes, jour) for termes in conventions}
    return bool(statuts & FINIES) and not statuts & VIVANTES


def se_chevauchent(une: Termes, autre: Termes) -> bool:
    """Tell whether two signed conventions would be in force the same day."""
    debuts = entree_en_vigueur(une), entree_en_vigueur(autre)
    if debuts[0] is None or debuts[1] is None:
        return False
    premiere = une if debuts[0] <= debuts[1] else autre
    return premiere.tacite_reconduction or statut(premiere, max(debuts[0], debuts[1])) in VIVANTES
