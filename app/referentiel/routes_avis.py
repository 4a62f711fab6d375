from typing import Annotated

from fastapi import Query, Response

from app.acces.guard import SECURITE, exiger
from app.droits import Acteur, Action
from app.erreurs import Introuvable
from app.kit.clock import now
from app.kit.idempotency import Idempotent
from app.kit.pagination import Page, PagingDep, paginate
from app.kit.problems import declare
from app.kit.refusals import CREATION, LISTE, TEXTE
from app.kit.route import router
from app.kit.session import SessionDep
from app.referentiel import avis as service
from app.referentiel.routes import Code
from app.referentiel.schemas_referents import AvisDepot, AvisLu
from app.referentiel.service import caisse_visible

avis_router = router("/caisses", "Avis")


@avis_router.get(
    "/{code}/avis",
    summary="Lire les avis d'une caisse",
    dependencies=SECURITE,
    responses=declare(*LISTE, Introuvable),
)
async def lister_avis(
    code: Code,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.AVIS_LIRE)],
    page: PagingDep,
    response: Response,
    finis: Annotated[bool, Query(description="Avec ceux dont la fin est passée.")] = False,
) -> Page[AvisLu]:
    """Les avis courants et à venir, du plus récemment publié au plus ancien."""
    await caisse_visible(session, acteur, code)
    statement = service.de_la_caisse(code, now(), finis=finis)
    return await paginate(session, statement, page, response, lambda row: service.lire(row[0]))


@avis_router.post(
    "/{code}/avis",
    summary="Publier un avis",
    status_code=201,
    dependencies=SECURITE,
    responses=declare(*CREATION, *TEXTE, Introuvable),
)
async def publier_avis(
    code: Code,
    depot: AvisDepot,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.AVIS_PUBLIER)],
    _: Annotated[None, Idempotent],
    response: Response,
) -> AvisLu:
    """À tous les partenaires de la caisse, aussitôt ; leurs gestionnaires reçoivent un courriel (7)."""
    avis = await service.publier_avis(session, acteur, code, depot)
    response.headers["Location"] = f"/v1/caisses/{code}/avis"
    return service.lire(avis)
