"""Retries, and when to give up: a receiver that is down for a week-end misses nothing."""

from datetime import datetime, timedelta
from enum import StrEnum

ESSAI = "webhook.test"
MAXIMUM = 20  # webhooks of one owner
RECOUVREMENT = timedelta(hours=24)  # both secrets sign, after a rotation
PATIENCE = timedelta(days=3)
CONSERVATION = timedelta(days=30)  # of the deliveries

# The delay before each new try: the first within 30 seconds, the last after three days.
DELAIS = tuple(
    timedelta(seconds=secondes)
    for secondes in (10, 60, 300, 1_800, 7_200, 18_000, 36_000, 43_200, 72_000, 86_400)
)


class StatutLivraison(StrEnum):
    EN_ATTENTE = "en_attente"
    LIVREE = "livree"
    ABANDONNEE = "abandonnee"  # every try failed, or the webhook was switched off
    ANNULEE = "annulee"  # no longer for the owner to know: its convention ended


class Echec(StrEnum):
    """Why a try failed."""

    ADRESSE_INTERDITE = "adresse_interdite"
    NOM_INCONNU = "nom_inconnu"
    CONNEXION = "connexion"
    DELAI = "delai"
    REDIRECTION = "redirection"
    REPONSE = "reponse"  # a status that is not 2xx


def prochain_essai(essais: int) -> timedelta | None:
    """Return how long to wait after so many tries, or None: the delivery is given up."""
    return DELAIS[essais - 1] if essais <= len(DELAIS) else None


def a_desactiver(en_echec_depuis: datetime, maintenant: datetime, code_http: int | None) -> bool:
    """Tell whether a webhook is switched off: nothing received for three days, or the receiver says 410 Gone."""
    return code_http == 410 or maintenant - en_echec_depuis >= PATIENCE  # noqa: PLR2004  # Standard Webhooks
