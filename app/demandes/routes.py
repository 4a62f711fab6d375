from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request, Response

from app.acces.guard import SECURITE, exiger
from app.demandes import consentement, historique, service
from app.demandes.declarees import GESTE, GESTE_AVEC_TEXTE, LECTURE, LISTE
from app.demandes.filtres import FiltresDep, de_la_recherche
from app.demandes.regles import Geste
from app.demandes.schemas import (
    Affectation,
    Annulation,
    Cloture,
    Complement,
    DemandeLue,
    MessageDepot,
    Recherche,
    RetraitConsentement,
)
from app.demandes.tables import Demande
from app.droits import Acteur, Action
from app.erreurs import NirInterdit
from app.kit import csv
from app.kit.etag import IfMatch, late, show_version
from app.kit.idempotency import Idempotent
from app.kit.pagination import Page, PagingDep
from app.kit.problems import declare
from app.kit.route import router
from app.kit.session import SessionDep

demandes_router = router("/demandes", "Demandes")
EN_CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": csv.declared("reference;type;statut;issue;theme;caisse;auteur;agent;…")}
}
Id = Annotated[UUID, Path(alias="id", description="Identifiant de la demande.")]


def montrer(response: Response, resultat: tuple[Demande, DemandeLue]) -> DemandeLue:
    demande, lue = resultat
    show_version(response, demande.version, late(lue.en_retard))
    return lue


@demandes_router.get(
    "",
    summary="Consulter l'historique",
    dependencies=SECURITE,
    response_model=Page[DemandeLue],
    responses=declare(*LISTE) | EN_CSV,
)
async def lister_demandes(
    request: Request,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.DEMANDE_CONSULTER)],
    filtres: FiltresDep,
    page: PagingDep,
    response: Response,
) -> Page[DemandeLue] | Response:
    """Toutes les demandes de la structure, de tous ses techniciens (1.2) ; pour un agent, la file de sa caisse.

    `Accept: text/csv` donne tout ce que les filtres gardent en un fichier (UTF-8, point-virgule), sans pagination.
    """
    if csv.wanted(", ".join(request.headers.getlist("accept"))):
        return historique.fichier(acteur, filtres)
    response.headers["Vary"] = "Accept"
    return await historique.page(session, acteur, filtres, page, response)


@demandes_router.post(
    "/recherche",
    summary="Rechercher par le nom ou la référence",
    dependencies=SECURITE,
    responses=declare(*LISTE, NirInterdit),
)
async def rechercher_demandes(
    recherche: Recherche,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.DEMANDE_CONSULTER)],
    page: PagingDep,
    response: Response,
) -> Page[DemandeLue]:
    """Sans accents ni casse, par le début des mots ; un nom ne passe jamais dans une adresse (5-6)."""
    return await historique.page(session, acteur, de_la_recherche(recherche), page.of(recherche), response)


@demandes_router.get("/{id}", summary="Lire une demande", dependencies=SECURITE, responses=declare(*LECTURE))
async def lire_demande(
    demande_id: Id,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.DEMANDE_CONSULTER)],
    response: Response,
) -> DemandeLue:
    """La demande avec ses messages et les actions permises à l'appelant."""
    return montrer(response, await service.lire(session, acteur, demande_id))


@demandes_router.post(
    "/{id}/prise-en-charge", summary="Prendre en charge", dependencies=SECURITE, responses=declare(*GESTE)
)
async def prendre_en_charge(
    demande_id: Id,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.DEMANDE_PRENDRE_EN_CHARGE)],
    version: IfMatch,
    response: Response,
) -> DemandeLue:
    """L'agent devient chargé de la demande, qui passe `en_cours`."""
    effet = service.prendre(acteur)
    return montrer(
        response, await service.faire(session, acteur, demande_id, Geste.PRISE_EN_CHARGE, version, effet)
    )


@demandes_router.post(
    "/{id}/affectation",
    summary="Affecter à un agent",
    dependencies=SECURITE,
    responses=declare(*GESTE, NirInterdit),
)
async def affecter_demande(
    demande_id: Id,
    affectation: Affectation,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.DEMANDE_AFFECTER)],
    version: IfMatch,
    response: Response,
) -> DemandeLue:
    """À un agent actif de la caisse ; le statut ne change pas."""
    effet = service.affecter(session, affectation.agent_id)
    return montrer(
        response, await service.faire(session, acteur, demande_id, Geste.AFFECTATION, version, effet)
    )


@demandes_router.post(
    "/{id}/demande-complement",
    summary="Demander un complément",
    dependencies=SECURITE,
    responses=declare(*GESTE_AVEC_TEXTE),
)
async def demander_complement(
    demande_id: Id,
    complement: Complement,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.DEMANDE_DEMANDER_COMPLEMENT)],
    version: IfMatch,
    response: Response,
) -> DemandeLue:
    """Le délai de la caisse s'arrête tant que le partenaire n'a pas répondu."""
    effet = service.ecrire(session, acteur, complement.message, complement.pieces)
    return montrer(
        response,
        await service.faire(
            session, acteur, demande_id, Geste.DEMANDE_COMPLEMENT, version, effet, complement
        ),
    )


@demandes_router.post(
    "/{id}/messages", summary="Écrire un message", dependencies=SECURITE, responses=declare(*GESTE_AVEC_TEXTE)
)
async def ecrire_message(
    demande_id: Id,
    message: MessageDepot,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.DEMANDE_ECRIRE)],
    version: IfMatch,
    _: Annotated[None, Idempotent],
    response: Response,
) -> DemandeLue:
    """La réponse du technicien à un complément demandé remet la demande `en_cours`."""
    effet = service.ecrire(session, acteur, message.texte, message.pieces)
    return montrer(
        response, await service.faire(session, acteur, demande_id, Geste.MESSAGES, version, effet, message)
    )


@demandes_router.post(
    "/{id}/cloture", summary="Clôturer", dependencies=SECURITE, responses=declare(*GESTE_AVEC_TEXTE)
)
async def cloturer_demande(
    demande_id: Id,
    cloture: Cloture,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.DEMANDE_CLOTURER)],
    version: IfMatch,
    response: Response,
) -> DemandeLue:
    """Avec son issue et un message ; une situation complexe s'oriente vers le service social (1.1)."""
    effet = service.clore(session, acteur, cloture.issue, cloture.message, cloture.pieces)
    return montrer(
        response, await service.faire(session, acteur, demande_id, Geste.CLOTURE, version, effet, cloture)
    )


@demandes_router.post(
    "/{id}/annulation", summary="Annuler", dependencies=SECURITE, responses=declare(*GESTE_AVEC_TEXTE)
)
async def annuler_demande(
    demande_id: Id,
    annulation: Annulation,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.DEMANDE_ANNULER)],
    version: IfMatch,
    response: Response,
) -> DemandeLue:
    """Par un technicien de la structure, tant que la demande est ouverte."""
    effet = service.annuler(annulation.motif)
    return montrer(
        response,
        await service.faire(session, acteur, demande_id, Geste.ANNULATION, version, effet, annulation),
    )


@demandes_router.post(
    "/{id}/retrait-consentement",
    summary="Retirer le consentement",
    dependencies=SECURITE,
    responses=declare(*GESTE, NirInterdit),
)
async def retirer_consentement(
    demande_id: Id,
    retrait: RetraitConsentement,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.DEMANDE_RETIRER_CONSENTEMENT)],
    version: IfMatch,
    response: Response,
) -> DemandeLue:
    """La personne retire son consentement : la demande est annulée aussitôt, avec ce motif."""
    effet = consentement.retirer_consentement(session, acteur, retrait.date)
    return montrer(
        response, await service.faire(session, acteur, demande_id, Geste.RETRAIT_CONSENTEMENT, version, effet)
    )
