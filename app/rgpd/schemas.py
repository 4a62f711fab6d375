from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, Field

from app.demandes.regles import Revue
from app.demandes.schemas import EXEMPLE, Auteur, AvecTexteConfirme, DemandeLue, NomDePersonne
from app.kit.examples import examples
from app.kit.guarded import Corps, JourPasse, TexteLibre

PERSONNE = {"nom": "Lefèvre", "prenom": "Jeanne", "date_naissance": "1957-03-08"}


class Personne(Corps):
    """Art. 5 : l'identité se donne dans un corps, jamais dans une adresse."""

    model_config = examples(PERSONNE)

    nom: NomDePersonne
    prenom: NomDePersonne
    date_naissance: JourPasse


class Effacement(Personne):
    """Le motif reste sur la demande effacée : il ne nomme pas la personne."""

    model_config = examples(PERSONNE | {"motif": "La personne demande l'effacement de ses données."})

    motif: TexteLibre
    texte_confirme: bool = Field(
        default=False,
        strict=True,
        description="L'auteur confirme que le motif n'est pas une donnée de santé ; journalisé.",
    )


class Rapprochement(StrEnum):
    """How a request was found, the surest first."""

    EXACT = "exact"
    PHONETIQUE = "phonetique"
    DATE_INVERSEE = "date_inversee"


class DemandeTrouvee(DemandeLue):
    """Une demande de la personne cherchée, ou d'une personne qui lui ressemble."""

    model_config = examples(EXEMPLE | {"rapprochement": "exact"})

    rapprochement: Rapprochement = Field(
        description="`exact` : même identité, sans accents ni casse ; `phonetique` : noms qui se prononcent de même ; "
        "`date_inversee` : jour et mois échangés."
    )


class BilanEffacement(BaseModel):
    """Ce qui a été effacé, en nombres."""

    model_config = examples({"demandes": 2, "demandes_closes": 1, "effacee_le": "2026-11-24T10:12:00Z"})

    demandes: int = Field(description="Demandes vidées de l'identité et des textes.")
    demandes_closes: int = Field(description="Parmi elles, celles qui étaient ouvertes : closes sans suite.")
    effacee_le: datetime


class DecisionTexte(StrEnum):
    ADMIS = "admis"
    REFUSE = "refuse"


class RevueDeTexte(AvecTexteConfirme):
    """La décision de la caisse ; `refuse` retire les passages du texte, pour les deux parties."""

    model_config = examples({"decision": "refuse", "motif": "Le passage n'est pas nécessaire à la demande."})

    decision: DecisionTexte
    motif: TexteLibre | None = None


class PassageConfirme(BaseModel):
    debut: int
    fin: int


class TexteConfirmeLu(BaseModel):
    """Un texte confirmé contre la garde : où il se trouve, jamais ce qu'il dit."""

    model_config = examples(
        {
            "id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7aa0",
            "ressource": "demande",
            "ressource_id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a90",
            "champ": "/commentaire",
            "passages": [{"debut": 14, "fin": 29}],
            "le": "2026-11-20T09:30:00Z",
            "auteur": {"id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8e", "nom_affiche": "Claire MARTEL"},
            "statut": "a_revoir",
            "revu_le": None,
            "motif": None,
        }
    )

    id: UUID
    ressource: str
    ressource_id: UUID
    champ: str = Field(description="Pointeur JSON, dans le corps qui a été envoyé.")
    passages: list[PassageConfirme]
    le: datetime
    auteur: Auteur | None
    statut: Revue
    revu_le: datetime | None
    motif: str | None
