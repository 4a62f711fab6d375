from datetime import datetime
from typing import Annotated

from fastapi import UploadFile
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.kit.examples import examples
from app.kit.guarded import Corps, Libelle

CODE, VERSION = r"^[a-z][a-z0-9-]{1,63}$", r"^[0-9A-Za-z][0-9A-Za-z.-]{0,31}$"
CodeDocument = Annotated[str, StringConstraints(pattern=CODE)]
VersionDocument = Annotated[str, StringConstraints(pattern=VERSION)]


class DocumentDepot(Corps):
    model_config = ConfigDict(extra="forbid")

    code: CodeDocument = Field(description="Le même d'une version à l'autre.", examples=["guide-technicien"])
    titre: Libelle = Field(examples=["Guide du technicien"])
    version: VersionDocument = Field(examples=["2026-12"])
    fichier: UploadFile = Field(
        description="PDF, ou Markdown en UTF-8 ; la taille d'un corps de requête au plus."
    )


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
