"""What the routes of accounts share: their address, their refusals, and how an account is shown."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Response

from app.comptes.lecture import compte_lu
from app.comptes.schemas import CompteLu
from app.comptes.tables import Compte
from app.erreurs import (
    CaisseNonConventionnee,
    EmailNonProfessionnel,
    EtatDuCompte,
    Introuvable,
    RequeteEnCours,
)
from app.kit import refusals
from app.kit.etag import digest, show_version

CREATION = (
    *refusals.CREATION,
    *refusals.TEXTE,
    Introuvable,
    CaisseNonConventionnee,
    EmailNonProfessionnel,
)
MODIFICATION = (*refusals.MODIFICATION, CaisseNonConventionnee, EmailNonProfessionnel)
FIN = (*refusals.LECTURE, *refusals.TEXTE, CaisseNonConventionnee, EtatDuCompte, RequeteEnCours)
Id = Annotated[UUID, Path(alias="id", description="Identifiant du compte.")]


def montrer(response: Response, compte: Compte) -> CompteLu:
    """Show an account; its tag changes with its day's state, its last sign-in, who manages it."""
    lu = compte_lu(compte)
    show_version(response, compte.version, digest(lu))
    return lu
