from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StrictBool, StringConstraints
from pydantic_core import PydanticCustomError

from app.comptes.regles import Civilite, Etat, LienStructure
from app.droits import Role
from app.kit.examples import examples
from app.kit.guarded import Corps, Jour, JourPasse, Libelle, Nom, TexteLibre, printable
from app.kit.types import CodeCaisse, Email, Telephone

IDENTITE = {
    "civilite": "mme",
    "nom": "Lemoine",
    "prenom": "Agnès",
    "fonction": "Chargée d'accompagnement",
    "telephone": "+33233000000",
    "email": "agnes.lemoine@cpam-orne.example",
}


def _declare(equipement: bool) -> bool:
    if not equipement:
        raise PydanticCustomError(
            "ep_equipement", "L'équipement professionnel protégé doit être déclaré (2.2.1)."
        )
    return equipement


class Identite(Corps):
    """Art. 2.2.1 : toutes ces données sont obligatoires."""

    civilite: Civilite
    nom: Nom
    prenom: Nom
    fonction: Libelle
    telephone: Telephone
    email: Email


class AgentCreation(Identite):
    model_config = examples({"caisse": "611"} | IDENTITE)

    caisse: CodeCaisse


COMPTE: dict[str, Any] = {
    "id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8d",
    "identifiant": "a-7kq3m9xz",
    "role": "agent_caisse",
    "statut": "actif",
    **IDENTITE,
    "cree_le": "2026-01-05T09:30:00Z",
    "active_le": "2026-01-05T10:00:00Z",
    "inactive_le": None,
    "motif_inactivation": None,
    "fin_prevue_le": None,
    "supprime_le_prevu": None,
    "derniere_connexion_le": "2026-01-06T08:12:00Z",
    "gestionnaire_id": None,
    "exclu": False,
}


class CompteLu(BaseModel):
    model_config = examples(COMPTE)

    id: UUID
    identifiant: str
    role: Role
    statut: Etat
    civilite: Civilite
    nom: str
    prenom: str
    fonction: str
    telephone: str
    email: str
    cree_le: datetime
    active_le: datetime | None
    inactive_le: datetime | None
    motif_inactivation: str | None
    fin_prevue_le: date | None = Field(description="Jour de fin annoncé (2.2.3).")
    supprime_le_prevu: date | None = Field(description="Six mois après l'inactivation (2.2.3).")
    derniere_connexion_le: datetime | None
    gestionnaire_id: UUID | None
    exclu: bool


class CguLues(BaseModel):
    model_config = examples(
        {"version": "2026-11", "texte": "L'Espace Partenaires…", "publiee_le": "2026-11-01T00:00:00Z"}
    )

    version: str
    texte: str
    publiee_le: datetime


Version = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,40}$")]


class CguAcceptation(Corps):
    model_config = examples({"version": "2026-11"})

    version: Version


class CguPublication(Corps):
    model_config = examples({"version": "2027-01", "texte": "L'Espace Partenaires est réservé…"})

    version: Version
    texte: Annotated[str, Field(min_length=1, max_length=200_000), AfterValidator(printable)]


TECHNICIEN = IDENTITE | {
    "email": "agnes.lemoine@cias-aigle.example",
    "lien": "employe",
    "equipement_professionnel": True,
}


class TechnicienCreation(Identite):
    """Art. 2.2.1 : le gestionnaire déclare le lien avec la structure et l'équipement professionnel."""

    model_config = examples(TECHNICIEN)

    lien: LienStructure
    equipement_professionnel: Annotated[
        StrictBool,
        AfterValidator(_declare),
        Field(
            description="Poste professionnel, protégé par un antivirus, adresse en Europe : à déclarer vrai."
        ),
    ]


class TechnicienModification(Corps):
    model_config = examples({"fonction": "Référente de secteur"})

    civilite: Civilite | None = None
    nom: Nom | None = None
    prenom: Nom | None = None
    fonction: Libelle | None = None
    telephone: Telephone | None = None
    email: Email | None = None
    lien: LienStructure | None = None


class GestionnaireModification(Corps):
    """Art. 2.2.2 : téléphone, adresse, fonction et nom, et rien d'autre."""

    model_config = examples({"telephone": "+33233000001", "demande_recue_le": "2026-11-20"})

    telephone: Telephone | None = None
    email: Email | None = None
    fonction: Libelle | None = None
    nom: Nom | None = None
    demande_recue_le: JourPasse | None = Field(default=None, description="Quand le partenaire l'a demandé.")


class Fin(Corps):
    model_config = examples({"motif": "Départ de la structure", "effet_le": "2026-12-31"})

    motif: TexteLibre
    effet_le: Jour | None = Field(default=None, description="Jour d'effet ; par défaut, tout de suite.")
    texte_confirme: StrictBool = False


class FinDeGestionnaire(Fin):
    successeur_id: UUID | None = Field(
        default=None, description="Gestionnaire actif qui reçoit les techniciens."
    )


class Motif(Corps):
    model_config = examples({"motif": "Usage non conforme constaté"})

    motif: TexteLibre
    texte_confirme: StrictBool = False
