"""Art. 1.2: the étude de dossier, a file submitted for study: PUMa, C2S, AME."""

from typing import Annotated

from app.demandes.regles import Type
from app.demandes.routes_genre import Enseigne, routes_du_genre
from app.demandes.schemas import DEPOT, DemandeDepot
from app.droits import Action
from app.kit.examples import examples
from app.kit.types import Code
from app.referentiel.nomenclatures import DROITS_ETUDIES


class EtudeDossierDepot(DemandeDepot):
    model_config = examples(DEPOT | {"droit": "c2s"}, required=["assure", "consentement", "droit"])

    droit: Annotated[str, Code(DROITS_ETUDIES)]


etudes_router = routes_du_genre(
    Type.ETUDE_DOSSIER,
    EtudeDossierDepot,
    Action.ETUDE_SOUMETTRE,
    Enseigne(
        "/etudes-dossier",
        "Études de dossier",
        "etude_dossier",
        "etudes_dossier",
        "Soumettre un dossier à l'étude",
        "Protection universelle maladie, complémentaire santé solidaire, aide médicale de l'État, autre droit (1.2).",
    ),
)
