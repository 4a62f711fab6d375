"""Art. 4.2: when a review is late, when it is reminded of, when it opens again."""

from datetime import date, timedelta

import pytest

from app.habilitations.regles_revue import (
    StatutRevue,
    echeance_suivante,
    en_retard,
    rappel_du,
    reouverture_due,
)

ECHEANCE = date(2026, 12, 31)


@pytest.mark.regle("4.2-1")
@pytest.mark.parametrize(
    ("statut", "ecart", "attendu"),
    [
        (StatutRevue.OUVERTE, -1, False),
        (StatutRevue.OUVERTE, 0, False),
        (StatutRevue.OUVERTE, 1, True),
        (StatutRevue.CLOSE, 1, False),
    ],
)
def test_le_retard_commence_le_lendemain_de_l_echeance(statut, ecart, attendu):
    assert en_retard(statut, ECHEANCE, ECHEANCE + timedelta(days=ecart)) is attendu


@pytest.mark.regle("4.2-1")
@pytest.mark.parametrize(
    ("ecart", "dernier", "attendu"),
    [
        (-8, None, False),
        (-7, None, True),
        (-7, -8, True),
        (-7, -7, False),
        (3, 2, True),
        (3, 3, False),
        (3, 4, False),
    ],
)
def test_un_rappel_par_jour_a_partir_de_sept_jours_avant(ecart, dernier, attendu):
    rappele_le = None if dernier is None else ECHEANCE + timedelta(days=dernier)
    assert rappel_du(ECHEANCE, rappele_le, ECHEANCE + timedelta(days=ecart)) is attendu


@pytest.mark.regle("4.2-1")
@pytest.mark.parametrize(
    ("ouverte", "mois", "jour", "attendu"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 27), False),
        (date(2026, 8, 31), 6, date(2027, 2, 28), True),
        (date(2026, 8, 31), 6, date(2027, 9, 1), True),
        (date(2026, 8, 31), None, date(2030, 1, 1), False),
    ],
)
def test_l_intervalle_se_compte_en_mois_de_calendrier(ouverte, mois, jour, attendu):
    assert reouverture_due(ouverte, mois, jour) is attendu


def test_la_suivante_laisse_autant_de_jours():
    assert echeance_suivante(date(2026, 1, 1), date(2026, 1, 31), date(2026, 7, 1)) == date(2026, 7, 31)
