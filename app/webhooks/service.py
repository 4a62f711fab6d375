"""Art. 7: a caisse, or a structure, says where it wants to be told of events."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.droits import Acteur
from app.erreurs import Introuvable, TropDeWebhooks
from app.journal.service import Objet, inscrire
from app.kit.clock import now
from app.kit.etag import check_version
from app.kit.ids import new_id
from app.kit.jobs import enqueue
from app.webhooks import queries
from app.webhooks.regles import ESSAI, MAXIMUM, RECOUVREMENT, StatutLivraison
from app.webhooks.schemas import WebhookCreation, WebhookModification
from app.webhooks.secrets_de_signature import nouveau, sceller
from app.webhooks.tables import Livraison, Webhook


async def creer(session: AsyncSession, acteur: Acteur, depot: WebhookCreation) -> tuple[Webhook, str]:
    """Create a webhook that begins now. Returns it with its secret, in clear for the last time."""
    if await queries.combien(session, acteur) >= MAXIMUM:
        raise TropDeWebhooks(maximum=MAXIMUM)
    secret = nouveau()
    webhook = Webhook(
        caisse=acteur.caisse,
        partenaire_id=acteur.partenaire_id,
        url=depot.url,
        evenements=sorted(set(depot.evenements)),
        actif=True,
        secret=sceller(secret),
        position=await queries.tete(session),
        cree_le=now(),
    )
    session.add(webhook)
    await session.flush()
    await inscrire(session, acteur, "webhook.cree", objet(webhook))
    return webhook, secret


async def modifier(
    session: AsyncSession, acteur: Acteur, id_: UUID, voulu: WebhookModification, version: str | None
) -> Webhook:
    """Change a webhook; opened again, it resumes at the present: the feed and the replays have the rest."""
    webhook = await visible(session, acteur, id_, verrou=True)
    check_version(webhook.version, version)
    if voulu.actif and not webhook.actif:
        webhook.position, webhook.en_echec_depuis = await queries.tete(session), None
    for champ, valeur in voulu.model_dump(exclude_none=True).items():
        setattr(webhook, champ, sorted(set(valeur)) if champ == "evenements" else valeur)
    return await _changer(session, acteur, webhook, "webhook.modifie")


async def renouveler_secret(
    session: AsyncSession, acteur: Acteur, id_: UUID, version: str | None
) -> tuple[Webhook, str]:
    """Give a new secret; the former one signs beside it for a day, then is forgotten."""
    webhook = await visible(session, acteur, id_, verrou=True)
    check_version(webhook.version, version)
    secret = nouveau()
    webhook.ancien_secret, webhook.ancien_jusqua = webhook.secret, now() + RECOUVREMENT
    webhook.secret = sceller(secret)
    return await _changer(session, acteur, webhook, "webhook.secret_renouvele"), secret


async def _changer(session: AsyncSession, acteur: Acteur, webhook: Webhook, acte: str) -> Webhook:
    webhook.version += 1
    await session.flush()
    await inscrire(session, acteur, acte, objet(webhook))
    return webhook


async def supprimer(session: AsyncSession, acteur: Acteur, id_: UUID) -> None:
    webhook = await visible(session, acteur, id_, verrou=True)
    await session.execute(delete(Webhook).where(Webhook.id == webhook.id))
    await inscrire(session, acteur, "webhook.supprime", objet(webhook))


async def essayer(session: AsyncSession, acteur: Acteur, id_: UUID) -> Livraison:
    """Send `webhook.test`, even to a webhook that is switched off."""
    webhook = await visible(session, acteur, id_)
    essai = nouvelle(webhook.id, None, ESSAI)
    session.add(essai)
    await session.flush()
    await enqueue(session, "webhooks.livrer", livraison_id=str(essai.id))
    await inscrire(session, acteur, "webhook.essaye", objet(webhook))
    return essai


async def rejouer(session: AsyncSession, acteur: Acteur, id_: UUID, livraison_id: UUID) -> Livraison:
    """Send a delivery again, with the same `webhook-id` and all its tries before it."""
    webhook = await visible(session, acteur, id_)
    rejouee = await livraison(session, acteur, id_, livraison_id, verrou=True)
    rejouee.statut, rejouee.essais, rejouee.prochain_essai_le = StatutLivraison.EN_ATTENTE, 0, now()
    await session.flush()
    await enqueue(session, "webhooks.livrer", livraison_id=str(rejouee.id))
    await inscrire(session, acteur, "webhook.rejoue", objet(webhook))
    return rejouee


async def livraison(
    session: AsyncSession, acteur: Acteur, id_: UUID, livraison_id: UUID, *, verrou: bool = False
) -> Livraison:
    """Return a delivery of a webhook of the actor's side. Raises Introuvable."""
    await visible(session, acteur, id_)
    trouvee = await queries.livraison(session, livraison_id, verrou=verrou)
    if trouvee is None or trouvee.Livraison.webhook_id != id_:
        raise Introuvable
    lue: Livraison = trouvee.Livraison
    return lue


def nouvelle(webhook_id: UUID, numero: int | None, type_: str) -> Livraison:
    return Livraison(
        id=new_id(),
        webhook_id=webhook_id,
        evenement_numero=numero,
        type=type_,
        statut=StatutLivraison.EN_ATTENTE,
        essais=0,
        cree_le=now(),
        prochain_essai_le=now(),
    )


async def visible(session: AsyncSession, acteur: Acteur, id_: UUID, *, verrou: bool = False) -> Webhook:
    """Return a webhook of the actor's side, locked before a change. Raises Introuvable."""
    statement: Any = queries.webhooks(acteur).where(Webhook.id == id_)
    webhook: Webhook | None = await session.scalar(statement.with_for_update() if verrou else statement)
    if webhook is None:
        raise Introuvable
    return webhook


def objet(webhook: Webhook) -> Objet:
    return Objet("webhook", webhook.id, webhook.caisse, webhook.partenaire_id)
