"""The calendar: the examples of the rules, its properties, and an independent witness (`holidays`)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from dateutil.easter import easter
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kit.calendrier import (
    ABOLITION_ESCLAVAGE,
    DEPARTEMENTS,
    ajouter_jours_ouvres,
    ajouter_mois,
    est_ouvre,
    fuseau_du_departement,
    jour_local,
    jours_feries,
    jours_ouvres_entre,
    paques,
    veille_anniversaire,
)

ORNE = "61"
JOURS = st.dates(date(2009, 1, 1), date(2060, 12, 31))
LIEUX = st.sampled_from(sorted(DEPARTEMENTS))
NOMBRES = st.integers(-60, 60)
properties = settings(max_examples=60, deadline=None)


# --- The examples of the rules --------------------------------------------------------------------------


@pytest.mark.regle("2.2.1-1")
def test_five_working_days_after_a_friday_of_august() -> None:
    assert ajouter_jours_ouvres(date(2025, 8, 1), 5, ORNE) == date(2025, 8, 8)


@pytest.mark.regle("2.2.1-1")
def test_five_working_days_over_8_may_and_ascension() -> None:
    assert ajouter_jours_ouvres(date(2026, 5, 7), 5, ORNE) == date(2026, 5, 18)


@pytest.mark.parametrize(
    ("depuis", "mois", "attendu"),
    [
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2025, 7, 31), -1, date(2025, 6, 30)),
        (date(2025, 12, 15), 1, date(2026, 1, 15)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2025, 8, 31), 0, date(2025, 8, 31)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
    ],
)
def test_calendar_months(depuis: date, mois: int, attendu: date) -> None:
    assert ajouter_mois(depuis, mois) == attendu


@pytest.mark.parametrize(
    ("debut", "annees", "attendu"),
    [
        (date(2025, 4, 18), 1, date(2026, 4, 17)),
        (date(2025, 4, 18), 2, date(2027, 4, 17)),
        (date(2025, 1, 1), 1, date(2025, 12, 31)),
        (date(2024, 2, 29), 1, date(2025, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 28)),
        (date(2023, 3, 1), 1, date(2024, 2, 29)),
    ],
)
def test_whole_years(debut: date, annees: int, attendu: date) -> None:
    assert veille_anniversaire(debut, annees) == attendu


def test_a_day_is_that_of_the_caisse() -> None:
    instant = datetime(2026, 1, 5, 23, 30, tzinfo=UTC)
    jours = {place: jour_local(instant, fuseau_du_departement(place)).day for place in (ORNE, "971", "974")}
    assert jours == {ORNE: 6, "971": 5, "974": 6}
    assert jour_local(datetime(2026, 7, 5, 22, 30, tzinfo=UTC), "Europe/Paris") == date(2026, 7, 6)
    with pytest.raises(ValueError, match="offset"):
        jour_local(instant.replace(tzinfo=None), "Europe/Paris")


def test_every_departement_has_a_zone_of_this_machine() -> None:
    assert len(DEPARTEMENTS) == 96 + 8
    assert {ZoneInfo(fuseau_du_departement(place)).key for place in DEPARTEMENTS} >= {"Europe/Paris"}


@pytest.mark.parametrize("inconnu", ["", "0", "1", "20", "96", "970", "611", "2a", " 61"])
def test_a_code_that_is_no_departement_is_refused(inconnu: str) -> None:
    jour = date(2026, 5, 7)
    for question in (
        lambda: jours_feries(2026, inconnu),
        lambda: est_ouvre(jour, inconnu),
        lambda: ajouter_jours_ouvres(jour, 0, inconnu),
        lambda: jours_ouvres_entre(jour, jour, inconnu),
        lambda: fuseau_du_departement(inconnu),
    ):
        with pytest.raises(ValueError, match="not a département"):
            question()


# --- Properties -----------------------------------------------------------------------------------------


@properties
@given(JOURS, NOMBRES, LIEUX)
def test_counting_is_the_inverse_of_adding(depuis: date, nombre: int, lieu: str) -> None:
    arrivee = ajouter_jours_ouvres(depuis, nombre, lieu)
    assert jours_ouvres_entre(depuis, arrivee, lieu) == nombre
    assert est_ouvre(arrivee, lieu) or nombre == 0


@properties
@given(JOURS, st.integers(-90, 90), LIEUX)
def test_adding_what_was_counted_comes_back_no_further(depuis: date, ecart: int, lieu: str) -> None:
    jusqua = depuis + timedelta(days=ecart)
    retour = ajouter_jours_ouvres(depuis, jours_ouvres_entre(depuis, jusqua, lieu), lieu)
    assert abs((retour - depuis).days) <= abs(ecart)
    assert retour == jusqua or not est_ouvre(jusqua, lieu)


@properties
@given(JOURS, NOMBRES, LIEUX)
def test_adding_is_monotonous(depuis: date, nombre: int, lieu: str) -> None:
    arrivee = ajouter_jours_ouvres(depuis, nombre, lieu)
    assert ajouter_jours_ouvres(depuis, nombre + 1, lieu) > arrivee
    if nombre:  # 0 is the day itself, worked or not
        assert ajouter_jours_ouvres(depuis + timedelta(days=1), nombre, lieu) >= arrivee


@properties
@given(JOURS, st.integers(0, 60), st.integers(0, 60), LIEUX)
def test_adding_twice_is_adding_the_sum(depuis: date, premier: int, second: int, lieu: str) -> None:
    etape = ajouter_jours_ouvres(depuis, premier, lieu)
    assert ajouter_jours_ouvres(etape, second, lieu) == ajouter_jours_ouvres(depuis, premier + second, lieu)


@properties
@given(JOURS, st.integers(-90, 90), LIEUX)
def test_counting_never_counts_a_day_twice(depuis: date, ecart: int, lieu: str) -> None:
    jusqua = depuis + timedelta(days=ecart)
    milieu = depuis + timedelta(days=ecart // 2)
    entier = jours_ouvres_entre(depuis, jusqua, lieu)
    assert entier == jours_ouvres_entre(depuis, milieu, lieu) + jours_ouvres_entre(milieu, jusqua, lieu)


@properties
@given(JOURS, st.integers(-240, 240))
def test_months_keep_the_day_or_clamp_it(depuis: date, mois: int) -> None:
    arrivee = ajouter_mois(depuis, mois)
    assert (arrivee.year - depuis.year) * 12 + arrivee.month - depuis.month == mois
    assert arrivee.day == depuis.day or (arrivee + timedelta(days=1)).day == 1


@properties
@given(JOURS, st.integers(1, 12))
def test_periods_follow_one_another(debut: date, annees: int) -> None:
    fin = veille_anniversaire(debut, annees)
    assert (fin - debut).days + 1 in {365 * annees + bissextile for bissextile in range(5)}
    assert fin < veille_anniversaire(debut, annees + 1)


# --- An independent witness -----------------------------------------------------------------------------

# What `holidays` gives and the law does not: customs of the Antilles (see the module).
COUTUMES = {
    "971": {"Vendredi saint", "Mi-Carême", "Fête de Victor Schoelcher"},
    "972": {"Vendredi saint", "Fête de Victor Schoelcher"},
    "978": {"Fête de Victor Schoelcher"},
}
SUBDIVISIONS = {"57": "57", "67": "6AE", "68": "6AE", "975": "PM", "977": "BL", "978": "MF"} | {
    lieu: lieu for lieu in ("971", "972", "973", "974", "976")
}


@pytest.mark.parametrize("lieu", ["2A", "61", "75", *SUBDIVISIONS])
def test_the_holidays_are_those_of_another_library(lieu: str) -> None:
    temoin = holidays.country_holidays(
        "FR", subdiv=SUBDIVISIONS.get(lieu), years=range(2015, 2041), language="fr"
    )
    coutumes = COUTUMES.get(lieu, set())
    noms = {nom for jour in temoin for nom in temoin.get_list(jour)}
    assert coutumes <= noms
    attendus = {jour for jour in temoin if not set(temoin.get_list(jour)) <= coutumes}
    assert attendus == {jour for annee in range(2015, 2041) for jour in jours_feries(annee, lieu)}


def test_easter() -> None:
    for annee in range(1900, 2300):
        assert paques(annee) == easter(annee)


def test_the_abolition_of_slavery_is_a_holiday_where_it_happened() -> None:
    assert len(ABOLITION_ESCLAVAGE) == 7
    for lieu, (mois, jour) in ABOLITION_ESCLAVAGE.items():
        assert len(jours_feries(2026, lieu)) == 12
        assert date(2026, mois, jour) in jours_feries(2026, lieu)
    assert len(jours_feries(2026, ORNE)) == 11
    assert not est_ouvre(date(2026, 4, 3), "67")
    assert est_ouvre(date(2026, 4, 3), ORNE)
