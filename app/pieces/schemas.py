from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from app.kit.examples import examples
from app.pieces.regles import Antivirus, MotifRefus, RaisonEffacement, Sens, StatutPiece
from app.referentiel.nomenclatures import PIECES

EXEMPLE: dict[str, Any] = {
    "id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7b01",
    "demande_id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a90",
    "sens": "entrante",
    "nature": "justificatif_ressources",
    "statut": "acceptee",
    "motif_refus": None,
    "antivirus": "saine",
    "type_mime": "application/pdf",
    "taille": 184320,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "deposant_id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8e",
    "deposee_le": "2026-11-20T09:31:00Z",
    "analysee_le": "2026-11-20T09:31:00Z",
    "effacee_le": None,
    "raison_effacement": None,
}

# The multipart body, which FastAPI does not read by itself: it would write it whole before the route runs.
CORPS: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["fichier", "nature"],
                    "properties": {
                        "fichier": {
                            "type": "string",
                            "contentMediaType": "application/octet-stream",
                            "description": "PDF, JPEG ou PNG, 10 Mio au plus ; son nom n'est pas lu.",
                        },
                        "nature": {
                            "type": "string",
                            "enum": sorted(PIECES),
                            "description": "La nature de la pièce (`nature_piece` de GET /v1/nomenclatures).",
                        },
                    },
                },
                "encoding": {"fichier": {"contentType": "application/pdf, image/jpeg, image/png"}},
            }
        },
    }
}


class PieceLue(BaseModel):
    """Une pièce d'une demande ; son contenu se lit à part."""

    model_config = examples(EXEMPLE)

    id: UUID
    demande_id: UUID
    sens: Sens = Field(description="`entrante` vers la caisse, `sortante` vers le partenaire habilité (1.3).")
    nature: str
    statut: StatutPiece
    motif_refus: MotifRefus | None
    antivirus: Antivirus
    type_mime: str = Field(description="Ce que disent les octets, non le nom ni l'en-tête envoyés.")
    taille: int | None = Field(description="Octets ; null une fois la pièce effacée.")
    sha256: str | None = Field(description="Empreinte du contenu déposé ; null une fois la pièce effacée.")
    deposant_id: UUID
    deposee_le: datetime
    analysee_le: datetime | None
    effacee_le: datetime | None
    raison_effacement: RaisonEffacement | None
