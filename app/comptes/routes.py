from typing import Annotated
from uuid import UUID

from fastapi import Response

from app.acces.guard import SECURITE, exiger
from app.comptes import queries, service
from app.comptes.lecture import compte_lu
from app.comptes.schemas import (
    AgentCreation,
    CguAcceptation,
    CguLues,
    CguPublication,
    CompteLu,
    Motif,
)
from app.droits import Acteur, Action
from app.erreurs import (
    DejaExistant,
    Introuvable,
    JetonInvalide,
    NirInterdit,
    Validation,
)
from app.kit.etag import digest, show_version
from app.kit.idempotency import Idempotent
from app.kit.pagination import Page, PagingDep, paginate
from app.kit.problems import declare
from app.kit.refusals import CREATION, LECTURE, LISTE, TEXTE
from app.kit.route import router
from app.kit.session import SessionDep

agents_router = router("/agents", "Agents de caisse")
cgu_router = router("/cgu", "Conditions générales d'utilisation")
moi_cgu_router = router("/moi/cgu", "Conditions générales d'utilisation")


@cgu_router.get(
    "",
    summary="Lire les conditions en vigueur",
    dependencies=SECURITE,
    responses=declare(JetonInvalide, Introuvable),
)
async def lire_cgu(session: SessionDep, acteur: Annotated[Acteur, exiger(Action.CGU_LIRE)]) -> CguLues:
    """La version à accepter à la première connexion, et à chaque nouvelle version (2.1)."""
    cgu = await queries.cgu_en_vigueur(session)
    if cgu is None:
        raise Introuvable
    return CguLues.model_validate(cgu, from_attributes=True)


@cgu_router.post(
    "",
    summary="Publier une version des conditions",
    status_code=201,
    dependencies=[*SECURITE],
    responses=declare(*CREATION, DejaExistant),
)
async def publier_cgu(
    publication: CguPublication,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.CGU_PUBLIER)],
    _: Annotated[None, Idempotent],
) -> CguLues:
    """Dès la publication, chaque personne doit accepter cette version avant tout autre appel."""
    cgu = await service.publier_cgu(session, acteur, publication)
    return CguLues.model_validate(cgu, from_attributes=True)


@moi_cgu_router.post(
    "",
    summary="Accepter les conditions",
    status_code=204,
    dependencies=SECURITE,
    responses=declare(JetonInvalide, Validation, NirInterdit),
)
async def accepter_cgu(
    acceptation: CguAcceptation, session: SessionDep, acteur: Annotated[Acteur, exiger(Action.CGU_ACCEPTER)]
) -> None:
    """La version et l'heure sont conservées ; renouvelez ensuite le jeton pour retrouver tous les droits."""
    await service.accepter_cgu(session, acteur, acceptation.version)


@agents_router.get(
    "",
    summary="Lister les agents",
    dependencies=SECURITE,
    responses=declare(*LISTE),
)
async def lister_agents(
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.AGENT_LIRE)],
    page: PagingDep,
    response: Response,
) -> Page[CompteLu]:
    """Ceux de la caisse de l'agent, pour leur affecter des demandes ; tous pour l'administrateur."""
    return await paginate(
        session, queries.agents(acteur.caisse), page, response, lambda row: compte_lu(row[0])
    )


@agents_router.post(
    "",
    summary="Créer un agent de caisse",
    status_code=201,
    dependencies=SECURITE,
    responses=declare(*CREATION),
)
async def creer_agent(
    agent: AgentCreation,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.AGENT_CREER)],
    _: Annotated[None, Idempotent],
    response: Response,
) -> CompteLu:
    """Le titulaire reçoit un lien personnel, à usage unique, pour choisir son mot de passe."""
    compte = await service.creer_agent(session, acteur, agent)
    response.headers["Location"] = f"/v1/agents/{compte.id}"
    lu = compte_lu(compte)
    show_version(response, compte.version, digest(lu))
    return lu


@agents_router.get(
    "/{id}",
    summary="Lire un agent",
    dependencies=SECURITE,
    responses=declare(*LECTURE),
)
async def lire_agent(
    id: UUID,  # noqa: A002  # the contract's name
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.AGENT_LIRE)],
    response: Response,
) -> CompteLu:
    """Un agent de la caisse ; toute autre personne est introuvable."""
    compte = await service.agent(session, acteur, id)
    lu = compte_lu(compte)
    show_version(response, compte.version, digest(lu))
    return lu


@agents_router.post(
    "/{id}/inactivation",
    summary="Inactiver un agent",
    dependencies=SECURITE,
    responses=declare(*LECTURE, *TEXTE),
)
async def inactiver_agent(
    id: UUID,  # noqa: A002
    inactivation: Motif,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.AGENT_INACTIVER)],
    response: Response,
) -> CompteLu:
    """Effet immédiat : le prochain appel avec un jeton déjà obtenu est refusé (4.1)."""
    compte = await service.inactiver_agent(session, acteur, id, inactivation.motif)
    lu = compte_lu(compte)
    show_version(response, compte.version, digest(lu))
    return lu
