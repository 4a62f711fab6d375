"""A sixth kind of request is a sheet, a table, a migration and its rights: nothing else names a kind."""

import ast

import pytest

from app.demandes.genres import GENRES
from app.demandes.regles import PREFIXES, TRANSITIONS, Type
from app.droits import DROITS, Fonctionnalite
from app.kit.csv import cell
from app.referentiel.nomenclatures import TYPES
from app.referentiel.regles import DELAIS_PROPOSES
from tests.contrat.outils import APP, arbre, relatif, sources

# Where a kind is named, and what it says there.
DU_GENRE = {
    "app/api_v1.py": "its router",
    "app/chapitres.py": "the sentence that presents its chapter",
    "app/demandes/etudes.py": "its sheet: its own fields and its sign",
    "app/demandes/genres.py": "its entry",
    "app/demandes/regles.py": "its name and the prefix of its references",
    "app/demandes/tables.py": "its table",
    "app/droits.py": "who files it",
    "app/referentiel/nomenclatures.py": "its label",
}
# A kind is also a function of the convention (1.2), which a caisse opens and closes.
DE_LA_FONCTION = {
    "app/conventions/schemas.py": "opened or closed for one convention",
    "app/referentiel/regles.py": "the delay that we propose",
    "app/referentiel/schemas.py": "opened or closed by the caisse, and its delay",
    "app/vitrine/membres.py": "the example of a refusal",
    "app/vitrine/pages.py": "its name on the public page",
}
NOMS = ("etude_dossier", "etudes", "ETUDE", "Etude", "Études de dossier")


def nomment(fichier) -> bool:
    """Tell whether a file names the kind in its code: a name, an attribute, an import or a text."""
    for noeud in ast.walk(arbre(fichier)):
        mots = [
            getattr(noeud, attribut)
            for attribut in ("id", "attr", "name", "arg", "module", "value")
            if isinstance(getattr(noeud, attribut, None), str)
        ]
        if any(nom in mot for nom in NOMS for mot in mots):
            return True
    return False


def test_un_genre_n_est_nomme_que_la_ou_il_se_declare():
    assert {relatif(f) for f in sources(APP) if nomment(f)} == set(DU_GENRE) | set(DE_LA_FONCTION)


@pytest.mark.parametrize("feuille", ["depots", "historique", "lecture", "queries", "routes", "service"])
def test_le_mecanisme_commun_ne_connait_aucun_genre(feuille):
    """No test of a kind: what differs is asked of its entry."""
    attributs = {
        noeud.attr
        for noeud in ast.walk(arbre(APP / "demandes" / f"{feuille}.py"))
        if isinstance(noeud, ast.Attribute) and isinstance(noeud.value, ast.Name) and noeud.value.id == "Type"
    }
    assert attributs == set()


@pytest.mark.parametrize("type_", Type)
def test_chaque_genre_est_declare_entier(type_):
    genre = GENRES[type_]
    colonnes = set(genre.table.__table__.columns.keys())
    assert colonnes == {"demande_id", *genre.champs, *genre.ensuite}
    for suite in genre.suites.values():
        assert {"demande_id", *suite.champs, *suite.ordre} <= set(suite.table.__table__.columns.keys())
    assert type_.fonctionnalite in Fonctionnalite
    assert DELAIS_PROPOSES[type_.fonctionnalite] > 0
    assert TYPES[cell(type_)]
    deposent = [action for action, droit in DROITS.items() if droit.fonctionnalite is type_.fonctionnalite]
    assert len(deposent) == 1


def test_les_registres_ont_les_memes_genres():
    assert set(GENRES) == set(PREFIXES) == set(Type)
    assert {type_.value for type_ in Type} == set(TYPES)
    assert len(set(PREFIXES.values())) == len(Type)
    assert {Fonctionnalite(t.value) for t in Type} == set(Fonctionnalite) - {Fonctionnalite.HISTORIQUE}


def test_un_geste_propre_est_ouvert_par_un_genre_au_moins():
    propres = {geste for geste, transition in TRANSITIONS.items() if transition.propre}
    textes = "".join((APP / "demandes" / f).read_text() for f in ("genres.py", "regles_creneaux.py"))
    assert [geste for geste in propres if f"Geste.{geste.name}" not in textes] == []
