import unicodedata
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StrictBool
from pydantic_core import PydanticCustomError

from app.comptes.regles import Civilite
from app.demandes.regles import Issue, Statut, Type
from app.garde.examen import nirs
from app.kit.examples import examples
from app.kit.guarded import Corps, Jour, JourPasse, Nom, TexteLibre
from app.kit.types import Code, CodeCaisse
from app.pieces.regles import NOMBRE_MAXIMAL
from app.pieces.schemas import PieceLue
from app.referentiel.nomenclatures import MODALITES
from app.referentiel.schemas import Departement

# What a copy brings along and nobody sees: the same name would be another person's, or read the other way round.
INVISIBLES = {"Cf", "Zl", "Zp"}


def _nom_de_personne(nom: str) -> str:
    """Refuse digits, what shows nothing, and a name without a letter: nobody would be found by it.

    A NIR is left to the guard, whose refusal says what it is.
    """
    if nirs(nom):
        return nom
    if any(unicodedata.category(c) in INVISIBLES for c in nom):
        raise PydanticCustomError("ep_caractere", "Un nom ne contient pas de caractère invisible.")
    if any(c.isdigit() for c in nom):
        raise PydanticCustomError("ep_nom", "Un nom ne contient pas de chiffre.")
    if not any(c.isalpha() for c in nom):
        raise PydanticCustomError("ep_nom", "Un nom s'écrit en lettres.")
    return nom


Modalite = Annotated[str, Code(MODALITES)]
REFERENCE = r"^ *[A-Za-z0-9-]+ *$"
NomDePersonne = Annotated[Nom, AfterValidator(_nom_de_personne)]

ASSURE = {
    "civilite": "mme",
    "nom": "Lefèvre",
    "prenom": "Jeanne",
    "date_naissance": "1957-03-08",
    "departement_residence": "61",
}
CONSENTEMENT = {"recueilli": True, "date": "2026-11-20", "modalite": "oral"}


class Assure(Corps):
    """Art. 5 : l'identité, sans numéro de sécurité sociale ; un champ inconnu est refusé."""

    civilite: Civilite
    nom: NomDePersonne
    prenom: NomDePersonne
    date_naissance: JourPasse
    departement_residence: Departement


class Consentement(Corps):
    """Art. 1.1 : sans lui, rien n'est enregistré."""

    model_config = examples(required=["recueilli", "date", "modalite"])

    recueilli: StrictBool = False
    date: JourPasse | None = None
    modalite: Modalite | None = None

    @property
    def complet(self) -> bool:
        return self.recueilli and self.date is not None and self.modalite is not None


class AvecTexteConfirme(Corps):
    """A body with a free text, whose author may confirm it against the guard (art. 5)."""

    texte_confirme: StrictBool = Field(
        default=False,
        description="L'auteur confirme que le texte n'est pas une donnée de santé ; journalisé.",
    )


class DemandeDepot(AvecTexteConfirme):
    """What the five kinds share at their deposit."""

    model_config = examples(required=["assure", "consentement"])

    caisse: CodeCaisse | None = Field(
        default=None, description="Par défaut, la caisse du département de résidence de la personne."
    )
    assure: Assure
    consentement: Consentement | None = None
    commentaire: TexteLibre | None = Field(
        default=None, description="Sans donnée de santé ni numéro (art. 5)."
    )
    doublon_confirme: StrictBool = Field(
        default=False, description="Déposer malgré une demande ouverte du même type pour cette personne."
    )


class AvecPieces(AvecTexteConfirme):
    pieces: list[UUID] = Field(
        default=[],
        max_length=NOMBRE_MAXIMAL,
        description="Pièces de la demande, du côté de l'auteur, que le message accompagne (1.3).",
    )


class Affectation(Corps):
    model_config = examples({"agent_id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8d"})

    agent_id: UUID


class Complement(AvecPieces):
    model_config = examples({"message": "Merci de joindre l'avis d'imposition 2025."})

    message: TexteLibre


class MessageDepot(AvecPieces):
    model_config = examples({"texte": "L'avis d'imposition est parti ce matin."})

    texte: TexteLibre


class Cloture(AvecPieces):
    model_config = examples({"issue": "traitee", "message": "Les droits sont ouverts au 1er décembre."})

    issue: Issue
    message: TexteLibre


class Annulation(AvecTexteConfirme):
    model_config = examples({"motif": "La personne a fait la démarche seule."})

    motif: TexteLibre


class RetraitConsentement(Corps):
    model_config = examples({"date": "2026-11-24"})

    date: JourPasse


class Recherche(Corps):
    """Les noms se cherchent dans un corps, jamais dans une adresse (5-6)."""

    model_config = examples({"nom": "lefevre", "date_naissance": "1957-03-08"})

    nom: Nom | None = None
    prenom: Nom | None = None
    date_naissance: Jour | None = None
    reference: Annotated[str, Field(max_length=20, pattern=REFERENCE)] | None = None
    type: Type | None = None
    statut: Statut | None = None


class Auteur(BaseModel):
    id: UUID
    nom_affiche: str


class AssureLu(BaseModel):
    civilite: Civilite
    nom: str
    prenom: str
    date_naissance: date
    departement_residence: str


class ConsentementLu(BaseModel):
    recueilli: bool
    date: Jour
    modalite: str
    retire_le: Jour | None


class MessageLu(BaseModel):
    id: UUID
    auteur: Auteur | None
    role: str
    texte: str
    pieces: list[UUID]
    le: datetime


# What the deposits of the five kinds share in their examples.
DEPOT: dict[str, Any] = {
    "assure": ASSURE,
    "consentement": CONSENTEMENT,
    "commentaire": "Sans réponse à ses courriers depuis septembre.",
}
EXEMPLE: dict[str, Any] = {
    "id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a90",
    "reference": "SIG-26-7KQ3M9",
    "type": "signalement",
    "statut": "en_cours",
    "issue": None,
    "theme": "rupture_de_droits",
    "caisse": "611",
    "partenaire_id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8b",
    "auteur": {"id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8e", "nom_affiche": "Claire MARTEL"},
    "agent": {"id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8d", "nom_affiche": "Agnès LEMOINE"},
    "assure": ASSURE,
    "consentement": CONSENTEMENT | {"retire_le": None},
    "objet": {"difficultes": ["rupture_de_droits"], "orientation_souhaitee": "service_social"},
    "commentaire": "Sans réponse à ses courriers depuis septembre.",
    "pieces": [],
    "messages": [],
    "deposee_le": "2026-11-20T09:30:00Z",
    "modifiee_le": "2026-11-23T08:05:00Z",
    "cloturee_le": None,
    "echeance": "2026-12-04",
    "en_retard": False,
    "motif_annulation": None,
    "effacee_le": None,
    "motif_effacement": None,
    "demandes_liees": [],
    "actions_possibles": ["messages", "annulation", "retrait-consentement"],
}


class DemandeLue(BaseModel):
    """Une demande, telle que l'appelant la voit."""

    model_config = examples(EXEMPLE)

    id: UUID
    reference: str
    type: Type
    statut: Statut
    issue: Issue | None
    theme: str | None = Field(description="Thème de la file de la caisse (1.1).")
    caisse: str
    partenaire_id: UUID
    auteur: Auteur | None
    agent: Auteur | None
    assure: AssureLu | None
    consentement: ConsentementLu
    objet: dict[str, Any] = Field(description="Les champs propres au type, tels qu'envoyés.")
    commentaire: str | None
    pieces: list[PieceLue] = Field(description="De la plus ancienne à la plus récente (1.3).")
    messages: list[MessageLu]
    deposee_le: datetime
    modifiee_le: datetime
    cloturee_le: datetime | None
    echeance: date | None = Field(
        description="Délai visé par la caisse ; null tant que le partenaire est attendu."
    )
    en_retard: bool
    motif_annulation: str | None
    effacee_le: datetime | None = Field(
        description="Art. 5 : quand l'identité et les textes ont été effacés ; `assure` est alors null."
    )
    motif_effacement: str | None
    demandes_liees: list[str] = Field(
        description="Pour l'agent seul : demandes ouvertes d'autres structures pour la même personne."
    )
    actions_possibles: list[str]
