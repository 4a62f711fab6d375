from typing import Annotated

from fastapi import Response

from app.acces.guard import SECURITE, exiger
from app.comptes import gestionnaires, queries
from app.comptes.lecture import compte_lu
from app.comptes.routes_communes import FIN, MODIFICATION, Id, montrer
from app.comptes.schemas import CompteLu, FinDeGestionnaire, GestionnaireModification, Motif
from app.droits import Acteur, Action, Role
from app.erreurs import DernierGestionnaire
from app.habilitations import service
from app.kit.etag import IfMatch
from app.kit.pagination import Page, PagingDep, paginate
from app.kit.problems import declare
from app.kit.refusals import LECTURE, LISTE
from app.kit.route import router
from app.kit.session import SessionDep

gestionnaires_router = router("/gestionnaires", "Gestionnaires")


@gestionnaires_router.get(
    "", summary="Lister les gestionnaires", dependencies=SECURITE, responses=declare(*LISTE)
)
async def lister_gestionnaires(
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.GESTIONNAIRE_LIRE)],
    page: PagingDep,
    response: Response,
) -> Page[CompteLu]:
    """Ceux de la structure pour un gestionnaire, ceux des partenaires de la caisse pour un agent."""
    statement = queries.de_la_structure(acteur, Role.GESTIONNAIRE)
    return await paginate(session, statement, page, response, lambda row: compte_lu(row[0]))


@gestionnaires_router.get(
    "/{id}", summary="Lire un gestionnaire", dependencies=SECURITE, responses=declare(*LECTURE)
)
async def lire_gestionnaire(
    compte_id: Id,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.GESTIONNAIRE_LIRE)],
    response: Response,
) -> CompteLu:
    """Un gestionnaire de sa structure, ou d'un partenaire de la caisse."""
    return montrer(response, await gestionnaires.gestionnaire(session, acteur, compte_id))


@gestionnaires_router.patch(
    "/{id}", summary="Modifier un gestionnaire", dependencies=SECURITE, responses=declare(*MODIFICATION)
)
async def modifier_gestionnaire(
    compte_id: Id,
    changement: GestionnaireModification,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.GESTIONNAIRE_MODIFIER)],
    version: IfMatch,
    response: Response,
) -> CompteLu:
    """Par la caisse seule, à la demande du partenaire : téléphone, adresse, fonction, nom (2.2.2)."""
    return montrer(response, await service.modifier(session, acteur, compte_id, changement, version))


@gestionnaires_router.post(
    "/{id}/inactivation",
    summary="Inactiver un gestionnaire",
    dependencies=SECURITE,
    responses=declare(*FIN, DernierGestionnaire),
)
async def inactiver_gestionnaire(
    compte_id: Id,
    fin: FinDeGestionnaire,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.GESTIONNAIRE_INACTIVER)],
    response: Response,
) -> CompteLu:
    """Par la caisse, à réception ; jamais le dernier ; ses techniciens vont à un autre gestionnaire (2.2.3)."""
    return montrer(response, await gestionnaires.inactiver(session, acteur, compte_id, fin))


@gestionnaires_router.post(
    "/{id}/exclusion", summary="Exclure un gestionnaire", dependencies=SECURITE, responses=declare(*FIN)
)
async def exclure_gestionnaire(
    compte_id: Id,
    exclusion: Motif,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.COMPTE_EXCLURE)],
    response: Response,
) -> CompteLu:
    """Sans délai, même le dernier : l'urgence l'emporte (4.1)."""
    exclu = await gestionnaires.exclure(session, acteur, Role.GESTIONNAIRE, compte_id, exclusion)
    return montrer(response, exclu)
