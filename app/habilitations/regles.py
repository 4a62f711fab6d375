"""Art. 2.2, 4.1: what a partenaire asks of its caisse for an account, and what is reported of one."""

from enum import StrEnum


class Nature(StrEnum):
    """Art. 2.2.1, 2.2.2, 2.2.3: what a partenaire asks of its caisse for a gestionnaire."""

    CREATION = "creation"
    MODIFICATION = "modification"
    INACTIVATION = "inactivation"


class StatutHabilitation(StrEnum):
    DEPOSEE = "deposee"
    ACCEPTEE = "acceptee"
    REFUSEE = "refusee"


# Art. 2.2.1: working days in which the caisse treats a request for habilitation.
DELAI_HABILITATION = 5


class NatureIncident(StrEnum):
    """Art. 4.1: what is reported of an account."""

    FRAUDE = "fraude"
    VOL = "vol"
    PERTE = "perte"
    USAGE_NON_CONFORME = "usage_non_conforme"


# Art. 4.1: these cut the account at once; a misuse is judged by the caisse first.
COUPENT_AUSSITOT = frozenset({NatureIncident.FRAUDE, NatureIncident.VOL, NatureIncident.PERTE})
