"""Each act leaves a line of the journal, and each event has its row in the table: read from the code itself."""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator

import pytest

from app.droits import Action
from app.evenements.regles import TYPES, couvre, motif_connu
from app.evenements.service import publier
from app.journal.service import inscrire
from app.kit.jobs import jobs
from tests.contrat.outils import APP, RACINE, arbre, contrat, relatif, routes, sources

# What changes nothing that lasts, or must not tell: each with its reason.
SANS_LIGNE = {
    "rechercher_demandes": "a search, whose words stand in a body (5-6)",
    "examiner_jeton": "an examination: its caller reads what a token of its own is worth",
    "oublier_mot_de_passe": "the call knows nobody, and takes the same time for all: its job writes the line",
}
MUTANTES = [
    route
    for route in routes()
    if route.methods & {"POST", "PUT", "PATCH", "DELETE"} and route.name not in SANS_LIGNE
]
# Names of this shape that are not events: lines of the journal alone, mails, daily rules.
PAS_DES_EVENEMENTS = {
    "cgu.acceptees",
    "compte.activation_renvoyee",
    "revue.rappel",
    "assure.json",  # the file of an export
    "mot_de_passe.change",
    "mot_de_passe.reinitialise",
}
NOM = re.compile(r"([a-z_]+)\.(?!html$)([a-z_]+)")  # and not the name of a page
HORS_CHAMP = {"app/droits.py", "app/cycle_de_vie.py", "app/evenements/regles.py", "app/contract.py"}


def appelees(fonction: Callable[..., object]) -> Iterator[Callable[..., object]]:
    """Yield the functions of the application that a function names: called, passed or listed in a dict."""
    fonction = inspect.unwrap(fonction)
    try:
        noeuds = list(ast.walk(ast.parse(textwrap.dedent(inspect.getsource(fonction)))))
    except (OSError, TypeError, SyntaxError):
        return
    libres = inspect.getclosurevars(fonction) if inspect.isfunction(fonction) else None
    connus = {**fonction.__globals__, **(libres.nonlocals if libres else {})}
    for noeud in noeuds:
        cible = None
        if isinstance(noeud, ast.Name):
            cible = connus.get(noeud.id)
        elif isinstance(noeud, ast.Attribute) and isinstance(noeud.value, ast.Name):
            cible = getattr(connus.get(noeud.value.id), noeud.attr, None)
        if inspect.isfunction(cible) and cible.__module__.startswith("app."):
            yield cible


def mene_a_une_ligne(depart: Callable[..., object]) -> bool:
    """Tell whether a route reaches `inscrire`, by itself or through what it calls."""
    vues, a_voir = set(), [depart]
    while a_voir:
        fonction = a_voir.pop()
        if fonction in {inscrire, publier}:
            return True
        if fonction not in vues:
            vues.add(fonction)
            a_voir += appelees(fonction)
    return False


@pytest.mark.regle("9-1")
@pytest.mark.parametrize("route", MUTANTES, ids=lambda route: route.name)
def test_un_acte_mene_au_journal(route):
    assert mene_a_une_ligne(route.endpoint), (
        f"{route.name}: this route changes something and journals nothing"
    )


def test_les_actes_sans_ligne_existent_et_une_lecture_ne_mene_pas_au_journal():
    """The witness of the others: a check that finds everything proves nothing."""
    noms = {route.name for route in routes()}
    assert set(SANS_LIGNE) <= noms
    lues = [route for route in routes() if route.methods == {"GET"}]
    assert len([route for route in lues if mene_a_une_ligne(route.endpoint)]) < len(lues) // 3


def evenements_du_code() -> dict[str, str]:
    """Every name of an event that the code writes, and where: `ressource.participe` of a known resource."""
    publies = {
        argument.value
        for fichier in sources(APP)
        for noeud in ast.walk(arbre(fichier))
        if isinstance(noeud, ast.Call) and getattr(noeud.func, "id", "") == "publier" and len(noeud.args) > 2
        for argument in ast.walk(noeud.args[2])
        if isinstance(argument, ast.Constant)
        and isinstance(argument.value, str)
        and NOM.fullmatch(argument.value)
    }
    seules = {
        argument.value
        for fichier in sources(APP)
        for noeud in ast.walk(arbre(fichier))
        if isinstance(noeud, ast.Call) and getattr(noeud.func, "id", "") == "inscrire"
        for argument in noeud.args
        if isinstance(argument, ast.Constant)
    }
    jobs.perform_import_paths()
    ressources = {
        nom.partition(".")[0] for nom in (*publies, *TYPES, *_nommes_la_ou_l_on_publie() - set(jobs.tasks))
    }
    ecrits = {
        noeud.value: relatif(fichier)
        for fichier in sources(APP)
        if relatif(fichier) not in HORS_CHAMP
        for noeud in ast.walk(arbre(fichier))
        if isinstance(noeud, ast.Constant)
        and isinstance(noeud.value, str)
        and (lu := NOM.fullmatch(noeud.value))
        and lu[1] in ressources
    }
    a_part = (seules - publies) | PAS_DES_EVENEMENTS
    a_part |= {action.value for action in Action} | set(jobs.tasks)
    return {nom: ou for nom, ou in ecrits.items() if nom not in a_part} | dict.fromkeys(publies, "publier")


def _nommes_la_ou_l_on_publie() -> set[str]:
    """Names of this shape in the files that call `publier`: an event may come by a variable."""
    return {
        noeud.value
        for fichier in sources(APP)
        if "publier(" in fichier.read_text() and relatif(fichier) not in HORS_CHAMP
        for noeud in ast.walk(arbre(fichier))
        if isinstance(noeud, ast.Constant) and isinstance(noeud.value, str) and NOM.fullmatch(noeud.value)
    }


def test_chaque_evenement_du_code_a_sa_ligne_dans_la_table():
    inconnus = {nom: ou for nom, ou in evenements_du_code().items() if nom not in TYPES}
    assert inconnus == {}, (
        "give each its sentence in app/evenements/regles.py and docs/evenements.md, or, when it is no event, its place"
        " in PAS_DES_EVENEMENTS"
    )


def test_chaque_ligne_de_la_table_est_un_evenement_du_code():
    """A name made by a f-string counts by its resource."""
    composes = {
        noeud.values[0].value
        for fichier in sources(APP)
        for noeud in ast.walk(arbre(fichier))
        if isinstance(noeud, ast.JoinedStr) and isinstance(noeud.values[0], ast.Constant)
    }
    ecrits = evenements_du_code()
    assert [
        type_ for type_ in TYPES if type_ not in ecrits and f"{type_.partition('.')[0]}." not in composes
    ] == []


def test_la_documentation_liste_chaque_type_avec_sa_phrase():
    page = (RACINE / "docs" / "evenements.md").read_text()
    lignes = dict(re.findall(r"^\| `([a-z_.]+)` \| (.+) \|$", page, re.MULTILINE))
    assert lignes == TYPES


def test_le_contrat_annonce_un_webhook_par_type():
    annonces = contrat()["webhooks"]
    assert set(annonces) == {*TYPES, "webhook.test"}
    assert all(annonces[type_]["post"]["summary"] == phrase for type_, phrase in TYPES.items())


@pytest.mark.parametrize(
    ("motif", "type_", "attendu"),
    [
        ("*", "demande.deposee", True),
        ("demande.*", "demande.deposee", True),
        ("demande.*", "demandeur.cree", False),
        ("demande.deposee", "demande.deposee", True),
        ("demande.deposee", "demande.cloturee", False),
        ("dem*", "demande.deposee", False),
        ("*.deposee", "demande.deposee", False),
    ],
)
def test_un_motif_couvre_un_type_une_famille_ou_tout(motif, type_, attendu):
    assert couvre(motif, type_) is attendu
    assert motif_connu(motif) is (motif in {"*", "demande.*", "demande.deposee"})
