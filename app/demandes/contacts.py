"""Art. 1.2: the contact, a message to the caisse to which the assuré is attached."""

from typing import Annotated

from app.demandes.regles import Type
from app.demandes.routes_genre import Enseigne, routes_du_genre
from app.demandes.schemas import DEPOT, DemandeDepot
from app.droits import Action
from app.kit.examples import examples
from app.kit.guarded import TexteLibre
from app.kit.types import Code
from app.referentiel.nomenclatures import SUJETS


class ContactDepot(DemandeDepot):
    model_config = examples(
        DEPOT | {"sujet": "suivi", "message": "Où en est le changement de caisse demandé en septembre ?"},
        required=["assure", "consentement", "sujet", "message"],
    )

    sujet: Annotated[str, Code(SUJETS)]
    message: TexteLibre


contacts_router = routes_du_genre(
    Type.CONTACT,
    ContactDepot,
    Action.CONTACT_ECRIRE,
    Enseigne(
        "/contacts",
        "Contacts",
        "contact",
        "contacts",
        "Écrire à la caisse de rattachement",
        "Une question sur la situation d'une personne accompagnée (1.2).",
    ),
)
