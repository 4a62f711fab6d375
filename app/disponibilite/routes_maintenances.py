from typing import Annotated
from uuid import UUID

from fastapi import Response

from app.acces.guard import SECURITE, exiger
from app.disponibilite import maintenances as service
from app.disponibilite.regles import StatutMaintenance
from app.disponibilite.schemas import MaintenanceAnnulation, MaintenanceDepot, MaintenanceLue
from app.disponibilite.tables import Maintenance
from app.droits import Acteur, Action
from app.erreurs import TransitionInterdite
from app.kit.etag import IfMatch, show_version
from app.kit.idempotency import Idempotent
from app.kit.pagination import Page, PagingDep, paginate
from app.kit.problems import declare
from app.kit.refusals import CREATION, LECTURE, LISTE, MODIFICATION, TEXTE
from app.kit.route import router
from app.kit.session import SessionDep

maintenances_router = router("/maintenances", "Disponibilité")


def montrer(response: Response, maintenance: Maintenance) -> MaintenanceLue:
    """Show a window; its tag changes when it begins and when it ends, which nobody writes."""
    lue = service.lire(maintenance)
    du_moment = lue.statut in {StatutMaintenance.EN_COURS, StatutMaintenance.TERMINEE}
    show_version(response, maintenance.version, lue.statut.value if du_moment else None)
    return lue


@maintenances_router.get(
    "", summary="Lister les maintenances", dependencies=SECURITE, responses=declare(*LISTE)
)
async def lister_maintenances(
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.MAINTENANCE_LIRE)],
    page: PagingDep,
    response: Response,
) -> Page[MaintenanceLue]:
    """Toutes, passées et annulées comprises ; celles à venir sont pour tous dans GET /v1/statut."""
    return await paginate(session, service.toutes(), page, response, lambda row: service.lire(row[0]))


@maintenances_router.post(
    "",
    summary="Annoncer une maintenance",
    status_code=201,
    dependencies=SECURITE,
    responses=declare(*CREATION, *TEXTE),
)
async def annoncer_maintenance(
    depot: MaintenanceDepot,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.MAINTENANCE_ANNONCER)],
    _: Annotated[None, Idempotent],
    response: Response,
) -> MaintenanceLue:
    """Annoncée aussitôt par courriel, évènement et GET /v1/statut ; pendant sa durée, les appels reçoivent un 503."""
    maintenance = await service.annoncer(session, acteur, depot)
    response.headers["Location"] = f"/v1/maintenances/{maintenance.id}"
    return montrer(response, maintenance)


@maintenances_router.get(
    "/{id}", summary="Lire une maintenance", dependencies=SECURITE, responses=declare(*LECTURE)
)
async def lire_maintenance(
    id: UUID,  # noqa: A002  # the contract's name
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.MAINTENANCE_LIRE)],
    response: Response,
) -> MaintenanceLue:
    """Son statut suit ses dates, à l'instant de la lecture."""
    maintenance = await service.une(session, id)
    return montrer(response, maintenance)


@maintenances_router.post(
    "/{id}/annulation",
    summary="Annuler une maintenance",
    dependencies=SECURITE,
    responses=declare(*MODIFICATION, *TEXTE, TransitionInterdite),
)
async def annuler_maintenance(
    id: UUID,  # noqa: A002
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.MAINTENANCE_ANNULER)],
    version: IfMatch,
    response: Response,
    annulation: MaintenanceAnnulation | None = None,
) -> MaintenanceLue:
    """À venir, elle n'aura pas lieu ; en cours, le service répond de nouveau."""
    maintenance = await service.annuler(session, acteur, id, annulation, version)
    return montrer(response, maintenance)
