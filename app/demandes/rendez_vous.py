"""Art. 1.2: the rendez-vous, asked of the caisse for an assuré, with when the person can come."""

from typing import Annotated, Self

from pydantic import AwareDatetime, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from app.demandes.regles import Type
from app.demandes.routes_genre import Enseigne, routes_du_genre
from app.demandes.schemas import DEPOT, DemandeDepot
from app.droits import Action
from app.kit.examples import examples
from app.kit.guarded import Corps, iso_instant
from app.kit.types import Code
from app.referentiel.nomenclatures import MODES, MOTIFS_RENDEZ_VOUS

PLUS_DE_CRENEAUX = 10


class Disponibilite(Corps):
    debut: Annotated[AwareDatetime, BeforeValidator(iso_instant)]
    fin: Annotated[AwareDatetime, BeforeValidator(iso_instant)]

    @model_validator(mode="after")
    def dans_l_ordre(self) -> Self:
        if self.fin <= self.debut:
            raise PydanticCustomError("ep_ordre", "La fin doit suivre le début.")
        return self


class RendezVousDepot(DemandeDepot):
    model_config = examples(
        DEPOT
        | {
            "motif": "ouverture_de_droits",
            "mode": "accueil",
            "disponibilites": [{"debut": "2026-12-07T09:00:00+01:00", "fin": "2026-12-07T12:00:00+01:00"}],
        },
        required=["assure", "consentement", "motif", "mode", "disponibilites"],
    )

    motif: Annotated[str, Code(MOTIFS_RENDEZ_VOUS)]
    mode: Annotated[str, Code(MODES)]
    disponibilites: Annotated[list[Disponibilite], Field(min_length=1, max_length=PLUS_DE_CRENEAUX)]


rendez_vous_router = routes_du_genre(
    Type.RENDEZ_VOUS,
    RendezVousDepot,
    Action.RENDEZ_VOUS_DEMANDER,
    Enseigne(
        "/rendez-vous",
        "Rendez-vous",
        "un_rendez_vous",
        "des_rendez_vous",
        "Demander un rendez-vous",
        "Pour une personne accompagnée, avec ses disponibilités (1.2).",
    ),
)
