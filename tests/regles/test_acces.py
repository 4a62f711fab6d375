"""Art. 2.1: how long a sign-in waits, from the failures alone."""

from datetime import UTC, datetime, timedelta

import pytest

from app.acces.regles import (
    ECHECS_PAR_ADRESSE,
    ECHECS_PAR_JOUR,
    FENETRE,
    JOURNEE,
    attente_adresse,
    attente_compte,
)

MAINTENANT = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
RIEN = timedelta(0)


def echecs(*secondes: float) -> list[datetime]:
    """Return failures so many seconds ago, oldest first."""
    return sorted(MAINTENANT - timedelta(seconds=seconde) for seconde in secondes)


@pytest.mark.parametrize("nombre", range(5))
def test_moins_de_cinq_echecs_ne_coutent_rien(nombre):
    assert attente_compte(echecs(*range(1, nombre + 1)), MAINTENANT) == RIEN


@pytest.mark.parametrize(
    ("nombre", "delai"),
    [(5, 30), (6, 60), (7, 120), (8, 240), (9, 480), (10, 900), (11, 900), (24, 900)],
)
def test_le_delai_double_a_chaque_echec_jusqu_au_quart_d_heure(nombre, delai):
    assert attente_compte(echecs(*[0] * nombre), MAINTENANT) == timedelta(seconds=delai)


def test_le_delai_court_depuis_le_dernier_echec_et_finit():
    for ecoule, reste in ((0, 30), (10, 20), (29, 1), (30, 0), (31, 0), (600, 0)):
        assert attente_compte(echecs(*[ecoule] * 5), MAINTENANT) == timedelta(seconds=reste), ecoule


def test_ce_qui_est_plus_vieux_que_la_fenetre_ne_compte_plus():
    fenetre = FENETRE.total_seconds()
    assert attente_compte(echecs(*[fenetre + 1] * 20, 1, 1, 1, 1), MAINTENANT) == RIEN
    assert attente_compte(echecs(*[fenetre] * 4, 0), MAINTENANT) == RIEN
    assert attente_compte(echecs(*[fenetre - 1] * 4, 0), MAINTENANT) == timedelta(seconds=30)


def test_vingt_cinq_essais_par_jour_au_plus():
    anciens = [20 * 3600.0] * (ECHECS_PAR_JOUR - 1)
    assert attente_compte(echecs(*anciens), MAINTENANT) == RIEN
    assert attente_compte(echecs(*anciens, 3600), MAINTENANT) == timedelta(hours=4)
    journee = JOURNEE.total_seconds()
    assert attente_compte(echecs(*[journee - 1] * ECHECS_PAR_JOUR), MAINTENANT) == timedelta(seconds=1)
    assert attente_compte(echecs(*[60.0] * ECHECS_PAR_JOUR), MAINTENANT) == JOURNEE - timedelta(minutes=1)


def test_une_adresse_a_cent_echecs_dans_le_quart_d_heure():
    assert attente_adresse(echecs(*[60.0] * (ECHECS_PAR_ADRESSE - 1)), MAINTENANT) == RIEN
    assert attente_adresse(echecs(*[60.0] * ECHECS_PAR_ADRESSE), MAINTENANT) == timedelta(minutes=14)
    assert attente_adresse(echecs(*[901.0] * 500, *[1.0] * 99), MAINTENANT) == RIEN


@pytest.mark.parametrize("nombre", [0, 1, 5, 25, 60, 100, 300])
def test_aucune_attente_n_est_negative(nombre):
    for ecoule in (0, 1, 899, 900, 86_399):
        liste = echecs(*[ecoule] * nombre)
        assert attente_compte(liste, MAINTENANT) >= RIEN
        assert attente_adresse(liste, MAINTENANT) >= RIEN
