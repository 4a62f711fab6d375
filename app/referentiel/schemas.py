import re
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StrictBool, StrictInt
from pydantic_core import PydanticCustomError

from app.droits import Fonctionnalite
from app.kit.examples import examples
from app.kit.guarded import Corps, Libelle
from app.kit.types import CodeCaisse, Domaine, Email, Siret
from app.referentiel.adresses import grand_public
from app.referentiel.regles import DEPARTEMENTS, TypePartenaire


def _departement(value: str) -> str:
    if value.upper() not in DEPARTEMENTS:
        raise PydanticCustomError(
            "ep_departement", "Ce code de département n'existe pas (01 à 95, 2A, 2B, 971…)."
        )
    return value.upper()


Departement = Annotated[str, Field(max_length=3, examples=["61"]), AfterValidator(_departement)]
Departements = Annotated[list[Departement], Field(min_length=1, max_length=101)]
Effectif = Annotated[StrictInt, Field(ge=1, le=100_000, description="Nombre de membres de la structure.")]
Delai = Annotated[StrictInt, Field(ge=1, le=250, description="Jours ouvrés.")]


def _professionnel(domaine: str) -> str:
    if grand_public(domaine):
        raise PydanticCustomError(
            "ep_grand_public", "Le domaine d'un fournisseur grand public n'est pas celui d'une structure."
        )
    return domaine


Domaines = Annotated[
    list[Annotated[Domaine, AfterValidator(_professionnel)]],
    Field(max_length=20, description="Domaines des adresses professionnelles de la structure (2.2.1)."),
]


class Delais(Corps):
    """Délais visés par la caisse, en jours ouvrés ; ceux livrés avec le logiciel ne sont que des propositions."""

    signalement: Delai | None = None
    etude_dossier: Delai | None = None
    rendez_vous: Delai | None = None
    document: Delai | None = None
    contact: Delai | None = None


COURT = 3


def mots_de_la_garde(terme: str) -> str:
    """Accept words as people write them; a final star stands for any ending."""
    mots = re.split(r"[ '’-]", terme.removesuffix("*"))
    if not all(mot.isalpha() for mot in mots) or max(map(len, mots)) < COURT:
        raise PydanticCustomError("ep_terme", "Des mots, dont un de trois lettres au moins, sont attendus.")
    return terme


Terme = Annotated[str, Field(min_length=COURT, max_length=60), AfterValidator(mots_de_la_garde)]


class GardeDeCaisse(Corps):
    """Art. 5 : les mots que la garde cherche aussi, sans accents ni casse, au pluriel comme au singulier."""

    model_config = examples({"termes": ["équipe mobile précarité", "sevrage*"]})

    termes: Annotated[list[Terme], Field(max_length=200)]


class Fonctionnalites(Corps):
    """Art. 1.2 : les fonctionnalités ouvertes par la caisse à tous ses partenaires."""

    model_config = examples(
        {
            "contact": True,
            "etude_dossier": True,
            "signalement": True,
            "rendez_vous": False,
            "document": True,
            "historique": True,
        }
    )

    contact: StrictBool
    etude_dossier: StrictBool
    signalement: StrictBool
    rendez_vous: StrictBool
    document: StrictBool
    historique: StrictBool

    def choix(self) -> dict[Fonctionnalite, bool]:
        return {f: getattr(self, f.value) for f in Fonctionnalite}


CAISSE = {
    "code": "611",
    "nom": "CPAM de l'Orne",
    "departement": "61",
    "departements": ["61"],
    "email_file": "partenaires@cpam-orne.example",
}
DELAIS = {"signalement": 10, "etude_dossier": 20, "rendez_vous": 5, "document": 5, "contact": 5}


class CaisseCreation(Corps):
    model_config = examples(CAISSE)

    code: CodeCaisse
    nom: Libelle
    departement: Departement = Field(description="Siège : ses jours fériés et son fuseau horaire.")
    departements: Departements = Field(description="Départements dont les habitants lui sont rattachés.")
    email_file: Email = Field(description="Adresse qui reçoit les courriels de la file des demandes.")
    delais: Delais | None = None


class CaisseModification(Corps):
    model_config = examples({"delais": {"signalement": 8}})

    nom: Libelle | None = None
    departements: Departements | None = None
    email_file: Email | None = None
    delais: Delais | None = None


class CaisseLue(BaseModel):
    model_config = examples(
        CAISSE
        | {
            "fonctionnalites": {f.value: True for f in Fonctionnalite},
            "delais": DELAIS,
        }
    )

    code: str
    nom: str
    departement: str
    departements: list[str]
    email_file: str | None = Field(description="Réservé aux agents de la caisse et à l'administrateur.")
    fonctionnalites: dict[str, bool]
    delais: dict[str, int] = Field(description="Délais visés, en jours ouvrés.")


PARTENAIRE = {
    "raison_sociale": "CIAS du Pays de l'Aigle",
    "siret": "26610025400017",
    "type": "cias",
    "effectif": 12,
    "domaines_email": ["cias-aigle.example"],
    "organisme_habilite": False,
    "adresse": "5 place du Parc, 61300 L'Aigle",
    "departement": "61",
}


class PartenaireCreation(Corps):
    model_config = examples(PARTENAIRE)

    raison_sociale: Libelle
    siret: Siret
    type: TypePartenaire
    effectif: Effectif
    domaines_email: Domaines
    organisme_habilite: StrictBool = Field(
        default=False, description="Tutelle, ASE… : reçoit des documents par le portail (1.3)."
    )
    adresse: Libelle | None = None
    departement: Departement


class PartenaireModification(Corps):
    model_config = examples({"effectif": 26})

    raison_sociale: Libelle | None = None
    type: TypePartenaire | None = None
    effectif: Effectif | None = None
    domaines_email: Domaines | None = None
    organisme_habilite: StrictBool | None = None
    adresse: Libelle | None = None
    departement: Departement | None = None


class Quota(BaseModel):
    maximum: int
    utilises: int


class Quotas(BaseModel):
    gestionnaires: Quota
    techniciens: Quota


class PartenaireLu(BaseModel):
    model_config = examples(
        {"id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8b"}
        | PARTENAIRE
        | {
            "sans_gestionnaire": False,
            "quotas": {
                "gestionnaires": {"maximum": 3, "utilises": 2},
                "techniciens": {"maximum": 15, "utilises": 3},
            },
        }
    )

    id: UUID
    raison_sociale: str
    siret: str
    type: TypePartenaire
    effectif: int
    domaines_email: list[str]
    organisme_habilite: bool
    adresse: str | None
    departement: str
    sans_gestionnaire: bool = Field(
        description="Aucun gestionnaire actif : un successeur est à habiliter (4.1)."
    )
    quotas: Quotas = Field(description="Art. 2.2.1 : comptes permis par la taille, et comptes ouverts.")


class Valeur(BaseModel):
    code: str
    libelle: str


class ChoixLu(BaseModel):
    active: bool
    modifie_le: datetime
    auteur_id: UUID | None = Field(description="Identifiant neutre ; null pour le système.")


class FonctionnaliteCaisse(BaseModel):
    fonctionnalite: Fonctionnalite
    active: bool = Field(description="Pour tous les partenaires, sauf réglage propre à une convention.")
    modifie_le: datetime | None = Field(description="null : ouverte depuis toujours.")
    auteur_id: UUID | None
    historique: list[ChoixLu] = Field(description="Du plus récent au plus ancien.")


CHOIX = {
    "active": False,
    "modifie_le": "2025-12-15T09:30:00Z",
    "auteur_id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8b",
}
EXEMPLE_FONCTIONNALITES = [{"fonctionnalite": "rendez_vous"} | CHOIX | {"historique": [CHOIX]}]
