from typing import Annotated
from uuid import UUID

from fastapi import Request, Response

from app.acces.guard import SECURITE, exiger
from app.droits import Acteur, Action
from app.erreurs import Introuvable, RequeteEnCours, TropDeWebhooks, Validation, VersionPerimee
from app.kit.etag import IfMatch, show_version
from app.kit.idempotency import Idempotent, keep_without
from app.kit.pagination import Page, PagingDep, paginate
from app.kit.problems import declare
from app.kit.refusals import ACCES, CREATION, LECTURE, LISTE, MODIFICATION
from app.kit.route import router
from app.kit.session import SessionDep
from app.webhooks import queries, service
from app.webhooks.schemas import LivraisonLue, WebhookCreation, WebhookCree, WebhookLu, WebhookModification

webhooks_router = router("/webhooks", "Webhooks")
GESTE = (*ACCES, Introuvable, Validation, RequeteEnCours)


@webhooks_router.get(
    "",
    summary="Lister les webhooks",
    dependencies=SECURITE,
    responses=declare(*LISTE),
)
async def lister_webhooks(
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.WEBHOOK_LIRE)],
    page: PagingDep,
    response: Response,
) -> Page[WebhookLu]:
    """Ceux de la caisse pour un agent, ceux de la structure pour un gestionnaire."""
    siens = queries.webhooks(acteur)
    return await paginate(session, siens, page, response, lambda row: WebhookLu.model_validate(row[0]))


@webhooks_router.post(
    "",
    summary="Créer un webhook",
    status_code=201,
    dependencies=SECURITE,
    responses=declare(*CREATION, TropDeWebhooks),
)
async def creer_webhook(
    depot: WebhookCreation,
    request: Request,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.WEBHOOK_GERER)],
    _: Annotated[None, Idempotent],
    response: Response,
) -> WebhookCree:
    """Le secret n'est montré que dans cette réponse ; rejouée par sa clé d'idempotence, elle ne le contient plus."""
    webhook, secret = await service.creer(session, acteur, depot)
    response.headers["Location"] = f"/v1/webhooks/{webhook.id}"
    show_version(response, webhook.version)
    cree = WebhookCree(**WebhookLu.model_validate(webhook).model_dump(), secret=secret)
    keep_without(request, cree, "secret")
    return cree


@webhooks_router.get(
    "/{id}",
    summary="Lire un webhook",
    dependencies=SECURITE,
    responses=declare(*LECTURE),
)
async def lire_webhook(
    id: UUID,  # noqa: A002  # the contract's name
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.WEBHOOK_LIRE)],
    response: Response,
) -> WebhookLu:
    """Son état, sans son secret."""
    webhook = await service.visible(session, acteur, id)
    show_version(response, webhook.version)
    return WebhookLu.model_validate(webhook)


@webhooks_router.patch(
    "/{id}",
    summary="Modifier un webhook",
    dependencies=SECURITE,
    responses=declare(*MODIFICATION),
)
async def modifier_webhook(
    id: UUID,  # noqa: A002
    voulu: WebhookModification,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.WEBHOOK_GERER)],
    version: IfMatch,
    response: Response,
) -> WebhookLu:
    """L'adresse, les types d'évènement, ou l'arrêt et la reprise."""
    webhook = await service.modifier(session, acteur, id, voulu, version)
    show_version(response, webhook.version)
    return WebhookLu.model_validate(webhook)


@webhooks_router.delete(
    "/{id}",
    summary="Supprimer un webhook",
    status_code=204,
    dependencies=SECURITE,
    responses=declare(*GESTE),
)
async def supprimer_webhook(
    id: UUID,  # noqa: A002
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.WEBHOOK_GERER)],
) -> Response:
    """Avec ses livraisons, celles qui attendent comprises."""
    await service.supprimer(session, acteur, id)
    return Response(status_code=204)


@webhooks_router.post(
    "/{id}/rotation-secret",
    summary="Renouveler le secret d'un webhook",
    dependencies=SECURITE,
    responses=declare(*GESTE, VersionPerimee),
)
async def renouveler_secret_webhook(
    id: UUID,  # noqa: A002
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.WEBHOOK_GERER)],
    version: IfMatch,
    response: Response,
) -> WebhookCree:
    """Pendant 24 heures, les deux secrets signent : le temps de changer celui du récepteur."""
    webhook, secret = await service.renouveler_secret(session, acteur, id, version)
    show_version(response, webhook.version)
    return WebhookCree(**WebhookLu.model_validate(webhook).model_dump(), secret=secret)


@webhooks_router.post(
    "/{id}/test",
    summary="Essayer un webhook",
    status_code=202,
    dependencies=SECURITE,
    responses=declare(*GESTE),
)
async def essayer_webhook(
    id: UUID,  # noqa: A002
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.WEBHOOK_ESSAYER)],
) -> LivraisonLue:
    """Envoie `webhook.test`, une fois ; le résultat se lit dans les livraisons."""
    return LivraisonLue.model_validate(await service.essayer(session, acteur, id))


@webhooks_router.get(
    "/{id}/livraisons",
    summary="Lister les livraisons d'un webhook",
    dependencies=SECURITE,
    responses=declare(*LISTE, Introuvable),
)
async def lister_livraisons(
    id: UUID,  # noqa: A002
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.WEBHOOK_LIRE)],
    page: PagingDep,
    response: Response,
) -> Page[LivraisonLue]:
    """Celles des trente derniers jours, avec ce qu'il en est."""
    webhook = await service.visible(session, acteur, id)
    siennes = queries.livraisons(webhook.id)
    return await paginate(session, siennes, page, response, lambda row: LivraisonLue.model_validate(row[0]))


@webhooks_router.get(
    "/{id}/livraisons/{livraison_id}",
    summary="Lire une livraison",
    dependencies=SECURITE,
    responses=declare(*LECTURE),
)
async def lire_livraison(
    id: UUID,  # noqa: A002
    livraison_id: UUID,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.WEBHOOK_LIRE)],
) -> LivraisonLue:
    """Ce qu'il est advenu de ses essais."""
    return LivraisonLue.model_validate(await service.livraison(session, acteur, id, livraison_id))


@webhooks_router.post(
    "/{id}/livraisons/{livraison_id}/rejeu",
    summary="Rejouer une livraison",
    status_code=202,
    dependencies=SECURITE,
    responses=declare(*GESTE),
)
async def rejouer_livraison(
    id: UUID,  # noqa: A002
    livraison_id: UUID,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.WEBHOOK_ESSAYER)],
) -> LivraisonLue:
    """Renvoie le même évènement, avec le même `webhook-id`."""
    return LivraisonLue.model_validate(await service.rejouer(session, acteur, id, livraison_id))
