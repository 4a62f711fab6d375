"""Days, months and working days, as the law counts them.

Public holidays: Code du travail, art. L3133-1 (as it stands since 2008), L3134-13 (Alsace-Moselle) and
L3422-2 with décret n° 83-1003 (the abolition of slavery, overseas). Left out, being customs and not law:
Good Friday, mid-Lent and the Victor Schoelcher day in the Antilles, the Muslim feasts of Mayotte. Good
Friday is law in the communes of Alsace-Moselle that have a Protestant church: a caisse covers a whole
département, so it counts everywhere there, in favour of whoever must act within the delay.
"""

import calendar
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

FETES_FIXES = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
FETES_MOBILES = (1, 39, 50)  # days after Easter: Easter Monday, Ascension, Whit Monday
ABOLITION_ESCLAVAGE = {
    "971": (5, 27),
    "972": (5, 22),
    "973": (6, 10),
    "974": (12, 20),
    "976": (4, 27),
    "977": (10, 9),
    "978": (5, 28),  # the decree still said 27 in 2019; the 28th is observed since 2018, by circular
}
ALSACE_MOSELLE = frozenset({"57", "67", "68"})
VENDREDI_SAINT = -2
SAINT_ETIENNE = (12, 26)

FUSEAUX = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/St_Barthelemy",
    "978": "America/Marigot",
}
METROPOLE = frozenset({f"{numero:02}" for numero in range(1, 96)} - {"20"} | {"2A", "2B"})
DEPARTEMENTS = METROPOLE | FUSEAUX.keys()

SAMEDI = 5
UN_JOUR = timedelta(days=1)


@lru_cache(maxsize=2048)
def jours_feries(annee: int, departement: str) -> frozenset[date]:
    """List the public holidays of a year in a département ("61", "2A", "971"), Sundays included.

    Raises ValueError on a code that is not a département's.
    """
    _verifier(departement)
    fixes, mobiles = set(FETES_FIXES), set(FETES_MOBILES)
    if departement in ALSACE_MOSELLE:
        fixes.add(SAINT_ETIENNE)
        mobiles.add(VENDREDI_SAINT)
    if departement in ABOLITION_ESCLAVAGE:
        fixes.add(ABOLITION_ESCLAVAGE[departement])
    dimanche = paques(annee)
    return frozenset(
        {date(annee, mois, jour) for mois, jour in fixes}
        | {dimanche + timedelta(days=ecart) for ecart in mobiles}
    )


def est_ouvre(jour: date, departement: str) -> bool:
    """Tell whether a day is worked: Monday to Friday, except public holidays."""
    return jour not in jours_feries(jour.year, departement) and jour.weekday() < SAMEDI


def ajouter_jours_ouvres(depuis: date, nombre: int, departement: str) -> date:
    """Give the n-th working day after a day, before it when n is negative; the day itself for 0."""
    _verifier(departement)
    pas = UN_JOUR if nombre > 0 else -UN_JOUR
    jour, reste = depuis, abs(nombre)
    while reste:
        jour += pas
        reste -= est_ouvre(jour, departement)
    return jour


def jours_ouvres_entre(depuis: date, jusqua: date, departement: str) -> int:
    """Count the working days of ]depuis, jusqua]; minus those of [jusqua, depuis[ when it comes first.

    So `jours_ouvres_entre(d, ajouter_jours_ouvres(d, n, dep), dep) == n`, whatever the sign of n.
    """
    _verifier(departement)
    sens = 1 if jusqua >= depuis else -1
    ecart = abs((jusqua - depuis).days)
    return sens * sum(est_ouvre(depuis + sens * rang * UN_JOUR, departement) for rang in range(1, ecart + 1))


def ajouter_mois(depuis: date, mois: int) -> date:
    """Add calendar months, the last day clamped: 31 August 2025 + 6 = 28 February 2026."""
    annee, rang = divmod(depuis.year * 12 + depuis.month - 1 + mois, 12)
    return date(annee, rang + 1, min(depuis.day, calendar.monthrange(annee, rang + 1)[1]))


def veille_anniversaire(debut: date, annees: int = 1) -> date:
    """Give the last day of a period of whole years: from 18 April 2025, 17 April 2026.

    A period that begins on 29 February ends on 28 February: a full year, and no day more.
    """
    annee = debut.year + annees
    if (debut.month, debut.day) == (2, 29) and not calendar.isleap(annee):
        return date(annee, 2, 28)
    return debut.replace(year=annee) - UN_JOUR


def jour_local(instant: datetime, fuseau: str) -> date:
    """Give the day of an instant in a caisse's time zone; ValueError without an offset."""
    if instant.utcoffset() is None:
        raise ValueError("an instant has an offset")
    return instant.astimezone(ZoneInfo(fuseau)).date()


def fuseau_du_departement(departement: str) -> str:
    """Name the time zone of a département; ValueError on a code that is not one's."""
    _verifier(departement)
    return FUSEAUX.get(departement, "Europe/Paris")


def paques(annee: int) -> date:
    """Give Easter Sunday in the Gregorian calendar (algorithm of Meeus, Jones and Butcher)."""
    siecle = annee // 100
    bissextiles = siecle - siecle // 4 - (8 * siecle + 13) // 25
    epacte = (19 * (annee % 19) + bissextiles + 15) % 30
    epacte -= epacte // 28 * (1 - 29 // (epacte + 1) * (21 - annee % 19) // 11)
    semaine = (annee + annee // 4 + epacte + 2 - siecle + siecle // 4) % 7
    rang = epacte - semaine
    mois = 3 + (rang + 40) // 44
    return date(annee, mois, rang + 28 - 31 * (mois // 4))


def _verifier(departement: str) -> None:
    if departement not in DEPARTEMENTS:
        raise ValueError(f"{departement!r} is not a département")
