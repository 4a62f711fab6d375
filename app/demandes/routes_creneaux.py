from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Response

from app.acces.guard import SECURITE, exiger
from app.demandes import calendrier_ics, creneaux, service
from app.demandes.declarees import GESTE, GESTE_AVEC_TEXTE, LECTURE
from app.demandes.regles import Geste, Type
from app.demandes.routes import montrer
from app.demandes.schemas import DemandeLue
from app.demandes.schemas_creneaux import Confirmation, Envoi, IssueRendezVous, MotifCreneau, Propositions
from app.demandes.tables import Demande
from app.droits import Acteur, Action
from app.erreurs import CleIdempotenceReutilisee, NirInterdit
from app.kit.etag import IfMatch, tag
from app.kit.idempotency import Idempotent
from app.kit.problems import declare
from app.kit.route import router
from app.kit.session import SessionDep

creneaux_router = router("/rendez-vous", "Rendez-vous")
envois_router = router("/demandes-documents", "Demandes de documents")
Id = Annotated[UUID, Path(alias="id", description="Identifiant de la demande.")]
RDV = Type.RENDEZ_VOUS
SANS_MOTIF = MotifCreneau()
ICS = f"{calendrier_ics.MEDIA}; charset=utf-8"
EN_CALENDRIER: dict[int | str, dict[str, Any]] = {
    200: {"content": {calendrier_ics.MEDIA: {"schema": {"type": "string"}, "example": "BEGIN:VCALENDAR…"}}}
}


def entetes(demande: Demande) -> dict[str, str]:
    nom = f"rendez-vous-{demande.reference}.ics"
    return {"Content-Disposition": f'attachment; filename="{nom}"', "ETag": tag(demande.version)}


@creneaux_router.get(
    "/{id}/calendrier.ics",
    summary="Lire le rendez-vous en fichier de calendrier",
    dependencies=SECURITE,
    response_class=Response,
    responses=declare(*LECTURE) | EN_CALENDRIER,
)
async def lire_calendrier(
    demande_id: Id, session: SessionDep, acteur: Annotated[Acteur, exiger(Action.DEMANDE_CONSULTER)]
) -> Response:
    """ICalendar (RFC 5545) du créneau confirmé, ou annulé ensuite ; 404 avant toute confirmation.

    Le fichier porte la référence et rien sur la personne. Le même `UID` suit le rendez-vous d'un créneau à l'autre.
    """
    demande, _ = await service.lire(session, acteur, demande_id, RDV)
    contenu = calendrier_ics.fichier(await calendrier_ics.evenement(session, demande))
    return Response(contenu, media_type=ICS, headers=entetes(demande))


@creneaux_router.post(
    "/{id}/propositions",
    summary="Proposer des créneaux",
    dependencies=SECURITE,
    responses=declare(*GESTE_AVEC_TEXTE, CleIdempotenceReutilisee),
)
async def proposer_creneaux(
    demande_id: Id,
    corps: Propositions,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.RENDEZ_VOUS_PROPOSER)],
    version: IfMatch,
    _: Annotated[None, Idempotent],
    response: Response,
) -> DemandeLue:
    """Remplacent les créneaux encore proposés ; le délai de la caisse s'arrête jusqu'à la réponse."""
    effet = creneaux.proposer(session, corps.creneaux)
    fait = await service.faire(
        session, acteur, demande_id, Geste.PROPOSITIONS, version, effet, corps, type_=RDV
    )
    return montrer(response, fait)


@creneaux_router.post(
    "/{id}/confirmation",
    summary="Confirmer un créneau",
    dependencies=SECURITE,
    responses=declare(*GESTE, NirInterdit),
)
async def confirmer_creneau(
    demande_id: Id,
    corps: Confirmation,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.RENDEZ_VOUS_CONFIRMER)],
    version: IfMatch,
    response: Response,
) -> DemandeLue:
    """Un créneau proposé et qui n'a pas commencé ; les autres sont refusés."""
    effet = creneaux.confirmer(session, acteur, corps.creneau_id)
    fait = await service.faire(session, acteur, demande_id, Geste.CONFIRMATION, version, effet, type_=RDV)
    return montrer(response, fait)


@creneaux_router.post(
    "/{id}/refus",
    summary="Refuser les créneaux proposés",
    dependencies=SECURITE,
    responses=declare(*GESTE_AVEC_TEXTE),
)
async def refuser_creneaux(
    demande_id: Id,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.RENDEZ_VOUS_REFUSER)],
    version: IfMatch,
    response: Response,
    corps: MotifCreneau | None = None,
) -> DemandeLue:
    """La caisse peut en proposer d'autres : la demande reste ouverte."""
    motif = (corps or SANS_MOTIF).motif
    effet = creneaux.passer(session, Geste.REFUS, motif)
    fait = await service.faire(session, acteur, demande_id, Geste.REFUS, version, effet, corps, type_=RDV)
    return montrer(response, fait)


@creneaux_router.post(
    "/{id}/annulation-creneau",
    summary="Annuler un créneau",
    dependencies=SECURITE,
    responses=declare(*GESTE_AVEC_TEXTE),
)
async def annuler_creneau(
    demande_id: Id,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.RENDEZ_VOUS_ANNULER)],
    version: IfMatch,
    response: Response,
    corps: MotifCreneau | None = None,
) -> DemandeLue:
    """Le créneau confirmé, avant son début ; la caisse peut aussi retirer ceux qu'elle propose."""
    motif = (corps or SANS_MOTIF).motif
    effet, geste = creneaux.passer(session, Geste.ANNULATION_CRENEAU, motif), Geste.ANNULATION_CRENEAU
    fait = await service.faire(session, acteur, demande_id, geste, version, effet, corps, type_=RDV)
    return montrer(response, fait)


@creneaux_router.post(
    "/{id}/issue",
    summary="Constater l'issue du rendez-vous",
    dependencies=SECURITE,
    responses=declare(*GESTE, NirInterdit),
)
async def constater_issue(
    demande_id: Id,
    corps: IssueRendezVous,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.RENDEZ_VOUS_CONSTATER)],
    version: IfMatch,
    response: Response,
) -> DemandeLue:
    """Après la fin du créneau ; la demande reste à clôturer, ou un autre créneau à proposer."""
    effet = creneaux.constater(session, honore=corps.honore)
    evenement = "rendez_vous.honore" if corps.honore else "rendez_vous.manque"
    fait = await service.faire(
        session, acteur, demande_id, Geste.ISSUE, version, effet, type_=RDV, evenement=evenement
    )
    return montrer(response, fait)


@envois_router.post(
    "/{id}/envoi",
    summary="Dire l'envoi du document",
    dependencies=SECURITE,
    responses=declare(*GESTE, NirInterdit),
)
async def envoyer_document(
    demande_id: Id,
    corps: Envoi,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.DOCUMENT_ENVOYER)],
    version: IfMatch,
    response: Response,
) -> DemandeLue:
    """Par la poste, à l'adresse de la personne connue de la caisse (1.2) ; la clôture reste à faire."""
    effet = creneaux.envoyer(session, corps.le)
    fait = await service.faire(session, acteur, demande_id, Geste.ENVOI, version, effet, type_=Type.DOCUMENT)
    return montrer(response, fait)
