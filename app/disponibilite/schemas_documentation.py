from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from app.kit.examples import examples
from app.kit.guarded import Corps, Libelle

CODE, VERSION = r"^[a-z][a-z0-9-]{1,63}$", r"^[0-9A-Za-z][0-9A-Za-z.-]{0,31}$"
CodeDocument = Annotated[str, StringConstraints(pattern=CODE)]
VersionDocument = Annotated[str, StringConstraints(pattern=VERSION)]


TAILLE_MAXIMALE, TEXTE_MAXIMAL = 20 * 1024 * 1024, 1024 * 1024  # bytes: of a PDF, of a text


class DocumentationDepot(Corps):
    """What comes beside the file, in the same multipart body."""

    code: CodeDocument
    titre: Libelle
    version: VersionDocument


# The multipart body, which FastAPI does not read by itself: it would write it whole before the caller is known.
CORPS: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["code", "titre", "version", "fichier"],
                    "properties": {
                        "code": {
                            "type": "string",
                            "pattern": CODE,
                            "description": "Le même d'une version à l'autre.",
                            "examples": ["guide-technicien"],
                        },
                        "titre": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 200,
                            "examples": ["Guide du technicien"],
                        },
                        "version": {"type": "string", "pattern": VERSION, "examples": ["2026-12"]},
                        "fichier": {
                            "type": "string",
                            "contentMediaType": "application/octet-stream",
                            "description": "PDF, 20 Mio au plus, ou Markdown en UTF-8, 1 Mio au plus.",
                        },
                    },
                },
                "encoding": {"fichier": {"contentType": "application/pdf, text/markdown"}},
            }
        },
    }
}


class DocumentLu(BaseModel):
    model_config = examples(
        {
            "code": "guide-technicien",
            "titre": "Guide du technicien",
            "version": "2026-11",
            "publie_le": "2026-11-25T09:30:00Z",
            "taille": 5120,
            "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "type_mime": "text/markdown",
            "url": "/v1/documentation/guide-technicien?version=2026-11",
        }
    )

    code: str
    titre: str
    version: str
    publie_le: datetime
    taille: int = Field(description="En octets.")
    sha256: str
    type_mime: str
    url: str = Field(description="Cette version-là ; sans `version`, la dernière publiée.")
