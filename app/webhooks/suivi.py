"""The follower: it reads the log in order for each webhook, and makes one delivery an event, once.

A request writes its event and nothing more. The position of a webhook moves in the transaction that makes
its deliveries and their jobs: whatever dies, an event that exists is delivered, and none is made twice.
"""

import asyncio
from uuid import UUID

import psycopg
import structlog
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from app.evenements.regles import couvre
from app.kit.jobs import enqueue, worker_connection
from app.kit.session import database
from app.webhooks import queries
from app.webhooks.proprietaire import visibles
from app.webhooks.service import nouvelle
from app.webhooks.tables import Webhook

log = structlog.get_logger("webhooks")
LOT, TOUR_S = 500, 10.0


async def suivre() -> None:
    """Follow the log until cancelled: woken by each commit that writes an event, and at least every ten seconds."""
    while True:
        try:
            async with await worker_connection() as connexion:
                await connexion.execute("LISTEN ep_evenements")
                while True:
                    await repartir()
                    async for _ in connexion.notifies(timeout=TOUR_S, stop_after=1):
                        pass
        except (psycopg.Error, SQLAlchemyError, OSError) as error:
            log.error("follower_stopped", error=type(error).__name__)  # noqa: TRY400  # a message holds values
            await asyncio.sleep(1)


async def repartir() -> int:
    """Make the deliveries of every event that came since the last time; return how many."""
    async with database().transaction() as session:
        ids = await queries.en_retard(session)
    faites = 0
    for id_ in ids:
        encore = True
        while encore:
            nombre, encore = await _servir(id_)
            faites += nombre
    return faites


async def _servir(id_: UUID) -> tuple[int, bool]:
    """Serve one webhook, by at most a lot: return how many deliveries were made, and whether more events wait."""
    async with database().transaction() as session:
        webhook = await queries.a_servir(session, id_)
        if webhook is None:
            return 0, False
        tete = await queries.tete(session)
        lus = await visibles(session, webhook, webhook.position, LOT, tete)
        voulus = [e for e in lus if any(couvre(motif, e.type) for motif in webhook.evenements)]
        faites = [nouvelle(id_, evenement.numero, evenement.type) for evenement in voulus]
        session.add_all(faites)
        await session.flush()
        for livraison in faites:
            await enqueue(session, "webhooks.livrer", livraison_id=str(livraison.id))
        position = lus[-1].numero if len(lus) == LOT else tete
        await session.execute(update(Webhook).where(Webhook.id == id_).values(position=position))
    return len(faites), position < tete
