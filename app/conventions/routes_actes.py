"""Art. 8: the acts of the life of a convention, recorded by the caisse's agent in the name of either party."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from app.acces.guard import SECURITE, exiger
from app.conventions import actes, avenants, fins, lecture, mises_en_demeure, queries
from app.conventions.routes import ACTE, montrer
from app.conventions.schemas import ConventionLue, Denonciation, Resiliation
from app.conventions.schemas_actes import (
    EXEMPLE_FONCTIONNALITES,
    AvenantDepot,
    AvenantLu,
    FonctionnaliteConvention,
    MiseEnDemeureDepot,
    MiseEnDemeureLue,
    Reparation,
)
from app.droits import Acteur, Action
from app.erreurs import ConventionDejaOuverte, DejaReparee, PreavisDeMiseEnDemeure
from app.kit.etag import IfMatch
from app.kit.idempotency import Idempotent
from app.kit.pagination import Page, PagingDep, paginate
from app.kit.problems import declare
from app.kit.refusals import CREATION, LECTURE, LISTE
from app.kit.route import router
from app.kit.session import SessionDep

actes_router = router("/conventions", "Conventions")
DEPOT = (*ACTE, *CREATION)


@actes_router.get(
    "/{id}/fonctionnalites",
    summary="Lire les fonctionnalités d'une convention",
    dependencies=SECURITE,
    responses=declare(*LECTURE)
    | {200: {"content": {"application/json": {"example": EXEMPLE_FONCTIONNALITES}}}},
)
async def lire_fonctionnalites_convention(
    id: UUID,  # noqa: A002  # the contract's name
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.CONVENTION_LIRE)],
) -> list[FonctionnaliteConvention]:
    """Chacune, depuis quand et par qui, avec ses choix passés et à venir (1.2, 8.3)."""
    return await lecture.fonctionnalites_lues(session, await actes.visible(session, acteur, id))


@actes_router.post(
    "/{id}/denonciation",
    summary="Dénoncer une convention",
    dependencies=SECURITE,
    responses=declare(*ACTE),
)
async def denoncer_convention(
    id: UUID,  # noqa: A002
    denonciation: Denonciation,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.CONVENTION_DENONCER)],
    version: IfMatch,
    response: Response,
) -> ConventionLue:
    """En vigueur jusqu'à `fin_le`, elle n'est pas reconduite (8.1)."""
    convention = await fins.denoncer(session, acteur, id, denonciation, version)
    return await montrer(session, response, convention)


@actes_router.post(
    "/{id}/resiliation",
    summary="Résilier une convention",
    dependencies=SECURITE,
    responses=declare(*ACTE, PreavisDeMiseEnDemeure),
)
async def resilier_convention(
    id: UUID,  # noqa: A002
    resiliation: Resiliation,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.CONVENTION_RESILIER)],
    version: IfMatch,
    response: Response,
) -> ConventionLue:
    """Au jour dit, passé ou à venir ; résilier la convention métier résilie celle d'utilisation (8.2)."""
    convention = await fins.resilier(session, acteur, id, resiliation, version)
    return await montrer(session, response, convention)


@actes_router.get(
    "/{id}/avenants",
    summary="Lister les avenants",
    dependencies=SECURITE,
    responses=declare(*LISTE, *LECTURE),
)
async def lister_avenants(
    id: UUID,  # noqa: A002
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.CONVENTION_LIRE)],
    page: PagingDep,
    response: Response,
) -> Page[AvenantLu]:
    """Ce que chacun a changé, et à partir de quel jour (8.3)."""
    await actes.visible(session, acteur, id)
    lus = await paginate(session, queries.avenants(id), page, response, lambda row: row[0])
    donnees = await lecture.avenants_lus(session, lus.donnees)
    return Page(donnees=donnees, curseur_suivant=lus.curseur_suivant)


@actes_router.post(
    "/{id}/avenants",
    summary="Enregistrer un avenant",
    status_code=201,
    dependencies=SECURITE,
    responses=declare(*DEPOT, ConventionDejaOuverte),
)
async def conclure_avenant(
    id: UUID,  # noqa: A002
    depot: AvenantDepot,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.CONVENTION_AMENDER)],
    version: IfMatch,
    _: Annotated[None, Idempotent],
    response: Response,
) -> AvenantLu:
    """Les anciens termes restent lisibles par `GET /v1/conventions/{id}?au=` (8.3)."""
    avenant = await avenants.conclure(session, acteur, id, depot, version)
    response.headers["Location"] = f"/v1/conventions/{id}/avenants/{avenant.id}"
    return (await lecture.avenants_lus(session, [avenant]))[0]


@actes_router.get(
    "/{id}/avenants/{avenant_id}",
    summary="Lire un avenant",
    dependencies=SECURITE,
    responses=declare(*LECTURE),
)
async def lire_avenant(
    id: UUID,  # noqa: A002
    avenant_id: UUID,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.CONVENTION_LIRE)],
) -> AvenantLu:
    """Un avenant ne change plus : un autre le corrige."""
    avenant = await avenants.lire(session, acteur, id, avenant_id)
    return (await lecture.avenants_lus(session, [avenant]))[0]


@actes_router.get(
    "/{id}/mises-en-demeure",
    summary="Lister les mises en demeure",
    dependencies=SECURITE,
    responses=declare(*LISTE, *LECTURE),
)
async def lister_mises_en_demeure(
    id: UUID,  # noqa: A002
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.CONVENTION_LIRE)],
    page: PagingDep,
    response: Response,
) -> Page[MiseEnDemeureLue]:
    """Celles des deux parties, avec le jour où chacune permet la résiliation (8.2)."""
    await actes.visible(session, acteur, id)
    demandees = queries.mises_en_demeure(id)
    return await paginate(
        session, demandees, page, response, lambda row: lecture.lire_mise_en_demeure(row[0])
    )


@actes_router.post(
    "/{id}/mises-en-demeure",
    summary="Enregistrer une mise en demeure",
    status_code=201,
    dependencies=SECURITE,
    responses=declare(*DEPOT),
)
async def mettre_en_demeure(
    id: UUID,  # noqa: A002
    depot: MiseEnDemeureDepot,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.CONVENTION_METTRE_EN_DEMEURE)],
    version: IfMatch,
    _: Annotated[None, Idempotent],
    response: Response,
) -> MiseEnDemeureLue:
    """Par lettre recommandée déjà reçue ; trente jours plus tard, un manquement non réparé permet de résilier."""
    demeure = await mises_en_demeure.enregistrer(session, acteur, id, depot, version)
    response.headers["Location"] = f"/v1/conventions/{id}/mises-en-demeure/{demeure.id}"
    return lecture.lire_mise_en_demeure(demeure)


@actes_router.get(
    "/{id}/mises-en-demeure/{mise_en_demeure_id}",
    summary="Lire une mise en demeure",
    dependencies=SECURITE,
    responses=declare(*LECTURE),
)
async def lire_mise_en_demeure(
    id: UUID,  # noqa: A002
    mise_en_demeure_id: UUID,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.CONVENTION_LIRE)],
) -> MiseEnDemeureLue:
    """Sa réception, ce qu'elle permet et depuis quand, sa réparation."""
    demeure = await mises_en_demeure.lire(session, acteur, id, mise_en_demeure_id)
    return lecture.lire_mise_en_demeure(demeure)


@actes_router.post(
    "/{id}/mises-en-demeure/{mise_en_demeure_id}/reparation",
    summary="Enregistrer la réparation d'un manquement",
    dependencies=SECURITE,
    responses=declare(*ACTE, DejaReparee),
)
async def reparer_manquement(
    id: UUID,  # noqa: A002
    mise_en_demeure_id: UUID,
    reparation: Reparation,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.CONVENTION_METTRE_EN_DEMEURE)],
    version: IfMatch,
) -> MiseEnDemeureLue:
    """Réparé, le manquement ne fonde plus de résiliation ; celle qui était prévue pour lui tombe."""
    demeure = await mises_en_demeure.reparer(session, acteur, id, mise_en_demeure_id, reparation, version)
    return lecture.lire_mise_en_demeure(demeure)
