"""Inside a folder, a sheet imports downward only; its rank is the first word of its name, else that of a service."""

import ast

import pytest

from tests.contrat.outils import APP, arbre, relatif, sources

DOSSIERS = (
    "acces",
    "applications",
    "comptes",
    "conventions",
    "demandes",
    "disponibilite",
    "evenements",
    "habilitations",
    "journal",
    "portail",
    "provenance",
    "pieces",
    "referentiel",
    "rgpd",
    "vitrine",
    "webhooks",
)
RANGS = {
    "routes": 7,
    "signalements": 7,  # the kinds of requests: their fields and their routes
    "etudes": 7,
    "rendez": 7,
    "documents": 7,
    "contacts": 7,
    "interruption": 7,  # in front of every route, it knows the caller as a route does
    "guard": 6,
    "jobs": 6,
    "lecture": 4,
    "queries": 3,
    "schemas": 2,
    "oauth": 2,
    "parametres": 2,
    "genres": 1.5,
    "tables": 1,
    "regles": 0,
    "pseudonyme": 2.5,
    "assure": 0,
    "phonetique": 0,
    "adresses": 0,
    "quotas": 0,
    "nomenclatures": 0,
}
SERVICE = 5
FEUILLES = [f for dossier in DOSSIERS for f in sources(APP / dossier) if f.name != "__init__.py"]


def rang(feuille: str) -> float:
    return RANGS.get(feuille, RANGS.get(feuille.split("_", maxsplit=1)[0], SERVICE))


def importees(fichier) -> set[str]:
    """The modules of the application that a file imports, by their dotted names."""
    noms = set()
    for noeud in ast.walk(arbre(fichier)):
        if isinstance(noeud, ast.ImportFrom) and noeud.module and noeud.module.startswith("app"):
            noms |= {noeud.module} | {f"{noeud.module}.{alias.name}" for alias in noeud.names}
    return noms


@pytest.mark.parametrize("fichier", FEUILLES, ids=relatif)
def test_une_feuille_n_importe_que_plus_bas_dans_son_dossier(fichier):
    dossier, voisines = f"app.{fichier.parent.name}.", {f.stem for f in sources(fichier.parent)}
    feuilles = {nom.removeprefix(dossier) for nom in importees(fichier) if nom.startswith(dossier)} & voisines
    assert [feuille for feuille in sorted(feuilles) if rang(feuille) > rang(fichier.stem)] == []


@pytest.mark.parametrize("fichier", sources(APP), ids=relatif)
def test_seules_les_routes_connaissent_le_garde(fichier):
    if importees(fichier) & {"app.acces.guard", "app.portail.guard_pages"}:
        assert rang(fichier.stem) == RANGS["routes"] or relatif(fichier) == "app/portail/guard_pages.py"


@pytest.mark.parametrize("fichier", FEUILLES, ids=relatif)
def test_personne_n_importe_des_routes_sauf_d_autres_routes(fichier):
    routes = [nom for nom in importees(fichier) if ".routes" in nom]
    assert not routes or rang(fichier.stem) == RANGS["routes"]
