"""Reading webhooks and deliveries. Each query says for whom, and row-level security says it again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.droits import Acteur
from app.evenements.tables import Evenement
from app.webhooks.tables import Livraison, Webhook


def siens(acteur: Acteur) -> ColumnElement[bool]:
    return (
        Webhook.caisse == acteur.caisse
        if acteur.cote_caisse
        else Webhook.partenaire_id == acteur.partenaire_id
    )


def webhooks(acteur: Acteur) -> Select[Webhook]:
    """Select the webhooks of the actor's caisse, or of its structure, newest first."""
    return select(Webhook).where(siens(acteur)).order_by(Webhook.id.desc())


def livraisons(webhook_id: UUID) -> Select[Livraison]:
    return select(Livraison).where(Livraison.webhook_id == webhook_id).order_by(Livraison.id.desc())


async def combien(session: AsyncSession, acteur: Acteur) -> int:
    """Count the owner's webhooks, under a lock that makes creations wait their turn."""
    await session.execute(
        select(func.pg_advisory_xact_lock(func.hashtext(f"webhooks/{_proprietaire(acteur)}")))
    )
    return await session.scalar(select(func.count()).select_from(Webhook).where(siens(acteur))) or 0


def _proprietaire(acteur: Acteur) -> str:
    return acteur.caisse or str(acteur.partenaire_id)


async def tete(session: AsyncSession) -> int:
    """Return the number of the last event: every one before it can be read."""
    return await session.scalar(select(func.coalesce(func.max(Evenement.numero), 0))) or 0


async def en_retard(session: AsyncSession) -> list[UUID]:
    """Return the active webhooks for which there are events to look at."""
    rows = await session.scalars(
        select(Webhook.id).where(Webhook.actif, Webhook.position < await tete(session)).order_by(Webhook.id)
    )
    return list(rows)


async def a_servir(session: AsyncSession, id_: UUID) -> Webhook | None:
    """Return an active webhook, locked; None when another worker serves it."""
    return await session.scalar(
        select(Webhook).where(Webhook.id == id_, Webhook.actif).with_for_update(skip_locked=True)
    )


async def livraison(session: AsyncSession, id_: UUID, *, verrou: bool = False) -> Any:
    """Return (delivery, webhook), the delivery locked before a change."""
    statement = select(Livraison, Webhook).join(Webhook, Webhook.id == Livraison.webhook_id)
    statement = statement.where(Livraison.id == id_)
    if verrou:
        statement = statement.with_for_update()
    return (await session.execute(statement)).one_or_none()


async def oublier_anciens_secrets(session: AsyncSession, instant: datetime) -> None:
    await session.execute(
        update(Webhook).where(Webhook.ancien_jusqua < instant).values(ancien_secret=None, ancien_jusqua=None)
    )
