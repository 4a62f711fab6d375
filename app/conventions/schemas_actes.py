"""Avenants, formal notices and the history of the functions: what is sent, what is read."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from app.conventions.regles import Partie
from app.conventions.schemas import FonctionnalitesConvention
from app.droits import Fonctionnalite
from app.kit.examples import examples
from app.kit.guarded import Corps, JourProche, TexteLibre

CONVENTION, AVENANT, MISE_EN_DEMEURE = (f"01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a{n}" for n in ("8c", "8d", "8e"))


class Modifications(Corps):
    """Les termes qu'un avenant change ; ce qui n'y est pas reste."""

    tacite_reconduction: StrictBool | None = None
    fonctionnalites: FonctionnalitesConvention | None = Field(
        default=None, description="Celles qui changent ; null suit de nouveau la caisse."
    )
    fin_le: JourProche | None = Field(
        default=None, description="Dernier jour de la période où tombe l'avenant."
    )
    objet: TexteLibre | None = None

    @model_validator(mode="after")
    def une_au_moins(self) -> Self:
        termes = (self.tacite_reconduction, self.fin_le, self.objet, self.choix() or None)
        if all(terme is None for terme in termes):
            raise PydanticCustomError("ep_sans_effet", "Un avenant change au moins un terme.")
        return self

    def choix(self) -> dict[Fonctionnalite, bool | None]:
        """Return the functions that change: those that were sent, null included."""
        envoyes = self.fonctionnalites.model_fields_set if self.fonctionnalites else set()
        return {f: getattr(self.fonctionnalites, f.value) for f in Fonctionnalite if f.value in envoyes}


MODIFICATIONS = {"fin_le": "2026-12-31", "fonctionnalites": {"rendez_vous": False}}


class AvenantDepot(Corps):
    model_config = examples(
        {"le": "2026-01-01", "objet": "Fin reportée au 31 décembre", "modifications": MODIFICATIONS}
    )

    le: JourProche = Field(description="Jour à partir duquel les termes changent ; il peut être à venir.")
    objet: TexteLibre
    modifications: Modifications
    texte_confirme: StrictBool = False


class ModificationsLues(BaseModel):
    tacite_reconduction: bool | None
    fonctionnalites: dict[str, bool | None] = Field(
        description="Celles qui changent ; null : comme la caisse."
    )
    fin_le: date | None
    objet: str | None


class AvenantLu(BaseModel):
    model_config = examples(
        {
            "id": AVENANT,
            "convention_id": CONVENTION,
            "le": "2026-01-01",
            "objet": "Fin reportée au 31 décembre",
            "modifications": {"tacite_reconduction": None, "objet": None} | MODIFICATIONS,
            "enregistre_le": "2025-12-15T09:30:00Z",
        }
    )

    id: UUID
    convention_id: UUID
    le: date
    objet: str
    modifications: ModificationsLues
    enregistre_le: datetime


class MiseEnDemeureDepot(Corps):
    model_config = examples(
        {"partie": "caisse", "recue_le": "2025-11-03", "motif": "Identifiants prêtés malgré deux rappels"}
    )

    partie: Partie = Field(description="Celle qui met en demeure.")
    recue_le: JourProche = Field(description="Jour de réception de la lettre recommandée.")
    motif: TexteLibre
    texte_confirme: StrictBool = False


class Reparation(Corps):
    model_config = examples({"le": "2025-11-20"})

    le: JourProche


class MiseEnDemeureLue(BaseModel):
    model_config = examples(
        {
            "id": MISE_EN_DEMEURE,
            "convention_id": CONVENTION,
            "partie": "caisse",
            "recue_le": "2025-11-03",
            "motif": "Identifiants prêtés malgré deux rappels",
            "resiliable_le": "2025-12-03",
            "reparee_le": None,
        }
    )

    id: UUID
    convention_id: UUID
    partie: Partie
    recue_le: date
    motif: str
    resiliable_le: date = Field(description="Premier jour où le manquement permet la résiliation.")
    reparee_le: date | None


class Choix(BaseModel):
    """Un choix, quand il s'applique, quand et par qui il a été fait."""

    active: bool | None = Field(description="null : comme la caisse.")
    a_compter_du: date | None = Field(description="null : depuis le début.")
    modifie_le: datetime
    auteur_id: UUID | None = Field(description="Identifiant neutre ; null pour le système.")
    avenant_id: UUID | None


class FonctionnaliteConvention(BaseModel):
    fonctionnalite: Fonctionnalite
    active: bool | None = Field(description="Pour cette convention ; null : comme la caisse.")
    defaut: bool = Field(description="Pour tous les partenaires de la caisse.")
    ouverte: bool = Field(description="Ce qui en résulte aujourd'hui, convention en vigueur.")
    modifie_le: datetime | None
    auteur_id: UUID | None
    historique: list[Choix] = Field(description="Du plus récent au plus ancien, à venir compris.")


EXEMPLE_FONCTIONNALITES = [
    {
        "fonctionnalite": "rendez_vous",
        "active": False,
        "defaut": True,
        "ouverte": False,
        "modifie_le": "2025-12-15T09:30:00Z",
        "auteur_id": CONVENTION,
        "historique": [
            {
                "active": False,
                "a_compter_du": "2025-12-15",
                "modifie_le": "2025-12-15T09:30:00Z",
                "auteur_id": CONVENTION,
                "avenant_id": None,
            }
        ],
    }
]
