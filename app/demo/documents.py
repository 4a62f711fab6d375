"""Two documents asked for: one went by post, the other through the portal, with a piece from each side."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from app.demandes import creneaux, pieces
from app.demandes import service as demandes
from app.demandes.documents import DocumentDepot
from app.demandes.regles import Geste, Issue, Type
from app.demo.feuilles import en_pdf, numerisee
from app.demo.histoires import Histoire, a_l_heure, commun
from app.demo.scene import Personnage
from app.kit import clock, multipart
from app.kit.multipart import Upload
from app.pieces.regles import Sens

AGENT, CIAS, TUTELLE = Personnage("a-orne"), Personnage("t-cias"), Personnage("t-tutelle")
UNE_HEURE, UN_JOUR = timedelta(hours=1), timedelta(days=1)
COURRIER = (
    "Service tutélaire des Trois Vallées",
    "12 rue des Forges, 61100 Flers",
    "",
    "Objet : demande d'une attestation de droits",
    "",
    "Madame, Monsieur,",
    "Nous accompagnons Mme Germaine Vallée, née le 2 octobre 1949, et demandons",
    "une attestation de ses droits pour son dossier de logement.",
)
ATTESTATION = (
    "Caisse primaire d'assurance maladie de l'Orne",
    "",
    "ATTESTATION DE DROITS (document de démonstration)",
    "",
    "Mme Germaine Vallée, née le 2 octobre 1949",
    "est couverte par l'assurance maladie jusqu'au 31 décembre prochain.",
)


def histoires() -> Iterator[Histoire]:
    yield from (par_la_poste, par_le_portail)


async def par_la_poste() -> None:
    """Art. 1.2: send to the address known to the caisse, which says when it went."""
    depot = a_l_heure(-12, 15)
    id_ = await _demander(CIAS, "Thomas", "Arlette", "formulaire_carte_vitale", depot)
    await AGENT.faire(
        depot + UN_JOUR,
        id_,
        Geste.ENVOI,
        lambda session, _: creneaux.envoyer(session, clock.today()),
    )
    await _clore(id_, depot + UN_JOUR + UNE_HEURE, "Le formulaire est parti par la poste.")


async def par_le_portail() -> None:
    """Art. 1.3: receive a letter of an organisme habilité, and give it the document through the portal."""
    depot = a_l_heure(-7, 9)
    id_ = await _demander(TUTELLE, "Vallée", "Germaine", "attestation_droits", depot)
    await _joindre(TUTELLE, Sens.ENTRANTE, id_, "courrier", numerisee(COURRIER), depot + UNE_HEURE)
    recue = await _joindre(
        AGENT, Sens.SORTANTE, id_, "attestation_droits", en_pdf(ATTESTATION), depot + UN_JOUR
    )
    await _clore(id_, depot + UN_JOUR + UNE_HEURE, "L'attestation est jointe.", recue)


async def _demander(qui: Personnage, nom: str, prenom: str, document: str, instant: datetime) -> UUID:
    corps = commun(nom, prenom, "1949-10-02", instant) | {"document": document}
    return await qui.deposer(instant, Type.DOCUMENT, DocumentDepot.model_validate(corps))


async def _joindre(
    qui: Personnage, sens: Sens, demande_id: UUID, nature: str, contenu: bytes, instant: datetime
) -> UUID:
    """Give a document as an upload does: checked, sealed into the store, then written."""
    with Upload(multipart.anonymous(), len(contenu), hashlib.sha256(contenu).hexdigest()) as arrivee:
        if arrivee.file:
            arrivee.file.write(contenu)
        arrivee.fields["nature"] = nature
        depot = await pieces.controler(arrivee, sens)
    async with qui.en_scene(instant) as (session, acteur):
        return (await pieces.deposer(session, acteur, demande_id, depot)).id


async def _clore(demande_id: UUID, instant: datetime, message: str, *jointes: UUID) -> None:
    await AGENT.faire(
        instant,
        demande_id,
        Geste.CLOTURE,
        lambda session, agent: demandes.clore(session, agent, Issue.TRAITEE, message, jointes),
    )
