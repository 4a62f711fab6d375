from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from app.demandes.regles import Issue, Type
from app.kit.examples import examples

Chiffre = Annotated[
    int | None, Field(description="null : tu, pour ne rien dire d'un groupe de moins de cinq.")
]


class DelaiLu(BaseModel):
    """En jours ouvrés entiers de la caisse ; le jour même compte 0."""

    mediane: Chiffre
    neuvieme_decile: Chiffre = Field(description="Neuf demandes sur dix ont pris ce temps, ou moins.")


class LigneStatistique(BaseModel):
    """Les demandes déposées dans un groupe, et ce qu'elles sont devenues à ce jour."""

    caisse: str
    partenaire_id: UUID | None = Field(description="null : toutes les structures.")
    type: Type | None = Field(description="null : tous les types.")
    annee: str | None = Field(description="Année du dépôt ; null : toutes.")
    mois: str | None = Field(description="Mois du dépôt, dans le fuseau de la caisse ; null : tous.")
    masquee: bool = Field(description="Le groupe entier est tu.")
    deposees: Chiffre
    ouvertes: Chiffre
    annulees: Chiffre
    issues: dict[Issue, Chiffre]
    delai_prise_en_charge: DelaiLu
    delai_cloture: DelaiLu
    attente_partenaire: DelaiLu = Field(description="Ôtée des délais, pour les demandes clôturées.")


class Statistiques(BaseModel):
    """Le suivi du partenariat : des chiffres, sans aucune donnée personnelle."""

    model_config = examples(
        {
            "seuil": 5,
            "lignes": [
                {
                    "caisse": "611",
                    "partenaire_id": None,
                    "type": "signalement",
                    "annee": "2026",
                    "mois": "2026-10",
                    "masquee": False,
                    "deposees": 42,
                    "ouvertes": 7,
                    "annulees": 0,
                    "issues": {
                        "traitee": 23,
                        "rejetee": None,
                        "sans_suite": None,
                        "orientee_service_social": 6,
                    },
                    "delai_prise_en_charge": {"mediane": 1, "neuvieme_decile": 3},
                    "delai_cloture": {"mediane": 9, "neuvieme_decile": 17},
                    "attente_partenaire": {"mediane": 0, "neuvieme_decile": 6},
                }
            ],
        }
    )

    seuil: int = Field(description="Nombre de personnes au-dessous duquel un groupe est tu.")
    lignes: list[LigneStatistique]
