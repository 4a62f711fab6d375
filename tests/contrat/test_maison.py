"""The rules of the house on its sources: where one commits, how long a file is, what is used, what is documented."""

import ast
import re
from pathlib import Path

import pytest

from app.config import Settings
from app.kit.jobs import jobs
from tests.contrat import readme_settings
from tests.contrat.outils import APP, RACINE, TESTS, arbre, relatif, sources

LIGNES_APP, LIGNES_TESTS, LIGNES_FONCTION = 300, 500, 40
# What passes a ceiling, and why.
EXCEPTIONS = {
    "app/erreurs.py": "the catalogue, a list to read through",
    "app/droits.py": "the table of rights, one row an action",
    "app/demandes/routes_genre.py::routes_du_genre": "three routes of a few lines, in one place for every kind",
    "app/demandes/filtres.py::filtres": "one parameter a filter, each described for the contract",
    "app/demandes/depots.py::deposer": "one row of twenty-five columns, filled in one place",
}
# Not settings: what the tests of the engine tell its guardian.
HORS_REGLAGES = {"EP_ENGINE_FSYNC"}
GABARITS = {".html", ".txt", ".j2"}

chaque_fichier = pytest.mark.parametrize("fichier", sources(APP), ids=relatif)


def test_un_seul_fichier_valide_les_transactions():
    ecrivent = re.compile(r"\.(commit|rollback|begin)\(")
    fichiers = [relatif(f) for f in sources(APP) if ecrivent.search(f.read_text())]
    assert fichiers == ["app/kit/session.py"]


@pytest.mark.parametrize(
    ("racine", "plafond"), [(APP, LIGNES_APP), (TESTS, LIGNES_TESTS)], ids=["app", "tests"]
)
def test_un_fichier_reste_court(racine, plafond):
    longs = {relatif(f) for f in sources(racine) if len(f.read_text().splitlines()) > plafond}
    assert longs == {nom for nom in EXCEPTIONS if "::" not in nom and nom.startswith(racine.name)}


def test_une_fonction_reste_courte():
    longues = {
        f"{relatif(fichier)}::{noeud.name}"
        for fichier in sources(APP)
        for noeud in ast.walk(arbre(fichier))
        if isinstance(noeud, ast.FunctionDef | ast.AsyncFunctionDef)
        and noeud.end_lineno - noeud.lineno + 1 > LIGNES_FONCTION
    }
    assert longues == {nom for nom in EXCEPTIONS if "::" in nom}


def test_les_init_sont_vides():
    assert [relatif(f) for r in (APP, TESTS) for f in r.rglob("__init__.py") if f.read_text()] == []


@chaque_fichier
def test_un_fichier_n_imprime_rien_et_ne_remet_rien_a_plus_tard(fichier):
    appels = [n.func for n in ast.walk(arbre(fichier)) if isinstance(n, ast.Call)]
    assert not [f for f in appels if isinstance(f, ast.Name) and f.id == "print"]
    assert not re.search(r"\b(TODO|FIXME|XXX|HACK)\b", fichier.read_text())


def _travaux_demandes() -> set[str]:
    """The names given to `enqueue`: a literal, or a name to which literals are assigned in the same file."""
    noms: set[str] = set()
    for fichier in sources(APP):
        for noeud in ast.walk(arbre(fichier)):
            if (
                isinstance(noeud, ast.Call)
                and isinstance(noeud.func, ast.Name)
                and noeud.func.id == "enqueue"
            ):
                trouves = _litteraux(fichier, noeud.args[1])
                assert trouves, f"{relatif(fichier)}:{noeud.lineno}: a job is named by a literal"
                noms |= trouves
    return noms


def _litteraux(fichier: Path, nom: ast.expr) -> set[str]:
    valeurs = [nom]
    if isinstance(nom, ast.Name):
        affectations = [n for n in ast.walk(arbre(fichier)) if isinstance(n, ast.Assign)]
        valeurs = [n.value for n in affectations if ast.unparse(n.targets[0]) == nom.id]
    valeurs = [
        v
        for valeur in valeurs
        for v in ([valeur.body, valeur.orelse] if isinstance(valeur, ast.IfExp) else [valeur])
    ]
    return {valeur.value for valeur in valeurs if isinstance(valeur, ast.Constant)}


def test_chaque_travail_demande_existe_et_chaque_travail_est_demande():
    jobs.perform_import_paths()
    periodiques = {tache.task.name for tache in jobs.periodic_registry.periodic_tasks.values()}
    builtin = {nom for nom in jobs.tasks if nom.startswith(("procrastinate.", "builtin:"))}
    assert set(jobs.tasks) - periodiques - builtin == _travaux_demandes()


@pytest.mark.parametrize("fichier", sources(APP), ids=relatif)
def test_la_boucle_ne_recoit_aucun_tube(fichier):
    """No pipe is given to the loop: uvloop closes its descriptor twice.

    The second time, a piece's file or another call's socket may have taken its number; a socket is closed once.
    """
    appels = {noeud.attr for noeud in ast.walk(arbre(fichier)) if isinstance(noeud, ast.Attribute)}
    assert not appels & {"connect_read_pipe", "connect_write_pipe"}


def test_chaque_gabarit_sert():
    textes = "".join(fichier.read_text() for fichier in sources(APP))
    gabarits = [
        f.relative_to(APP).as_posix()
        for f in APP.rglob("*")
        if f.suffix in GABARITS and {"mails", "gabarits"} & set(f.relative_to(APP).parts)
    ]
    appeles = textes + "".join((APP / gabarit).read_text() for gabarit in gabarits)
    assert gabarits
    inutiles = [g for g in gabarits if f'"{g}"' not in appeles and f'"{Path(g).name}"' not in appeles]
    assert inutiles == []


def test_la_page_de_configuration_est_celle_des_reglages():
    assert readme_settings.FICHIER.read_text() == readme_settings.page(), (
        "run `python -m tests.contrat.readme_settings`"
    )


@pytest.mark.parametrize("nom", Settings.model_fields)
def test_un_reglage_est_explique(nom):
    assert Settings.model_fields[nom].description


def test_chaque_reglage_sert():
    textes = "".join(f.read_text() for f in sources(APP) if f.name != "config.py")
    proprietes = (APP / "config.py").read_text()
    servis = {
        nom
        for nom in Settings.model_fields
        if f"settings().{nom}" in textes or re.search(rf"(return|not|is) .*self\.{nom}\b", proprietes)
    }
    assert set(Settings.model_fields) == servis


def test_chaque_variable_nommee_dans_le_code_est_un_reglage():
    textes = "".join(fichier.read_text() for fichier in [*sources(APP), *sources(RACINE / "migrations")])
    nommees = set(re.findall(r"\bEP_[A-Z]+(?:_[A-Z]+)*\b", textes))
    assert nommees - HORS_REGLAGES <= {f"EP_{nom.upper()}" for nom in Settings.model_fields}
