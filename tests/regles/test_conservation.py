"""Art. 5, 7.1: from when what is held about a person is kept no more."""

from datetime import date
from typing import Any

import pytest

from app.conventions.regles import Termes
from app.rgpd.regles import conservation_depuis, echeance, echeance_du_retrait


def jour(texte: str) -> date:
    return date.fromisoformat(texte)


def convention(signee: str | None, **reste: Any) -> Termes:
    le = jour(signee) if signee else None
    return Termes(le, le, **reste)


AVRIL = convention("2025-04-18")  # runs through 17 April, and again


@pytest.mark.regle("7-1")
@pytest.mark.parametrize(
    ("cloture", "conventions", "depuis"),
    [
        ("2025-06-02", [AVRIL], "2026-04-17"),
        ("2026-04-17", [AVRIL], "2026-04-17"),  # the last day of the year is in it
        ("2026-04-18", [AVRIL], "2027-04-17"),  # renewed that day
        ("2025-04-18", [AVRIL], "2026-04-17"),
        ("2025-04-17", [AVRIL], "2025-04-17"),  # not yet in force
        ("2025-06-02", [], "2025-06-02"),
        ("2025-06-02", [convention(None)], "2025-06-02"),  # never signed
        ("2025-06-02", [convention("2025-04-18", suspendue=True)], "2026-04-17"),  # suspended: it still runs
        ("2026-06-02", [convention("2025-04-18", tacite_reconduction=False)], "2026-06-02"),  # ended before
        (
            "2026-06-02",
            [convention("2025-04-18", tacite_reconduction=False), convention("2026-05-04")],
            "2027-05-03",
        ),
        ("2026-06-02", [AVRIL, convention("2026-05-04")], "2027-05-03"),  # two at once: the later end
        ("2025-06-02", [convention("2025-04-18", resiliee_le=jour("2025-09-01"))], "2025-08-31"),  # cut short
        ("2025-09-02", [convention("2025-04-18", resiliee_le=jour("2025-09-01"))], "2025-09-02"),
        (
            "2025-06-02",
            [convention("2025-04-18", denoncee_le=jour("2025-05-01"))],
            "2026-04-17",
        ),  # to its end
        ("2024-03-01", [convention("2024-02-29")], "2025-02-28"),  # a full year from 29 February
        ("2027-12-31", [convention("2024-02-29")], "2028-02-28"),
    ],
)
def test_la_conservation_part_de_la_fin_de_l_annee_de_la_convention(cloture, conventions, depuis):
    assert conservation_depuis(jour(cloture), conventions) == jour(depuis)


@pytest.mark.regle("5-5")
@pytest.mark.parametrize(
    ("cloture", "mois", "attendue"),
    [
        ("2025-08-31", 6, "2026-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2025-12-31", 2, "2026-02-28"),
        ("2025-06-15", 24, "2027-06-15"),
    ],
)
def test_les_mois_sont_ceux_du_calendrier(cloture, mois, attendue):
    assert echeance(jour(cloture), [], mois) == jour(attendue)


@pytest.mark.regle("7-1")
def test_jamais_avant_la_fin_de_l_annee_meme_avec_la_plus_courte_conservation():
    assert echeance(jour("2025-04-20"), [AVRIL], 1) == jour("2026-05-17")
    assert echeance(jour("2025-04-20"), [], 1) == jour("2025-05-20")


def test_un_consentement_retire_n_attend_pas_la_convention():
    assert echeance_du_retrait(jour("2026-01-31"), 30) == jour("2026-03-02")
    assert echeance_du_retrait(jour("2026-01-31"), 0) == jour("2026-01-31")
