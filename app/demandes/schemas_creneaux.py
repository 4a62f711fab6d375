"""What an appointment's gestures receive."""

from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    StrictBool,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from app.demandes.regles_creneaux import PLUS_DE_CRENEAUX
from app.demandes.schemas import AvecTexteConfirme
from app.kit.examples import examples
from app.kit.guarded import ONE_LINE, Corps, FreeText, JourPasse, TexteLibre, iso_instant, printable
from app.kit.types import Code, telephone
from app.referentiel.nomenclatures import MODES

InstantPrecis = Annotated[AwareDatetime, BeforeValidator(iso_instant)]
Lieu = Annotated[
    str,
    StringConstraints(min_length=1, max_length=300, pattern=ONE_LINE),
    AfterValidator(printable),
    FreeText(),
]


def lien(texte: str) -> str:
    """Refuse what is not the address of a meeting: https, a host name, nobody's password."""
    try:
        adresse = urlsplit(texte)
        hote = adresse.hostname or ""
    except ValueError:
        hote = ""
    if (
        "." not in hote
        or adresse.scheme != "https"
        or "@" in adresse.netloc
        or any(c.isspace() for c in texte)
    ):
        raise PydanticCustomError("ep_lien", "Une visioconférence se rejoint par un lien https.")
    return texte


LIEUX = {"telephone": telephone, "visio": lien}


class CreneauPropose(Corps):
    debut: InstantPrecis
    fin: InstantPrecis
    mode: Annotated[str, Code(MODES)]
    lieu: Lieu = Field(
        description="Selon le mode : un lieu d'accueil, un numéro de téléphone, un lien https de visioconférence."
    )

    @field_validator("lieu")
    @classmethod
    def selon_le_mode(cls, lieu: str, info: ValidationInfo) -> str:
        forme = LIEUX.get(info.data.get("mode", ""))
        return forme(lieu) if forme else lieu


class Propositions(AvecTexteConfirme):
    model_config = examples(
        {
            "creneaux": [
                {
                    "debut": "2027-01-12T09:00:00+01:00",
                    "fin": "2027-01-12T09:45:00+01:00",
                    "mode": "accueil",
                    "lieu": "Accueil d'Alençon, 34 place du Général-Bonet",
                }
            ]
        }
    )

    creneaux: Annotated[list[CreneauPropose], Field(min_length=1, max_length=PLUS_DE_CRENEAUX)]


class Confirmation(Corps):
    model_config = examples({"creneau_id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a91"})

    creneau_id: UUID


class MotifCreneau(AvecTexteConfirme):
    model_config = examples({"motif": "La personne ne peut pas se déplacer ces jours-là."})

    motif: TexteLibre | None = None


class IssueRendezVous(Corps):
    model_config = examples({"honore": True})

    honore: StrictBool = Field(description="La personne est venue, ou a répondu.")


class Envoi(Corps):
    model_config = examples({"le": "2026-11-24"})

    le: JourPasse = Field(description="Jour de l'envoi par la poste, à l'adresse connue de la caisse (1.2).")
