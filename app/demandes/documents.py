"""Art. 1.2: a document asked for; it goes to the address of the assuré known to the caisse, not through here."""

from typing import Annotated

from pydantic import Field

from app.demandes.regles import Type
from app.demandes.routes_genre import Enseigne, routes_du_genre
from app.demandes.schemas import DEPOT, DemandeDepot
from app.droits import Action
from app.kit.examples import examples
from app.kit.types import Code
from app.referentiel.nomenclatures import DOCUMENTS


class DocumentDepot(DemandeDepot):
    model_config = examples(
        DEPOT | {"document": "attestation_droits"}, required=["assure", "consentement", "document"]
    )

    document: Annotated[
        str, Code(DOCUMENTS), Field(description="Envoyé à l'adresse de l'assuré connue de la caisse (1.2).")
    ]


documents_router = routes_du_genre(
    Type.DOCUMENT,
    DocumentDepot,
    Action.DOCUMENT_DEMANDER,
    Enseigne(
        "/demandes-documents",
        "Demandes de documents",
        "demande_document",
        "demandes_documents",
        "Demander un document",
        "Attestation de droits, certificat provisoire, formulaire de carte Vitale, offre de prévention (1.2).",
    ),
)
