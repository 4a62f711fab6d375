"""Rule 5-3: what looks like health data is found, with its place; the domain's own words are not."""

import json
import subprocess
import sys
import unicodedata
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.garde.examen import Constat, Nature, examiner, nirs, sante
from app.garde.texte import plain

pytestmark = pytest.mark.regle("5-3")
CORPUS = Path(__file__).parent / "corpus"
PHRASES = [
    "Mme est diabétique, merci.",
    "Il est hospitalisé depuis lundi.",
    "Suivi pour dépression, IJ non versées.",
]


def corpus(nom: str) -> list[dict[str, Any]]:
    return [json.loads(ligne) for ligne in (CORPUS / nom).read_text("utf-8").splitlines()]


def figures(cas: list[dict[str, Any]]) -> tuple[float, float]:
    """Recall and precision, text by text."""
    trouves = [(bool(sante(c["texte"])), c["label"] == "sante") for c in cas]
    justes = sum(trouve and attendu for trouve, attendu in trouves)
    return justes / sum(a for _, a in trouves), justes / sum(t for t, _ in trouves)


@pytest.mark.parametrize(
    ("nom", "seuil"),
    [
        ("developpement.jsonl", 0.97),
        ("courts.jsonl", 0.97),
        ("reserve.jsonl", 0.9),
        ("reserve_2.jsonl", 0.85),
        ("reserve_3.jsonl", 0.9),
    ],
)
def test_rappel_et_precision(nom: str, seuil: float) -> None:
    rappel, precision = figures(corpus(nom))
    assert rappel >= seuil
    assert precision >= seuil


def test_chaque_passage_est_trouve() -> None:
    trouves = total = 0
    for cas in corpus("developpement.jsonl"):
        lieux = sante(cas["texte"]) if cas["label"] == "sante" else ()
        for passage in cas["passages"] if cas["label"] == "sante" else ():
            debut = cas["texte"].index(passage)
            total += 1
            trouves += any(c.debut < debut + len(passage) and debut < c.fin for c in lieux)
    assert trouves / total >= 0.97


def test_les_corpus_sont_bien_formes() -> None:
    tous = [cas for chemin in CORPUS.glob("*.jsonl") for cas in corpus(chemin.name)]
    assert len(tous) >= 400
    assert len({cas["id"] for cas in tous}) == len(tous)
    assert len({cas["texte"] for cas in tous}) == len(tous)
    for cas in tous:
        assert cas["label"] in {"ok", "sante", "nir"}
        assert all(cas["texte"].count(passage) == 1 for passage in cas["passages"]), cas["id"]


@pytest.mark.parametrize("phrase", PHRASES)
@pytest.mark.parametrize(
    "ecriture",
    [
        str.upper,
        str.lower,
        lambda t: unicodedata.normalize("NFD", t),
        lambda t: plain(t).texte,
        lambda t: t.replace(" ", "\N{NO-BREAK SPACE}"),
        lambda t: t.replace("e", "e\N{ZERO WIDTH SPACE}"),
        lambda t: t.replace("a", "\N{CYRILLIC SMALL LETTER A}"),
    ],
    ids=["majuscules", "minuscules", "decompose", "sans accents", "insecables", "invisibles", "sosies"],
)
def test_toutes_les_ecritures(phrase: str, ecriture: Any) -> None:
    assert sante(ecriture(phrase))


@pytest.mark.parametrize(
    ("texte", "passage"),
    [
        ("Mme a de l’endométriose.", "endométriose"),
        ("Il a été opéré du genou, merci", "opéré du genou"),
        (
            unicodedata.normalize("NFD", "La mère est épileptique."),
            unicodedata.normalize("NFD", "épileptique"),
        ),
        ("😀 Il est sourd.", "sourd"),
        ("Sa sœur… ½ tour ; il est sourd.", "sourd"),
    ],
)
def test_la_place_est_celle_du_texte_donne(texte: str, passage: str) -> None:
    debut = texte.index(passage)
    assert (debut, debut + len(passage)) in {(c.debut, c.fin) for c in sante(texte)}


@pytest.mark.parametrize(
    ("sensible", "licite"),
    [
        ("Mme a de la fièvre.", "Mme Fièvre attend sa carte."),
        ("Il sort de l'hôpital.", "12 rue de l'Hôpital, Flers."),
        ("Il a une ordonnance de son psychiatre.", "Une ordonnance du juge, et le greffe attend."),
        ("Il a fait un avc.", "Vu avc son frère."),
        ("TS en mars, hospitalisée depuis.", "TS référente : Mme Aubry."),
        ("Il a la SEP.", "rdv le 12 sep."),
        ("Sa mère est aveugle.", "Confiance aveugle."),
        ("Suivi au CMP.", "Secrétaire dans un CMP, CDD de six mois."),
        ("Elle a une allergie au gluten.", "Une allergie administrative."),
        ("Elle est enceinte.", "Dans l'enceinte de la mairie."),
        ("Malade depuis mars.", "Assurance maladie : droits fermés."),
        ("Opérée mardi.", "Opération bancaire frauduleuse."),
        ("Elle a un K du sein.", "Voir le k du formulaire."),
        ("Admis en MAS, décision SEP en attente.", "Début sep au mas des oliviers."),
        ("Elle souffre beaucoup.", "Le dossier est en souffrance."),
        ("Une fracture du bras.", "La fracture numérique."),
        ("Il est en bonne santé.", "Bonne année et bonne santé à tous."),
    ],
)
def test_un_mot_deux_sens(sensible: str, licite: str) -> None:
    assert sante(sensible)
    assert sante(licite) == ()


@pytest.mark.parametrize(
    ("sensible", "licite"),
    [
        ("M. est paralysé, le dossier est à refaire.", "Le service est paralysé."),
        ("Le père est handicapé. La demande est urgente.", "Un handicap pour ses démarches."),
        ("La titulaire du compte est malade.", "Notre serveur ameli est tombé malade."),
        ("Elle garde des séquelles, le bug n'y est pour rien.", "Les séquelles du dernier bug."),
        ("Ne pas brusquer Madame : PTSD.", "Mme Fièvre attend sa carte."),
        ("Son employeur ignore qu'elle est à l'HP.", "Son employeur est l'HP de la ville."),
        ("Il est cardiaque, son budget est serré.", "Un budget amputé de moitié."),
        ("Elle fait des cauchemars.", "Ce formulaire est un vrai cauchemar pour tous."),
    ],
)
def test_une_chose_malade_est_une_figure_pas_une_personne(sensible: str, licite: str) -> None:
    assert sante(sensible)
    assert sante(licite) == ()


@pytest.mark.parametrize(
    "mot",
    ["hospitlisé", "dépressoin", "anceinte", "migrene", "schizohprène", "infarctu", "psicologue", "autisste"],
)
def test_un_mot_mal_ecrit_est_entendu(mot: str) -> None:
    assert sante(f"Dit qu'elle a vu {mot} en mars.")


@pytest.mark.parametrize(
    "mot",
    [
        "rumeur",
        "dysfonctionnement",
        "timide",
        "pertes",
        "addition",
        "spécialisé",
        "conteneur",
        "isolation",
        "vaisselle",
        "Guérin",
        "dépendent",
    ],
)
def test_un_mot_voisin_d_une_faute_est_ce_qu_il_est(mot: str) -> None:
    assert sante(f"Le voisin dit {mot} et part.") == ()


def test_les_listes_sont_bien_ecrites() -> None:
    """« (de la) » would be two words, the second obligatory; `?` then `!` would be read as one list."""
    for chemin in (Path(sante.__code__.co_filename).parent / "lexique").glob("*.txt"):
        for ligne in chemin.read_text("utf-8").splitlines():
            articles = [] if ligne.startswith("#") else ligne.split(",")
            mots = [mot for article in articles for mot in article.split()]
            assert all(mot.startswith("(") == mot.endswith(")") for mot in mots), (chemin.name, ligne)
            assert not any(a.rfind("!") > a.find("?") >= 0 for a in articles), (chemin.name, ligne)


def test_les_termes_d_une_caisse() -> None:
    texte = "Il revient des Lilas bleus et parle du protocole zéphyr."
    assert sante(texte) == ()
    (premier, second) = sante(texte, ["lilas bleu", "Zephyr"])
    assert texte[premier.debut : premier.fin] == "Lilas bleus"
    assert texte[second.debut : second.fin] == "zéphyr"
    assert sante("Les zéphyriens.", ["zephyr*"])
    assert sante("rien", ["", "  ", "...", "*"]) == ()


def test_les_deux_natures_dans_l_ordre() -> None:
    texte = "Diabétique, n° 1 84 12 14 876 055, sous insuline."
    assert [c.nature for c in examiner(texte)] == [Nature.SANTE, Nature.NIR, Nature.SANTE]
    assert examiner("n° 1 84 12 14 876 055", ["876"]) == nirs("n° 1 84 12 14 876 055")


def test_un_constat_ne_porte_pas_le_texte() -> None:
    assert {f.name for f in fields(Constat)} == {"nature", "debut", "fin"}
    (constat,) = sante("Il est diabétique")
    assert "diab" not in repr(constat)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_aucun_texte_ne_fait_tomber_la_garde(texte: str) -> None:
    constats = examiner(texte, ["mot"])
    assert all(0 <= c.debut < c.fin <= len(texte) for c in constats)
    assert list(constats) == sorted(constats, key=lambda c: c.debut)


@pytest.mark.parametrize(
    "motif", ["cancer ", "a", "ne ", "Mme ", "rue de la ", "mal a la ", "é\u0301", "\u200b", "\ufdfa"]
)
def test_un_texte_hostile_est_lu_jusqu_au_bout(motif: str) -> None:
    """A pattern that backtracks would never return; `make garde` gives the time, and its ratio to the length."""
    texte = (motif * 10_000)[:10_000]
    assert all(0 <= c.debut < c.fin <= len(texte) for c in sante(texte))


def test_la_garde_ne_charge_que_la_bibliotheque_standard() -> None:
    code = (
        "import sys; from app.garde.examen import examiner; examiner('a');"
        "print([m for m in ('fastapi', 'sqlalchemy', 'pydantic', 'socket') if m in sys.modules])"
    )
    sortie = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert sortie.stdout.strip() == "[]"
