from datetime import date
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool

from app.conventions.regles import Cause, ObjetResilie, Partie, StatutConvention
from app.droits import Fonctionnalite
from app.kit.examples import examples
from app.kit.guarded import Corps, Jour, JourProche, Libelle, TexteLibre
from app.kit.types import CodeCaisse


class Metier(Corps):
    """La convention métier sur laquelle s'appuie la convention d'utilisation."""

    reference: Libelle
    signee_le: Jour


class FonctionnalitesConvention(Corps):
    """Art. 1.2 : pour cette convention ; null suit le choix de la caisse."""

    model_config = examples({"rendez_vous": False, "document": None, "signalement": True})

    contact: StrictBool | None = None
    etude_dossier: StrictBool | None = None
    signalement: StrictBool | None = None
    rendez_vous: StrictBool | None = None
    document: StrictBool | None = None
    historique: StrictBool | None = None

    def choix(self) -> dict[Fonctionnalite, bool | None]:
        return {f: getattr(self, f.value) for f in Fonctionnalite}


CREATION = {
    "partenaire_id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8b",
    "metier": {"reference": "2025-06-23-043", "signee_le": "2025-06-23"},
    "signee_partenaire_le": "2025-06-23",
    "signee_caisse_le": "2025-07-01",
    "tacite_reconduction": True,
}


class ConventionCreation(Corps):
    model_config = examples(CREATION)

    partenaire_id: UUID
    caisse: CodeCaisse | None = Field(default=None, description="Par défaut, la caisse de l'agent.")
    metier: Metier
    signee_partenaire_le: Jour | None = None
    signee_caisse_le: Jour | None = None
    tacite_reconduction: StrictBool = True
    fonctionnalites: FonctionnalitesConvention | None = None


class Signature(Corps):
    model_config = examples({"partie": "caisse", "le": "2025-07-01"})

    partie: Partie
    le: Jour


class Suspension(Corps):
    model_config = examples({"motif": "Usage non conforme signalé le 20 novembre"})

    motif: TexteLibre
    texte_confirme: StrictBool = False


class Denonciation(Corps):
    model_config = examples(
        {"partie": "partenaire", "le": "2025-11-20", "motif": "Fin du partenariat, décidée par le conseil"}
    )

    partie: Partie
    le: JourProche = Field(
        description="Jour de la dénonciation : la période en cours ce jour-là est la dernière."
    )
    motif: TexteLibre
    texte_confirme: StrictBool = False


class Resiliation(Corps):
    model_config = examples(
        {"objet": "metier", "cause": "accord", "le": "2025-12-31", "motif": "D'un commun accord"}
    )

    objet: ObjetResilie
    cause: Cause
    partie: Partie | None = Field(default=None, description="Qui résilie ; null : les deux, d'accord.")
    le: JourProche = Field(description="Premier jour sans convention ; à venir, elle prend fin ce jour-là.")
    mise_en_demeure_id: UUID | None = Field(default=None, description="Pour un manquement, et lui seul.")
    motif: TexteLibre
    texte_confirme: StrictBool = False


class MetierLu(BaseModel):
    """La convention métier : sa fin, quelle qu'en soit la cause, est celle de la convention d'utilisation."""

    reference: str
    signee_le: date
    resiliee_le: date | None


class DenonciationLue(BaseModel):
    partie: Partie
    le: date
    motif: str


class ResiliationLue(BaseModel):
    objet: ObjetResilie
    cause: Cause
    partie: Partie | None
    le: date
    motif: str
    mise_en_demeure_id: UUID | None


LUE = (
    {"id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8c", "caisse": "611", "statut": "en_vigueur"}
    | CREATION
    | {"metier": {"reference": "2025-06-23-043", "signee_le": "2025-06-23", "resiliee_le": None}}
    | {"signee_le": "2025-07-01", "debut_le": "2025-07-01", "fin_le": "2026-06-30", "objet": None}
    | {"fonctionnalites": {f.value: None for f in Fonctionnalite}}
    | {"denonciation": None, "resiliation": None}
)


class ConventionLue(BaseModel):
    model_config = examples(LUE)

    id: UUID
    partenaire_id: UUID
    caisse: str
    statut: StatutConvention
    metier: MetierLu
    signee_partenaire_le: date | None
    signee_caisse_le: date | None
    signee_le: date | None = Field(description="Date de la dernière signature.")
    debut_le: date | None
    fin_le: date | None = Field(
        description="Veille de l'anniversaire, ou jour fixé par avenant ; reconduite, fin de la période en cours."
    )
    tacite_reconduction: bool = Field(description="Telle que signée, ou changée par avenant.")
    objet: str | None = Field(description="Ce que la convention couvre, tel qu'un avenant l'a écrit.")
    fonctionnalites: dict[str, bool | None] = Field(description="null : comme la caisse.")
    denonciation: DenonciationLue | None
    resiliation: ResiliationLue | None = Field(description="Enregistrée, qu'elle ait pris effet ou non.")
