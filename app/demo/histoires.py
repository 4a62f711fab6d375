"""What the demo tells: each story is one request, from its deposit to the state in which a visitor finds it."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from app.kit import clock
from app.kit.calendrier import ajouter_jours_ouvres

Histoire = Callable[[], Awaitable[None]]
DEPARTEMENT = "61"


def a_l_heure(jours: int, heure: int) -> datetime:
    """Return an hour of the first working day from so many days from now, at the caisse; less than 0: ago."""
    veille = clock.today() + timedelta(days=jours - 1)
    return clock.midnight(ajouter_jours_ouvres(veille, 1, DEPARTEMENT)) + timedelta(hours=heure)


def commun(nom: str, prenom: str, naissance: str, depot: datetime) -> dict[str, Any]:
    """Return what every deposit has: a woman of the Orne, who agreed the day before."""
    return {
        "caisse": "611",
        "assure": {
            "civilite": "mme",
            "nom": nom,
            "prenom": prenom,
            "date_naissance": naissance,
            "departement_residence": DEPARTEMENT,
        },
        "consentement": {
            "recueilli": True,
            "date": (depot - timedelta(days=1)).date().isoformat(),
            "modalite": "oral",
        },
    }
