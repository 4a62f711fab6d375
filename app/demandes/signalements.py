"""Art. 1.1: the signalement, a person in difficulty with access to rights or care."""

from typing import Annotated

from pydantic import Field

from app.demandes.regles import Type
from app.demandes.routes_genre import Enseigne, routes_du_genre
from app.demandes.schemas import DEPOT, DemandeDepot
from app.droits import Action
from app.kit.examples import examples
from app.kit.types import Code
from app.referentiel.nomenclatures import DIFFICULTES, ORIENTATIONS


class SignalementDepot(DemandeDepot):
    model_config = examples(
        DEPOT | {"difficultes": ["rupture_de_droits"], "orientation_souhaitee": "service_social"},
        required=["assure", "consentement", "difficultes"],
    )

    difficultes: Annotated[
        list[Annotated[str, Code(DIFFICULTES)]],
        Field(
            min_length=1,
            max_length=len(DIFFICULTES),
            description="Une ou plusieurs difficultés, la première fait le thème.",
        ),
    ]
    orientation_souhaitee: Annotated[str, Code(ORIENTATIONS)] | None = None


signalements_router = routes_du_genre(
    Type.SIGNALEMENT,
    SignalementDepot,
    Action.SIGNALEMENT_DEPOSER,
    Enseigne(
        "/signalements",
        "Signalements",
        "signalement",
        "signalements",
        "Signaler une personne en difficulté",
        "Difficulté d'accès aux droits ou aux soins d'une personne accompagnée, avec son consentement (1.1).",
    ),
)
