from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response

from app.acces.guard import SECURITE, exiger
from app.comptes.routes_communes import CREATION, FIN
from app.comptes.schemas import Motif
from app.droits import Acteur, Action
from app.erreurs import DejaDecidee, DernierGestionnaire, EtatDuCompte, PreavisInsuffisant, QuotaAtteint
from app.habilitations import incidents, service
from app.habilitations.lecture import habilitation_lue
from app.habilitations.regles import StatutHabilitation
from app.habilitations.schemas import (
    HabilitationAcceptation,
    HabilitationDepot,
    HabilitationLue,
    IncidentDepot,
    IncidentLu,
)
from app.habilitations.tables import DemandeHabilitation
from app.kit.etag import late, show_version
from app.kit.idempotency import Idempotent
from app.kit.pagination import Page, PagingDep, paginate
from app.kit.problems import declare
from app.kit.refusals import LECTURE, LISTE
from app.kit.route import router
from app.kit.session import SessionDep

habilitations_router = router("/demandes-habilitation", "Habilitations")
incidents_router = router("/incidents", "Incidents")
Id = Annotated[UUID, Path(alias="id", description="Identifiant.")]


def montrer(response: Response, demande: DemandeHabilitation) -> HabilitationLue:
    lue = habilitation_lue(demande)
    show_version(response, demande.version, late(lue.en_retard))
    return lue


@habilitations_router.post(
    "",
    summary="Demander une habilitation",
    status_code=201,
    dependencies=SECURITE,
    responses=declare(*CREATION, QuotaAtteint, DernierGestionnaire, PreavisInsuffisant, EtatDuCompte),
)
async def demander_habilitation(
    depot: HabilitationDepot,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.HABILITATION_DEMANDER)],
    _: Annotated[None, Idempotent],
    response: Response,
) -> HabilitationLue:
    """Créer, modifier ou inactiver un gestionnaire : la caisse décide en cinq jours ouvrés (2.2.1)."""
    demande = await service.deposer(session, acteur, depot)
    response.headers["Location"] = f"/v1/demandes-habilitation/{demande.id}"
    return montrer(response, demande)


@habilitations_router.get(
    "", summary="Lister les demandes d'habilitation", dependencies=SECURITE, responses=declare(*LISTE)
)
async def lister_habilitations(
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.HABILITATION_LIRE)],
    page: PagingDep,
    response: Response,
    statut: Annotated[StatutHabilitation | None, Query(description="Statut.")] = None,
    en_retard: Annotated[bool | None, Query(description="Échéance dépassée, sans décision.")] = None,
) -> Page[HabilitationLue]:
    """Celles de la structure, ou des partenaires de la caisse ; ce qui est en retard se liste (2.2.1)."""
    statement = service.visibles(acteur, statut, en_retard)
    return await paginate(session, statement, page, response, lambda row: habilitation_lue(row[0]))


@habilitations_router.get(
    "/{id}", summary="Lire une demande d'habilitation", dependencies=SECURITE, responses=declare(*LECTURE)
)
async def lire_habilitation(
    demande_id: Id,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.HABILITATION_LIRE)],
    response: Response,
) -> HabilitationLue:
    """Avec son échéance et, une fois acceptée, le compte ouvert."""
    return montrer(response, await service.visible(session, acteur, demande_id))


@habilitations_router.post(
    "/{id}/acceptation",
    summary="Accepter une demande d'habilitation",
    dependencies=SECURITE,
    responses=declare(*CREATION, QuotaAtteint, DernierGestionnaire, DejaDecidee, EtatDuCompte),
)
async def accepter_habilitation(
    demande_id: Id,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.HABILITATION_DECIDER)],
    response: Response,
    acceptation: HabilitationAcceptation | None = None,
) -> HabilitationLue:
    """Une création ouvre le compte ; une inactivation prend effet au jour souhaité, ou tout de suite."""
    immediat = acceptation is not None and acceptation.effet is not None
    return montrer(response, await service.accepter(session, acteur, demande_id, immediat=immediat))


@habilitations_router.post(
    "/{id}/refus",
    summary="Refuser une demande d'habilitation",
    dependencies=SECURITE,
    responses=declare(*FIN, DejaDecidee),
)
async def refuser_habilitation(
    demande_id: Id,
    refus: Motif,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.HABILITATION_DECIDER)],
    response: Response,
) -> HabilitationLue:
    """Avec son motif, transmis à la structure."""
    return montrer(response, await service.refuser(session, acteur, demande_id, refus))


@incidents_router.post(
    "", summary="Déclarer un incident", status_code=201, dependencies=SECURITE, responses=declare(*CREATION)
)
async def declarer_incident(
    depot: IncidentDepot,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.INCIDENT_DECLARER)],
    _: Annotated[None, Idempotent],
    response: Response,
) -> IncidentLu:
    """Fraude, vol ou perte : le compte est inactivé aussitôt, et l'autre partie informée (4.1)."""
    incident = await incidents.declarer(session, acteur, depot)
    response.headers["Location"] = f"/v1/incidents/{incident.id}"
    show_version(response, incident.version)
    return IncidentLu.model_validate(incident, from_attributes=True)


@incidents_router.get("", summary="Lister les incidents", dependencies=SECURITE, responses=declare(*LISTE))
async def lister_incidents(
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.INCIDENT_LIRE)],
    page: PagingDep,
    response: Response,
) -> Page[IncidentLu]:
    """Ceux de la structure, des partenaires de la caisse, ou de son propre compte."""
    return await paginate(
        session,
        incidents.visibles(acteur),
        page,
        response,
        lambda row: IncidentLu.model_validate(row[0], from_attributes=True),
    )


@incidents_router.get("/{id}", summary="Lire un incident", dependencies=SECURITE, responses=declare(*LECTURE))
async def lire_incident(
    incident_id: Id,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.INCIDENT_LIRE)],
    response: Response,
) -> IncidentLu:
    """Avec sa preuve, pour les deux parties (4.1)."""
    incident = await incidents.visible(session, acteur, incident_id)
    show_version(response, incident.version)
    return IncidentLu.model_validate(incident, from_attributes=True)
