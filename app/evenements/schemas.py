from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.kit.examples import examples

EXEMPLE = {
    "id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8b",
    "numero": 4812,
    "type": "demande.cloturee",
    "ressource": "demande",
    "ressource_id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8c",
    "partenaire_id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8d",
    "caisse": "611",
    "date": "2026-01-05T09:30:00Z",
    "raison": None,
}


class EvenementLu(BaseModel):
    """Ce qui s'est passé : des identifiants et une date ; le reste se lit, avec ses droits, sur la ressource."""

    model_config = ConfigDict(from_attributes=True, **examples(EXEMPLE))

    id: UUID
    numero: int = Field(description="Dans l'ordre où les évènements deviennent lisibles.")
    type: str
    ressource: str
    ressource_id: str
    partenaire_id: UUID | None
    caisse: str | None
    date: datetime
    raison: str | None = Field(description="`rgpd` quand la ressource a été effacée.")


class Fil(BaseModel):
    """Les évènements qui suivent un numéro, dans l'ordre."""

    model_config = examples({"donnees": [EXEMPLE], "apres": 4812, "suite": False})

    donnees: list[EvenementLu]
    apres: int = Field(description="À donner à la lecture suivante.")
    suite: bool = Field(description="D'autres évènements suivent déjà.")
