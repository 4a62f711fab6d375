from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StrictBool, StringConstraints
from pydantic_core import PydanticCustomError

from app.disponibilite.regles_dysfonctionnement import Geste, StatutDysfonctionnement
from app.droits import Fonctionnalite, Role
from app.kit.clock import now
from app.kit.examples import examples
from app.kit.guarded import Corps, Horodatage, Libelle, TexteLibre, Titre
from app.kit.types import CodeCaisse

HORLOGES = timedelta(minutes=5)


def _arrive(instant: datetime) -> datetime:
    if instant > now() + HORLOGES:
        raise PydanticCustomError("ep_futur", "Un dysfonctionnement est déjà arrivé.")
    return instant


SIGNALE = {
    "caisse": "611",
    "titre": "Une pièce jointe ne s'envoie pas",
    "description": "L'envoi s'arrête à la moitié, avec deux fichiers différents, depuis ce matin.",
    "survenu_le": "2026-01-05T09:30:00Z",
    "fonctionnalite": "document",
    "identifiant_requete": "0f8a2c1e-7b1d-4a58-9a63-2f0c1d9e7b44",
    "navigateur_ou_logiciel": "Firefox 140",
    "bloquant": True,
}


class DysfonctionnementDepot(Corps):
    model_config = examples(SIGNALE)

    caisse: CodeCaisse | None = Field(
        default=None, description="La caisse à prévenir ; par défaut, la seule qui est ouverte à l'appelant."
    )
    titre: Titre
    description: TexteLibre = Field(description="Ce qui était fait, ce qui était attendu, ce qui est arrivé.")
    survenu_le: Annotated[Horodatage, AfterValidator(_arrive)]
    fonctionnalite: Fonctionnalite | None = None
    identifiant_requete: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")] | None = Field(
        default=None, description="X-Request-Id de la réponse : il retrouve l'appel dans les traces."
    )
    navigateur_ou_logiciel: Libelle | None = None
    bloquant: StrictBool = Field(description="Empêche-t-il de travailler ?")
    texte_confirme: StrictBool = False


class MessageDysfonctionnement(Corps):
    model_config = examples({"message": "Videz le cache du navigateur, puis réessayez."})

    message: TexteLibre
    texte_confirme: StrictBool = False


class Transmission(Corps):
    model_config = examples({"motif": "Constaté aussi de notre côté."})

    motif: TexteLibre | None = None
    texte_confirme: StrictBool = False


class ClotureDysfonctionnement(Corps):
    model_config = examples({"message": "Corrigé ce matin."})

    message: TexteLibre | None = None
    texte_confirme: StrictBool = False


class AuteurDysfonctionnement(BaseModel):
    id: UUID
    nom_affiche: str


class EchangeLu(BaseModel):
    auteur: AuteurDysfonctionnement | None
    role: Role
    geste: Geste
    texte: str
    le: datetime


AUTEUR = {"id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8e", "nom_affiche": "Claire MARTEL"}


class DysfonctionnementLu(BaseModel):
    model_config = examples(
        {
            "id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8b",
            "partenaire_id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8c",
        }
        | SIGNALE
        | {"statut": "signale", "auteur": AUTEUR, "signale_le": "2026-01-05T09:40:00Z"}
        | {"modifie_le": "2026-01-05T09:40:00Z", "transmis_le": None, "resolu_le": None, "echanges": []}
        | {"actions_possibles": ["complement", "cloture"]}
    )

    id: UUID
    caisse: str
    partenaire_id: UUID | None = Field(description="null : signalé par la caisse elle-même.")
    titre: str
    description: str
    survenu_le: datetime
    fonctionnalite: Fonctionnalite | None
    identifiant_requete: str | None
    navigateur_ou_logiciel: str | None
    bloquant: bool
    statut: StatutDysfonctionnement
    auteur: AuteurDysfonctionnement | None = Field(
        description="null pour l'administrateur : le support national ne connaît pas les personnes des structures."
    )
    signale_le: datetime
    modifie_le: datetime
    transmis_le: datetime | None
    resolu_le: datetime | None
    echanges: list[EchangeLu] = Field(description="Du plus ancien au plus récent.")
    actions_possibles: list[str]
