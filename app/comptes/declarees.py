"""The refusals that the routes of accounts share, for the contract."""

from app.erreurs import (
    CaisseNonConventionnee,
    CguAAccepter,
    CleIdempotenceReutilisee,
    CurseurInvalide,
    DonneeDeSante,
    EmailNonProfessionnel,
    EtatDuCompte,
    Introuvable,
    JetonInvalide,
    MotDePasseExpire,
    NirInterdit,
    PermissionRefusee,
    RequeteEnCours,
    Validation,
    VersionPerimee,
)

LECTURE = (JetonInvalide, CguAAccepter, MotDePasseExpire, PermissionRefusee, Introuvable, Validation)
LISTE = (JetonInvalide, CguAAccepter, MotDePasseExpire, PermissionRefusee, Validation, CurseurInvalide)
CREATION = (
    *LECTURE,
    CaisseNonConventionnee,
    NirInterdit,
    DonneeDeSante,
    EmailNonProfessionnel,
    CleIdempotenceReutilisee,
    RequeteEnCours,
)
MODIFICATION = (
    *LECTURE,
    CaisseNonConventionnee,
    NirInterdit,
    EmailNonProfessionnel,
    VersionPerimee,
    RequeteEnCours,
)
FIN = (*LECTURE, CaisseNonConventionnee, NirInterdit, DonneeDeSante, EtatDuCompte, RequeteEnCours)
