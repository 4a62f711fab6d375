"""The refusals of the accounts' routes, for the contract."""

from app.erreurs import (
    CaisseNonConventionnee,
    EmailNonProfessionnel,
    EtatDuCompte,
    Introuvable,
    RequeteEnCours,
)
from app.kit import refusals

CREATION = (
    *refusals.CREATION,
    *refusals.TEXTE,
    Introuvable,
    CaisseNonConventionnee,
    EmailNonProfessionnel,
)
MODIFICATION = (*refusals.MODIFICATION, CaisseNonConventionnee, EmailNonProfessionnel)
FIN = (*refusals.LECTURE, *refusals.TEXTE, CaisseNonConventionnee, EtatDuCompte, RequeteEnCours)
