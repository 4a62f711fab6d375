"""The refusals that most routes share, for the contract: each chapter adds its own."""

from app.erreurs import (
    CguAAccepter,
    CleIdempotenceReutilisee,
    CurseurInvalide,
    DonneeDeSante,
    Introuvable,
    JetonInvalide,
    MotDePasseExpire,
    NirInterdit,
    PermissionRefusee,
    RequeteEnCours,
    ReseauNonAutorise,
    Validation,
    VersionPerimee,
)

ACCES = (JetonInvalide, ReseauNonAutorise, CguAAccepter, MotDePasseExpire, PermissionRefusee)
LECTURE = (*ACCES, Introuvable, Validation)
LISTE = (*ACCES, Validation, CurseurInvalide)
CREATION = (*ACCES, Validation, NirInterdit, CleIdempotenceReutilisee, RequeteEnCours)
MODIFICATION = (*LECTURE, NirInterdit, VersionPerimee, RequeteEnCours)
TEXTE = (NirInterdit, DonneeDeSante)
