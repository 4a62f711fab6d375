from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.kit.examples import examples


class LigneDuJournal(BaseModel):
    """Une ligne du journal : des identifiants, jamais un nom ni un texte."""

    model_config = ConfigDict(
        from_attributes=True,
        **examples(
            {
                "numero": 4812,
                "le": "2026-01-05T09:30:00Z",
                "acteur_id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8b",
                "role": "technicien",
                "action": "demande.deposee",
                "ressource": "demande",
                "ressource_id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8c",
                "empreinte": "9f2c7d0e5b1a4c8f3e6d9b2a7c5f1e8d4b6a3c9f2e7d1b5a8c4f6e3d9b2a7c5f",
                "precedente": "1b5a8c4f6e3d9b2a7c5f1e8d4b6a3c9f2e7d1b5a8c4f6e3d9b2a7c5f9f2c7d0e",
            }
        ),
    )

    numero: int = Field(description="Croissant dans l'ordre des actes ; un numéro peut manquer à ce lecteur.")
    le: datetime
    acteur_id: UUID | None = Field(description="Compte ou application ; null pour le système.")
    role: str
    action: str
    ressource: str
    ressource_id: str
    empreinte: str = Field(description="SHA-256 de la ligne et de la précédente.")
    precedente: str | None = Field(description="Empreinte de la ligne précédente de la même chaîne.")
