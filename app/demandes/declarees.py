"""The refusals of the routes of requests, for the contract."""

from app.erreurs import (
    CaisseNonConventionnee,
    CleIdempotenceReutilisee,
    ConsentementManquant,
    CurseurInvalide,
    DemarcheEnCours,
    FonctionnaliteInactive,
    PartenaireNonHabilite,
    PieceIllisible,
    PieceIndisponible,
    PieceInfectee,
    PieceTropGrande,
    RequeteEnCours,
    TransitionInterdite,
    TropDePieces,
    TypeDePieceRefuse,
    VersionPerimee,
)
from app.kit import refusals

FONCTION = (CaisseNonConventionnee, FonctionnaliteInactive)
LECTURE = (*refusals.LECTURE, *FONCTION)
LISTE = (*refusals.LISTE, *FONCTION)
DEPOT = (*refusals.CREATION, *refusals.TEXTE, *FONCTION, ConsentementManquant, DemarcheEnCours)
GESTE = (*LECTURE, TransitionInterdite, VersionPerimee, RequeteEnCours)
GESTE_AVEC_TEXTE = (*GESTE, *refusals.TEXTE)
LECTURE_PIECES = (*LECTURE, CurseurInvalide)
TELECHARGEMENT = (*LECTURE, PieceIndisponible)
PIECE = (
    *LECTURE,
    TransitionInterdite,
    PartenaireNonHabilite,
    TropDePieces,
    PieceTropGrande,
    TypeDePieceRefuse,
    PieceIllisible,
    PieceInfectee,
    CleIdempotenceReutilisee,
    RequeteEnCours,
)
