"""The refusals that the routes of requests share, for the contract."""

from app.erreurs import (
    CaisseNonConventionnee,
    CguAAccepter,
    CleIdempotenceReutilisee,
    ConsentementManquant,
    CurseurInvalide,
    DemarcheEnCours,
    DonneeDeSante,
    FonctionnaliteInactive,
    Introuvable,
    JetonInvalide,
    MotDePasseExpire,
    NirInterdit,
    PermissionRefusee,
    RequeteEnCours,
    TransitionInterdite,
    Validation,
    VersionPerimee,
)

LECTURE = (
    JetonInvalide,
    CguAAccepter,
    MotDePasseExpire,
    PermissionRefusee,
    CaisseNonConventionnee,
    FonctionnaliteInactive,
    Validation,
)
LISTE = (*LECTURE, CurseurInvalide)
DEPOT = (
    *LECTURE,
    NirInterdit,
    DonneeDeSante,
    ConsentementManquant,
    DemarcheEnCours,
    CleIdempotenceReutilisee,
    RequeteEnCours,
)
GESTE = (*LECTURE, Introuvable, TransitionInterdite, VersionPerimee, RequeteEnCours)
GESTE_AVEC_TEXTE = (*GESTE, NirInterdit, DonneeDeSante)
