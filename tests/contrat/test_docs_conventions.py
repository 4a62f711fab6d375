"""The worked dates of docs/conventions.md, computed again."""

import re
from datetime import date

import pytest

from app.conventions.regles import Changement, Termes, fin_de_periode, statut, termes_au
from tests.contrat.outils import RACINE

PAGE = (RACINE / "docs" / "conventions.md").read_text()
JOUR = r"(\d{4}-\d{2}-\d{2})"
EXEMPLES = re.findall(rf"^\| {JOUR} \| (.*?)\| {JOUR} \| (\w+) \| {JOUR} \|$", PAGE, re.MULTILINE)


def termes(debut: str, acte: str) -> Termes:
    jours = [date.fromisoformat(jour) for jour in re.findall(JOUR, acte)]
    nature = acte.split(maxsplit=1)[0] if acte.strip() else ""
    return Termes(
        date.fromisoformat(debut),
        date.fromisoformat(debut),
        nature != "not",
        denoncee_le=jours[0] if nature == "denounced" else None,
        resiliee_le=jours[0] if nature == "terminated" else None,
        changements=(Changement(jours[0], fin_le=jours[1]),) if nature == "avenant" else (),
    )


def test_la_page_donne_des_exemples_de_chaque_sorte():
    assert {acte.split(maxsplit=1)[0] if acte.strip() else "" for _, acte, *_ in EXEMPLES} == {
        "",
        "not",
        "denounced",
        "terminated",
        "avenant",
    }


@pytest.mark.parametrize(("debut", "acte", "jour", "etat", "fin"), EXEMPLES)
def test_un_exemple_de_la_page_est_juste(debut, acte, jour, etat, fin):
    le = date.fromisoformat(jour)
    lus = termes_au(termes(debut, acte), le)
    assert (statut(lus, le).value, str(fin_de_periode(lus, le))) == (etat, fin)
