from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StrictInt
from pydantic_core import PydanticCustomError

from app.comptes.regles import Civilite, Etat, LienStructure
from app.droits import Role
from app.habilitations.regles_revue import (
    ECHEANCE_MAXIMALE_ANNEES,
    PERIODICITE_MAXIMALE,
    DecisionRevue,
    StatutRevue,
)
from app.kit.calendrier import ajouter_mois
from app.kit.clock import today
from app.kit.examples import examples
from app.kit.guarded import Corps, Jour

PARTENAIRE = "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8b"
TECHNICIEN = "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8e"


def _a_venir(jour: date) -> date:
    if not today() <= jour <= ajouter_mois(today(), 12 * ECHEANCE_MAXIMALE_ANNEES):
        raise PydanticCustomError(
            "ep_echeance", "L'échéance ne peut être ni passée, ni à plus de cinq ans d'aujourd'hui."
        )
    return jour


class RevueOuverture(Corps):
    model_config = examples({"partenaire_id": PARTENAIRE, "echeance": "2027-01-31", "periodicite_mois": 12})

    partenaire_id: UUID | None = Field(
        default=None,
        description="Sans lui : une revue pour chaque partenaire dont la convention est en vigueur.",
    )
    echeance: Annotated[Jour, AfterValidator(_a_venir)]
    periodicite_mois: Annotated[StrictInt, Field(ge=1, le=PERIODICITE_MAXIMALE)] | None = Field(
        default=None,
        description="Une revue close se rouvre d'elle-même, ce nombre de mois après son ouverture.",
    )


class DecisionPrise(Corps):
    model_config = examples({"compte_id": TECHNICIEN, "decision": "maintenir"})

    compte_id: UUID
    decision: DecisionRevue = Field(
        description="`inactiver` met fin aussitôt au compte d'un technicien ; pour un gestionnaire, la décision "
        "est notée et la caisse avertie : elle seule met fin à son compte (2.2.3)."
    )


LIGNES: list[dict[str, Any]] = [
    {
        "compte_id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8d",
        "role": "gestionnaire",
        "decision": None,
        "decidee_le": None,
    },
    {
        "compte_id": TECHNICIEN,
        "role": "technicien",
        "decision": "maintenir",
        "decidee_le": "2026-12-02T09:30:00Z",
    },
]
REVUE: dict[str, Any] = {
    "id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a93",
    "partenaire_id": PARTENAIRE,
    "caisse": "611",
    "statut": "ouverte",
    "echeance": "2027-01-31",
    "periodicite_mois": 12,
    "ouverte_le": "2026-12-01T09:30:00Z",
    "close_le": None,
    "en_retard": False,
    "lignes": LIGNES,
}


class LigneLue(BaseModel):
    model_config = examples(*LIGNES)

    compte_id: UUID
    role: Role
    decision: DecisionRevue | None
    decidee_le: datetime | None


class RevueLue(BaseModel):
    model_config = examples(REVUE)

    id: UUID
    partenaire_id: UUID
    caisse: str
    statut: StatutRevue
    echeance: date
    periodicite_mois: int | None
    ouverte_le: datetime
    close_le: datetime | None
    en_retard: bool = Field(description="Échéance dépassée, sans clôture.")
    lignes: list[LigneLue] = Field(description="Les comptes de la structure à l'ouverture, hors inactifs.")


class RevuesOuvertes(BaseModel):
    """Les revues ouvertes d'un coup pour les partenaires de la caisse."""

    model_config = examples({"donnees": [REVUE], "deja_ouvertes": ["01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a94"]})

    donnees: list[RevueLue]
    deja_ouvertes: list[UUID] = Field(
        description="Partenaires laissés de côté : ils ont déjà une revue ouverte."
    )


class LigneTableau(BaseModel):
    """Un compte dans le tableau des habilitations (4.2)."""

    model_config = examples(
        {
            "partenaire_id": PARTENAIRE,
            "raison_sociale": "CIAS du Pays de l'Aigle",
            "identifiant": "t-7kq3m9xz",
            "role": "technicien",
            "statut": "actif",
            "civilite": "mme",
            "nom": "Martel",
            "prenom": "Claire",
            "fonction": "Assistante sociale",
            "email": "c.martel@cias-aigle.example",
            "lien": "employe",
            "cree_le": "2026-01-05T09:30:00Z",
            "active_le": "2026-01-05T10:00:00Z",
            "fin_prevue_le": None,
            "inactive_le": None,
            "motif_inactivation": None,
            "derniere_connexion_le": "2026-01-06T08:12:00Z",
            "exclu": False,
            "gestionnaire_id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8d",
        }
    )

    partenaire_id: UUID
    raison_sociale: str
    identifiant: str
    role: Role
    statut: Etat
    civilite: Civilite
    nom: str
    prenom: str
    fonction: str
    email: str
    lien: LienStructure | None
    cree_le: datetime
    active_le: datetime | None
    fin_prevue_le: date | None
    inactive_le: datetime | None
    motif_inactivation: str | None
    derniere_connexion_le: datetime | None
    exclu: bool
    gestionnaire_id: UUID | None
