"""Art. 4.2: the caisse has the accounts of a structure reviewed, once or at regular intervals."""

from datetime import date, timedelta
from enum import StrEnum

from app.kit.calendrier import ajouter_mois


class StatutRevue(StrEnum):
    OUVERTE = "ouverte"
    CLOSE = "close"


class DecisionRevue(StrEnum):
    MAINTENIR = "maintenir"
    INACTIVER = "inactiver"


# Ours, the text gives no figure.
RAPPEL_JOURS = 7
PERIODICITE_MAXIMALE = 60
ECHEANCE_MAXIMALE_ANNEES = 5


def en_retard(statut: StatutRevue, echeance: date, jour: date) -> bool:
    """Art. 4.2: its due date is past and it is not closed."""
    return statut is StatutRevue.OUVERTE and echeance < jour


def rappel_du(echeance: date, dernier_rappel: date | None, jour: date) -> bool:
    """Art. 4.2: due in seven days or overdue; one reminder a day at most."""
    approche = jour >= echeance - timedelta(days=RAPPEL_JOURS)
    return approche and (dernier_rappel is None or dernier_rappel < jour)


def reouverture_due(ouverte_le: date, periodicite_mois: int | None, jour: date) -> bool:
    """Art. 4.2: at regular intervals, counted in calendar months from one opening to the next."""
    return periodicite_mois is not None and jour >= ajouter_mois(ouverte_le, periodicite_mois)


def echeance_suivante(ouverte_le: date, echeance: date, jour: date) -> date:
    """Art. 4.2: a review that opens again leaves as many days as the former one did."""
    return jour + (echeance - ouverte_le)
