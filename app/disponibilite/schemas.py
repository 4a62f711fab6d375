from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool

from app.disponibilite.regles import EtatComposant, StatutMaintenance, StatutService
from app.kit.examples import examples
from app.kit.guarded import Corps, Horodatage, TexteLibre

FENETRE = {
    "debut": "2026-12-06T21:00:00Z",
    "fin": "2026-12-06T23:00:00Z",
    "message": "Mise à jour du portail : deux heures, dans la nuit de dimanche à lundi.",
}


class MaintenanceDepot(Corps):
    model_config = examples(FENETRE | {"debut": "2036-12-06T21:00:00Z", "fin": "2036-12-06T23:00:00Z"})

    debut: Horodatage = Field(description="À venir, ou maintenant en urgence.")
    fin: Horodatage = Field(description="Exclue ; sept jours au plus après le début.")
    message: TexteLibre
    texte_confirme: StrictBool = False


class MaintenanceAnnulation(Corps):
    model_config = examples({"motif": "Mise à jour reportée."})

    motif: TexteLibre | None = None
    texte_confirme: StrictBool = False


class MaintenanceLue(BaseModel):
    model_config = examples(
        {"id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8b"}
        | FENETRE
        | {"statut": "annoncee", "urgente": False, "annoncee_le": "2026-12-01T09:30:00Z"}
        | {"annulee_le": None, "motif_annulation": None}
    )

    id: UUID
    debut: datetime
    fin: datetime
    message: str
    statut: StatutMaintenance
    urgente: bool = Field(description="Annoncée moins de 48 heures avant son début.")
    annoncee_le: datetime
    annulee_le: datetime | None
    motif_annulation: str | None


class FenetreLue(BaseModel):
    debut: datetime
    fin: datetime
    message: str
    urgente: bool


class Composant(BaseModel):
    etat: EtatComposant
    verifie_le: datetime | None = Field(description="Instant du dernier regard ; null : jamais regardé.")


class Travaux(Composant):
    en_attente: int | None = Field(description="Travaux dus et pas encore faits.")
    plus_ancien_secondes: int | None = Field(description="Attente du plus ancien d'entre eux.")


class Composants(BaseModel):
    api: Composant
    base: Composant
    travaux: Travaux = Field(description="Courriels, webhooks et règles quotidiennes se font par là.")
    courriels: Composant
    antivirus: Composant = Field(description="Sans lui, les pièces déposées attendent d'être lisibles (3.1).")
    stockage: Composant = Field(description="Le contenu des pièces et des documents.")


class ReferentPublic(BaseModel):
    nom: str
    prenom: str
    fonction: str


class AutreVoie(BaseModel):
    """Art. 3.2 : ce que la caisse propose par un autre canal, et par qui."""

    caisse: str
    fonctionnalites: list[str]
    referents: list[ReferentPublic] = Field(
        description="Leurs coordonnées sont dans GET /v1/caisses/{code}/referents, une fois connecté, et dans "
        "les réponses 503 à un appelant connu."
    )


SAIN = {"etat": "disponible", "verifie_le": "2026-12-01T09:30:00Z"}


class StatutLu(BaseModel):
    model_config = examples(
        {
            "statut": "disponible",
            "verifie_le": "2026-12-01T09:30:00Z",
            "composants": {
                "api": SAIN,
                "base": SAIN,
                "travaux": SAIN | {"en_attente": 0, "plus_ancien_secondes": 0},
                "courriels": SAIN,
                "antivirus": SAIN,
                "stockage": SAIN,
            },
            "maintenances": [FENETRE | {"urgente": False}],
            "autres_voies": [
                {
                    "caisse": "611",
                    "fonctionnalites": ["contact", "signalement"],
                    "referents": [{"nom": "Lemoine", "prenom": "Agnès", "fonction": "Référente partenaires"}],
                }
            ],
            "documentation": "/v1/documentation",
        }
    )

    statut: StatutService
    verifie_le: datetime
    composants: Composants
    maintenances: list[FenetreLue] = Field(
        description="En cours et à venir, de la plus proche à la plus lointaine."
    )
    autres_voies: list[AutreVoie]
    documentation: str
