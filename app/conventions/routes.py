from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.acces.guard import SECURITE, exiger
from app.conventions import actes, fonctionnalites, lecture, queries, service
from app.conventions.schemas import (
    ConventionCreation,
    ConventionLue,
    FonctionnalitesConvention,
    Signature,
    Suspension,
)
from app.conventions.tables import Convention
from app.droits import Acteur, Action
from app.erreurs import ConventionDejaOuverte, DejaSignee, EtatDeLaConvention
from app.kit.etag import IfMatch, digest, show_version
from app.kit.guarded import JourProche
from app.kit.idempotency import Idempotent
from app.kit.pagination import Page, PagingDep, paginate
from app.kit.problems import declare
from app.kit.refusals import CREATION, LECTURE, LISTE, MODIFICATION, TEXTE
from app.kit.route import router
from app.kit.session import SessionDep

conventions_router = router("/conventions", "Conventions")
ACTE = (*MODIFICATION, *TEXTE, EtatDeLaConvention)


async def montrer(
    session: AsyncSession, response: Response, convention: Convention, au: date | None = None
) -> ConventionLue:
    """Show a convention; its tag changes with all that its days change: state, period, terms, functions."""
    lue = await lecture.convention_lue(session, convention, au)
    show_version(response, convention.version, digest(lue))
    return lue


@conventions_router.get(
    "",
    summary="Lister les conventions",
    dependencies=SECURITE,
    responses=declare(*LISTE),
)
async def lister_conventions(
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.CONVENTION_LIRE)],
    page: PagingDep,
    response: Response,
) -> Page[ConventionLue]:
    """Celles de la caisse pour un agent, celles de la structure pour un gestionnaire."""
    lues = await paginate(session, queries.conventions(acteur), page, response, lambda row: row[0])
    donnees = await lecture.conventions_lues(session, lues.donnees)
    return Page(donnees=donnees, curseur_suivant=lues.curseur_suivant)


@conventions_router.post(
    "",
    summary="Créer une convention",
    status_code=201,
    dependencies=SECURITE,
    responses=declare(*CREATION, ConventionDejaOuverte),
)
async def creer_convention(
    depot: ConventionCreation,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.CONVENTION_CREER)],
    _: Annotated[None, Idempotent],
    response: Response,
) -> ConventionLue:
    """Elle entre en vigueur à la date de la dernière des deux signatures, pour un an (8.1)."""
    convention = await service.creer(session, acteur, depot)
    response.headers["Location"] = f"/v1/conventions/{convention.id}"
    return await montrer(session, response, convention)


@conventions_router.get(
    "/{id}",
    summary="Lire une convention",
    dependencies=SECURITE,
    responses=declare(*LECTURE),
)
async def lire_convention(
    id: UUID,  # noqa: A002  # the contract's name
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.CONVENTION_LIRE)],
    response: Response,
    au: Annotated[
        JourProche | None, Query(description="Les termes tels qu'ils étaient, ou seront, ce jour-là (8.3).")
    ] = None,
) -> ConventionLue:
    """Son statut suit ses dates, au jour de la lecture ou au jour demandé."""
    convention = await actes.visible(session, acteur, id)
    return await montrer(session, response, convention, au)


@conventions_router.post(
    "/{id}/signatures",
    summary="Enregistrer une signature",
    dependencies=SECURITE,
    responses=declare(*MODIFICATION, DejaSignee, ConventionDejaOuverte),
)
async def signer_convention(
    id: UUID,  # noqa: A002
    signature: Signature,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.CONVENTION_SIGNER)],
    version: IfMatch,
    response: Response,
) -> ConventionLue:
    """L'agent enregistre la signature de l'une ou l'autre partie ; chacune ne signe qu'une fois."""
    convention = await service.signer(session, acteur, id, signature, version)
    return await montrer(session, response, convention)


@conventions_router.put(
    "/{id}/fonctionnalites",
    summary="Ouvrir ou fermer des fonctionnalités pour une convention",
    dependencies=SECURITE,
    responses=declare(*MODIFICATION),
)
async def regler_fonctionnalites_convention(
    id: UUID,  # noqa: A002
    choix: FonctionnalitesConvention,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.FONCTIONNALITE_REGLER)],
    version: IfMatch,
    response: Response,
) -> ConventionLue:
    """Contre le choix de la caisse pour tous ; null le suit de nouveau (1.2)."""
    convention = await fonctionnalites.regler(session, acteur, id, choix, version)
    return await montrer(session, response, convention)


@conventions_router.post(
    "/{id}/suspension",
    summary="Suspendre l'accès d'une structure",
    dependencies=SECURITE,
    responses=declare(*ACTE),
)
async def suspendre_convention(
    id: UUID,  # noqa: A002
    suspension: Suspension,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.CONVENTION_SUSPENDRE)],
    version: IfMatch,
    response: Response,
) -> ConventionLue:
    """Pour un usage non conforme : l'accès de toute la structure à cette caisse cesse aussitôt (4.1)."""
    convention = await service.suspendre(session, acteur, id, suspension, version)
    return await montrer(session, response, convention)


@conventions_router.post(
    "/{id}/levee-suspension",
    summary="Lever la suspension",
    dependencies=SECURITE,
    responses=declare(*ACTE),
)
async def lever_suspension(
    id: UUID,  # noqa: A002
    levee: Suspension,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.CONVENTION_SUSPENDRE)],
    version: IfMatch,
    response: Response,
) -> ConventionLue:
    """L'accès reprend aussitôt, avec les mêmes fonctionnalités."""
    convention = await service.lever_suspension(session, acteur, id, levee, version)
    return await montrer(session, response, convention)
