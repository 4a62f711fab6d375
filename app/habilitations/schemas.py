from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool

from app.comptes.schemas import IDENTITE, Identite
from app.habilitations.regles import Nature, NatureIncident, StatutHabilitation
from app.kit.examples import examples
from app.kit.guarded import Corps, Jour, JourPasse, Libelle, Nom, TexteLibre
from app.kit.types import Email, Telephone


class ModificationsDemandees(Corps):
    """Art. 2.2.2 : ce que la caisse peut changer à la demande du partenaire."""

    telephone: Telephone | None = None
    email: Email | None = None
    fonction: Libelle | None = None
    nom: Nom | None = None


class HabilitationDepot(Corps):
    model_config = examples(
        {"nature": "creation", "identite": IDENTITE | {"email": "a.lemoine@cias-aigle.example"}}
    )

    nature: Nature
    partenaire_id: UUID | None = Field(default=None, description="Par l'agent, au nom du partenaire.")
    gestionnaire_id: UUID | None = None
    successeur_id: UUID | None = None
    identite: Identite | None = None
    modifications: ModificationsDemandees | None = None
    effet_le: Jour | None = Field(default=None, description="Inactivation : quinze jours à l'avance (2.2.3).")
    effet: Literal["immediat"] | None = Field(default=None, description="Par l'agent : sans préavis.")
    motif: TexteLibre | None = None
    texte_confirme: StrictBool = False


class HabilitationAcceptation(Corps):
    model_config = examples({"effet": "immediat"})

    effet: Literal["immediat"] | None = Field(
        default=None, description="Inactivation : tout de suite plutôt qu'à la date souhaitée."
    )


class HabilitationLue(BaseModel):
    model_config = examples(
        {
            "id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a91",
            "nature": "creation",
            "statut": "deposee",
            "partenaire_id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8b",
            "caisse": "611",
            "gestionnaire_id": None,
            "successeur_id": None,
            "identite": IDENTITE,
            "modifications": None,
            "effet_le": None,
            "motif": None,
            "deposee_le": "2026-11-20T09:30:00Z",
            "echeance": "2026-11-27",
            "en_retard": False,
            "decidee_le": None,
            "motif_refus": None,
            "compte_id": None,
        }
    )

    id: UUID
    nature: Nature
    statut: StatutHabilitation
    partenaire_id: UUID
    caisse: str
    gestionnaire_id: UUID | None
    successeur_id: UUID | None
    identite: dict[str, str] | None
    modifications: dict[str, str] | None
    effet_le: date | None
    motif: str | None
    deposee_le: datetime
    echeance: date = Field(description="Cinq jours ouvrés de la caisse (2.2.1).")
    en_retard: bool
    decidee_le: datetime | None
    motif_refus: str | None
    compte_id: UUID | None = Field(description="Le compte ouvert par l'acceptation d'une création.")


class IncidentDepot(Corps):
    model_config = examples(
        {
            "nature": "perte",
            "compte_id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8e",
            "constate_le": "2026-11-24",
            "preuve": "Déclaration de perte n° 2026-118",
            "description": "Carnet contenant le mot de passe perdu dans un train.",
        }
    )

    nature: NatureIncident
    compte_id: UUID
    constate_le: JourPasse
    preuve: TexteLibre
    description: TexteLibre
    texte_confirme: StrictBool = False


class IncidentLu(BaseModel):
    model_config = examples(
        {
            "id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a92",
            "nature": "perte",
            "compte_id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8e",
            "partenaire_id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8b",
            "constate_le": "2026-11-24",
            "preuve": "Déclaration de perte n° 2026-118",
            "description": "Carnet contenant le mot de passe perdu dans un train.",
            "declare_le": "2026-11-24T15:00:00Z",
            "compte_coupe": True,
        }
    )

    id: UUID
    nature: NatureIncident
    compte_id: UUID
    partenaire_id: UUID | None
    constate_le: date
    preuve: str
    description: str
    declare_le: datetime
    compte_coupe: bool = Field(description="Le compte a été inactivé aussitôt (4.1).")
