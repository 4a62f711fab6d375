from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool, StringConstraints

from app.comptes.regles import Civilite, Etat
from app.droits import Role
from app.kit.examples import examples
from app.kit.guarded import Corps, Libelle, Nom, TexteLibre
from app.kit.types import CodeCaisse, Email, Telephone

IDENTITE = {
    "civilite": "mme",
    "nom": "Lemoine",
    "prenom": "Agnès",
    "fonction": "Chargée d'accompagnement",
    "telephone": "+33233000000",
    "email": "agnes.lemoine@cpam-orne.example",
}


class Identite(Corps):
    """Art. 2.2.1 : toutes ces données sont obligatoires."""

    civilite: Civilite
    nom: Nom
    prenom: Nom
    fonction: Libelle
    telephone: Telephone
    email: Email


class AgentCreation(Identite):
    model_config = examples({"caisse": "611"} | IDENTITE)

    caisse: CodeCaisse


class Inactivation(Corps):
    model_config = examples({"motif": "Départ de la caisse"})

    motif: TexteLibre
    texte_confirme: StrictBool = False


COMPTE: dict[str, Any] = {
    "id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8d",
    "identifiant": "a-7kq3m9xz",
    "role": "agent_caisse",
    "statut": "actif",
    **IDENTITE,
    "cree_le": "2026-01-05T09:30:00Z",
    "active_le": "2026-01-05T10:00:00Z",
    "inactive_le": None,
    "motif_inactivation": None,
    "supprime_le_prevu": None,
    "derniere_connexion_le": "2026-01-06T08:12:00Z",
    "gestionnaire_id": None,
    "exclu": False,
}


class CompteLu(BaseModel):
    model_config = examples(COMPTE)

    id: UUID
    identifiant: str
    role: Role
    statut: Etat
    civilite: Civilite
    nom: str
    prenom: str
    fonction: str
    telephone: str
    email: str
    cree_le: datetime
    active_le: datetime | None
    inactive_le: datetime | None
    motif_inactivation: str | None
    supprime_le_prevu: date | None = Field(description="Six mois après l'inactivation (2.2.3).")
    derniere_connexion_le: datetime | None
    gestionnaire_id: UUID | None
    exclu: bool


class CguLues(BaseModel):
    model_config = examples(
        {"version": "2026-11", "texte": "L'Espace Partenaires…", "publiee_le": "2026-11-01T00:00:00Z"}
    )

    version: str
    texte: str
    publiee_le: datetime


Version = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,40}$")]


class CguAcceptation(Corps):
    model_config = examples({"version": "2026-11"})

    version: Version


class CguPublication(Corps):
    model_config = examples({"version": "2027-01", "texte": "L'Espace Partenaires est réservé…"})

    version: Version
    texte: str = Field(min_length=1, max_length=200_000)
