from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Body
from pydantic import BaseModel, Field, StrictBool

from app.kit.examples import examples
from app.kit.guarded import Corps, Horodatage, Nom, TexteLibre, Titre
from app.kit.types import Email, Telephone
from app.referentiel.regles import Importance

PERSONNE = {
    "nom": "Lemoine",
    "prenom": "Agnès",
    "fonction": "Référente partenaires",
    "telephone": "+33233000000",
    "email": "agnes.lemoine@cpam-orne.example",
}
MAXIMUM = 20


class ReferentDepot(Corps):
    model_config = examples(PERSONNE)

    nom: Nom
    prenom: Nom
    fonction: Nom
    telephone: Telephone
    email: Email = Field(description="Professionnelle : aucun fournisseur grand public (2.2.1).")


ListeDepot = Annotated[list[ReferentDepot], Body(max_length=MAXIMUM, examples=[[PERSONNE]])]


class ReferentLu(BaseModel):
    """Art. 3.3 : à qui s'adresser, quand le portail ne suffit pas ou ne répond pas."""

    model_config = examples(PERSONNE)

    nom: str
    prenom: str
    fonction: str
    telephone: str
    email: str


AVIS = {
    "titre": "Accueil fermé vendredi",
    "texte": "L'accueil de L'Aigle est fermé vendredi ; les demandes déposées ici sont traitées comme d'habitude.",
    "importance": "importante",
    "debut": "2026-01-08T23:00:00Z",
    "fin": "2026-01-09T23:00:00Z",
}


class AvisDepot(Corps):
    model_config = examples(AVIS | {"fin": "2036-01-09T23:00:00Z"})

    titre: Titre
    texte: TexteLibre
    importance: Importance = Importance.INFORMATION
    debut: Horodatage | None = Field(
        default=None, description="Début de ce qui est annoncé ; par défaut, maintenant."
    )
    fin: Horodatage | None = Field(
        default=None, description="Fin de ce qui est annoncé : l'avis quitte alors la liste courante."
    )
    texte_confirme: StrictBool = False


class AvisLu(BaseModel):
    model_config = examples(
        {"id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8b", "caisse": "611"}
        | AVIS
        | {"publie_le": "2026-01-05T09:30:00Z", "fini": False}
    )

    id: UUID
    caisse: str
    titre: str
    texte: str
    importance: Importance
    debut: datetime
    fin: datetime | None
    publie_le: datetime
    fini: bool
