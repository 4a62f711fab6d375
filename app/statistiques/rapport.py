"""The figures drawn, for people who would rather look: SVG made here, and a table beside each drawing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from fastapi.responses import HTMLResponse

from app.demandes.regles import Issue
from app.referentiel.nomenclatures import TYPES
from app.statistiques.schemas import LigneStatistique
from app.vitrine import pages

LARGEUR, HAUTEUR = 640, 180  # of a drawing, in its own units
MOIS_DESSINES = 12
SORTS = ("ouvertes", *(issue.value for issue in Issue), "annulees")
LIBELLES = ("En cours", "Traitées", "Rejetées", "Sans suite", "Service social", "Annulées")
MOIS = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")


@dataclass(frozen=True, slots=True)
class Colonne:
    """A month: its bar, from the ground up; None when its figure is left unsaid."""

    nom: str
    x: float
    largeur: float
    hauteur: float
    valeur: int | None


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar: `rang` tells which of the six fates it is."""

    rang: int
    x: float
    largeur: float


@dataclass(frozen=True, slots=True)
class Bande:
    """A kind of request: what became of its requests, and how long they took."""

    nom: str
    sorts: Sequence[int | None]
    parts: Sequence[Part]
    ligne: LigneStatistique
    mediane: float | None
    decile: float | None


@dataclass(frozen=True, slots=True)
class Planche:
    """What is drawn of one caisse."""

    caisse: str
    colonnes: Sequence[Colonne]
    bandes: Sequence[Bande]


def rendre(par_mois: Iterable[LigneStatistique], par_type: Iterable[LigneStatistique]) -> HTMLResponse:
    mois = {caisse: list(lignes) for caisse, lignes in _par_caisse(par_mois)}
    planches = [
        Planche(caisse, _colonnes(mois.get(caisse, [])), _bandes(list(lignes)))
        for caisse, lignes in _par_caisse(par_type)
    ]
    return pages.page("rapport.html", planches=planches, libelles=LIBELLES, largeur=LARGEUR, hauteur=HAUTEUR)


def _par_caisse(lignes: Iterable[LigneStatistique]) -> Iterator[tuple[str, Iterator[LigneStatistique]]]:
    return groupby(sorted(lignes, key=lambda ligne: ligne.caisse), key=lambda ligne: ligne.caisse)


def _colonnes(lignes: Sequence[LigneStatistique]) -> list[Colonne]:
    """Draw the last months in which something was filed, the highest as high as the drawing."""
    gardees = sorted(lignes, key=lambda ligne: ligne.mois or "")[-MOIS_DESSINES:]
    plus_haut = max((ligne.deposees or 0 for ligne in gardees), default=0) or 1
    pas = LARGEUR / (len(gardees) or 1)
    return [
        Colonne(
            _nom_du_mois(ligne.mois or ""),
            rang * pas + pas * 0.15,
            pas * 0.7,
            HAUTEUR * (ligne.deposees or 0) / plus_haut,
            ligne.deposees,
        )
        for rang, ligne in enumerate(gardees)
    ]


def _nom_du_mois(mois: str) -> str:
    annee, _, rang = mois.partition("-")
    return f"{MOIS[int(rang) - 1]} {annee[2:]}"


def _bandes(lignes: Sequence[LigneStatistique]) -> list[Bande]:
    plus_long = max((ligne.delai_cloture.neuvieme_decile or 0 for ligne in lignes), default=0) or 1
    return [_bande(ligne, plus_long) for ligne in lignes if ligne.type]


def _bande(ligne: LigneStatistique, plus_long: int) -> Bande:
    sorts = [ligne.ouvertes, *ligne.issues.values(), ligne.annulees]
    total, x, parts = sum(valeur or 0 for valeur in sorts) or 1, 0.0, []
    for rang, valeur in enumerate(sorts):
        largeur = LARGEUR * (valeur or 0) / total
        if largeur:
            parts.append(Part(rang, x, largeur))
        x += largeur
    mediane, decile = ligne.delai_cloture.mediane, ligne.delai_cloture.neuvieme_decile
    return Bande(
        TYPES[ligne.type.value] if ligne.type else "",
        sorts,
        parts,
        ligne,
        None if mediane is None else LARGEUR * mediane / plus_long,
        None if decile is None else LARGEUR * decile / plus_long,
    )
