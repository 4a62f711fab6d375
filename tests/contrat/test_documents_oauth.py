"""The checklist of docs/securite/oauth.md names tests that exist."""

import ast
import re

from tests.contrat.outils import RACINE, TESTS, arbre, sources

PAGE = RACINE / "docs" / "securite" / "oauth.md"


def test_chaque_point_nomme_un_test_qui_existe():
    lignes = [ligne for ligne in PAGE.read_text().splitlines() if ligne.startswith("| ")]
    points = [ligne for ligne in lignes if not ligne.startswith("| point |")]
    nommes = {ligne: set(re.findall(r"`(test_\w+)`", ligne)) for ligne in points}
    existants = {
        noeud.name
        for fichier in sources(TESTS)
        for noeud in ast.walk(arbre(fichier))
        if isinstance(noeud, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert len(points) > 30
    assert [ligne for ligne, tests in nommes.items() if not tests] == []
    assert set().union(*nommes.values()) - existants == set()
