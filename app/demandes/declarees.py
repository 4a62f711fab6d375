"""The refusals of the routes of requests, for the contract."""

from app.erreurs import (
    CaisseNonConventionnee,
    ConsentementManquant,
    DemarcheEnCours,
    FonctionnaliteInactive,
    RequeteEnCours,
    TransitionInterdite,
    VersionPerimee,
)
from app.kit import refusals

FONCTION = (CaisseNonConventionnee, FonctionnaliteInactive)
LECTURE = (*refusals.LECTURE, *FONCTION)
LISTE = (*refusals.LISTE, *FONCTION)
DEPOT = (*refusals.CREATION, *refusals.TEXTE, *FONCTION, ConsentementManquant, DemarcheEnCours)
GESTE = (*LECTURE, TransitionInterdite, VersionPerimee, RequeteEnCours)
GESTE_AVEC_TEXTE = (*GESTE, *refusals.TEXTE)
