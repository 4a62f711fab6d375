from typing import Annotated
from uuid import UUID

from fastapi import Request, Response

from app.acces.guard import SECURITE, exiger
from app.acces.tables import Application
from app.applications import autorisations, mes_consentements, queries, service
from app.applications.lecture import application_lue
from app.applications.schemas import (
    ApplicationAutorisee,
    ApplicationCreation,
    ApplicationCreee,
    ApplicationLue,
    ApplicationModification,
    ConsentementApplicationLu,
    RotationSecret,
    SecretLu,
)
from app.droits import Acteur, Action
from app.erreurs import ApplicationTerminee, RequeteEnCours, VersionPerimee
from app.kit.etag import IfMatch, digest, show_version
from app.kit.idempotency import Idempotent, keep_without
from app.kit.pagination import Page, PagingDep, paginate
from app.kit.problems import declare
from app.kit.refusals import CREATION, LECTURE, LISTE, MODIFICATION
from app.kit.route import router
from app.kit.session import SessionDep

applications_router = router("/applications", "Applications")
autorisees_router = router("/applications-autorisees", "Applications")
consentements_router = router("/moi/consentements", "Applications")


def montrer(response: Response, application: Application) -> ApplicationLue:
    """Show an application; its tag changes with the day of its last use, which is no change of its own."""
    lue = application_lue(application)
    show_version(response, application.version, digest(lue))
    return lue


@applications_router.get(
    "", summary="Lister les applications", dependencies=SECURITE, responses=declare(*LISTE)
)
async def lister_applications(
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.APPLICATION_LIRE)],
    page: PagingDep,
    response: Response,
) -> Page[ApplicationLue]:
    """Toutes pour l'opérateur national ; celles de sa caisse pour un agent. Jamais un secret."""
    statement = queries.applications(acteur)
    return await paginate(session, statement, page, response, lambda row: application_lue(row[0]))


@applications_router.post(
    "",
    summary="Enregistrer une application",
    status_code=201,
    dependencies=SECURITE,
    responses=declare(*CREATION),
)
async def enregistrer_application(
    depot: ApplicationCreation,
    request: Request,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.APPLICATION_CREER)],
    _: Annotated[None, Idempotent],
    response: Response,
) -> ApplicationCreee:
    """Le secret n'est montré que dans cette réponse ; rejouée par sa clé d'idempotence, elle ne le contient plus."""
    creee = await service.creer(session, acteur, depot)
    response.headers["Location"] = f"/v1/applications/{creee.id}"
    show_version(response, 1)
    keep_without(request, creee, "client_secret")
    return creee


@applications_router.get(
    "/{id}", summary="Lire une application", dependencies=SECURITE, responses=declare(*LECTURE)
)
async def lire_application(
    id: UUID,  # noqa: A002  # the contract's name
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.APPLICATION_LIRE)],
    response: Response,
) -> ApplicationLue:
    """Son dernier usage est donné au jour près."""
    application = await service.visible(session, acteur, id)
    return montrer(response, application)


@applications_router.patch(
    "/{id}",
    summary="Modifier une application",
    dependencies=SECURITE,
    responses=declare(*MODIFICATION, ApplicationTerminee),
)
async def modifier_application(
    id: UUID,  # noqa: A002
    changements: ApplicationModification,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.APPLICATION_MODIFIER)],
    version: IfMatch,
    response: Response,
) -> ApplicationLue:
    """Une portée retirée ferme aussitôt les sessions ; un réseau retiré refuse l'appel suivant."""
    application = await service.modifier(session, acteur, id, changements, version)
    return montrer(response, application)


@applications_router.post(
    "/{id}/rotation-secret",
    summary="Renouveler le secret",
    dependencies=SECURITE,
    responses=declare(*MODIFICATION, ApplicationTerminee),
)
async def renouveler_secret(
    id: UUID,  # noqa: A002
    rotation: RotationSecret,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.APPLICATION_MODIFIER)],
    version: IfMatch,
) -> SecretLu:
    """L'ancien vaut encore pendant le chevauchement ; avec 0, il ne vaut plus rien aussitôt."""
    return await service.changer_secret(session, acteur, id, rotation, version)


@applications_router.post(
    "/{id}/fin",
    summary="Mettre fin à une application",
    dependencies=SECURITE,
    responses=declare(*LECTURE, VersionPerimee, RequeteEnCours),
)
async def finir_application(
    id: UUID,  # noqa: A002
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.APPLICATION_TERMINER)],
    version: IfMatch,
    response: Response,
) -> ApplicationLue:
    """Ses jetons sont refusés dès l'appel suivant, sur tous les serveurs ; une seconde fois ne change rien."""
    application = await service.terminer(session, acteur, id, version)
    return montrer(response, application)


@autorisees_router.get(
    "",
    summary="Lister les applications qui agissent pour la structure",
    dependencies=SECURITE,
    responses=declare(*LISTE),
)
async def lister_applications_autorisees(
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.AUTORISATION_LIRE)],
    page: PagingDep,
    response: Response,
) -> Page[ApplicationAutorisee]:
    """Celles par lesquelles ses comptes sont connectés aujourd'hui, et celles enregistrées à son nom."""
    return await autorisations.lister(session, acteur, page, response)


@autorisees_router.post(
    "/{id}/fin",
    summary="Mettre fin à une application pour la structure",
    status_code=204,
    dependencies=SECURITE,
    responses=declare(*LECTURE, RequeteEnCours),
)
async def retirer_application_autorisee(
    id: UUID,  # noqa: A002
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.AUTORISATION_FINIR)],
) -> None:
    """Ses jetons pour tous les comptes de la structure sont refusés dès l'appel suivant."""
    await autorisations.retirer(session, acteur, id)


@consentements_router.get(
    "",
    summary="Lister ses consentements à des applications",
    dependencies=SECURITE,
    responses=declare(*LISTE),
)
async def lister_mes_consentements(
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.CONSENTEMENT_LIRE)],
    page: PagingDep,
    response: Response,
) -> Page[ConsentementApplicationLu]:
    """Ce que l'appelant a permis à chaque application ; vide pour une application qui agit pour elle-même."""
    return await mes_consentements.lister(session, acteur, page, response)


@consentements_router.delete(
    "/{id}",
    summary="Retirer son consentement à une application",
    status_code=204,
    dependencies=SECURITE,
    responses=declare(*LECTURE, RequeteEnCours),
)
async def retirer_mon_consentement(
    id: UUID,  # noqa: A002
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.CONSENTEMENT_RETIRER)],
) -> None:
    """Les jetons de l'application pour ce compte sont refusés dès l'appel suivant, celui-ci compris s'il en vient."""
    await mes_consentements.retirer(session, acteur, id)
