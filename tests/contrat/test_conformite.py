"""The conformity report is that of the marks, and every mark names a rule of the convention."""

import ast

import pytest

from tests import conformite

MARQUES = sorted(set(conformite.marques()))


def test_le_rapport_est_celui_des_marques():
    assert conformite.FICHIER.read_text() == conformite.rapport(), "run `make conformite`"


@pytest.mark.parametrize(("regle", "test"), MARQUES, ids=[f"{regle}-{test}" for regle, test in MARQUES])
def test_une_marque_nomme_une_regle_de_la_convention(regle, test):
    assert regle in conformite.REGLES, test


def test_les_soixante_treize_regles_ont_leur_phrase():
    assert len(conformite.REGLES) == 73
    assert all(phrase.endswith(".") and len(phrase) <= 110 for phrase in conformite.REGLES.values())
    assert len(set(conformite.REGLES.values())) == len(conformite.REGLES)


def test_le_rapport_lit_toutes_les_marques():
    """A mark on a parameter would prove a rule that the report does not show."""
    ecrites = sum(
        isinstance(noeud, ast.Attribute) and noeud.attr == "regle"
        for fichier in conformite.TESTS.rglob("test_*.py")
        for noeud in ast.walk(ast.parse(fichier.read_text()))
    )
    assert ecrites == len(list(conformite.marques()))
