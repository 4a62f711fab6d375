"""The deliveries, on a queue of their own: a receiver that hangs delays no mail."""

from uuid import UUID

from procrastinate import JobContext
from sqlalchemy import func, select

from app.kit.jobs import RETRY, jobs
from app.kit.mail import compose, send
from app.kit.session import database
from app.referentiel.tables import Caisse
from app.webhooks import livraison
from app.webhooks.regles_url import lire_url
from app.webhooks.tables import Webhook


@jobs.task(name="webhooks.livrer", queue="webhooks", retry=RETRY)
async def livrer(livraison_id: str) -> None:
    """Try once. A failure of the receiver is noted and planned; `retry` is for ours."""
    await livraison.livrer(UUID(livraison_id))


@jobs.task(name="webhooks.annoncer_arret", retry=RETRY, pass_context=True)
async def annoncer_arret(context: JobContext, webhook_id: str) -> None:
    """Tell the owner that its webhook was switched off; the mail's key is the job's, so a retry sends the same."""
    async with database().transaction() as session:
        webhook = await session.get(Webhook, UUID(webhook_id))
        if webhook is None:
            return
        if webhook.caisse is not None:
            adresses = [await session.scalar(select(Caisse.email_file).where(Caisse.code == webhook.caisse))]
        else:
            adresses = (
                await session.scalar(select(func.ep_adresses_gestionnaires(webhook.partenaire_id))) or []
            )
        hote = lire_url(webhook.url, boucle=True).hote
    for rang, adresse in enumerate(filter(None, adresses)):
        key = f"webhook-{context.job.id}-{rang}"
        await send(compose("webhooks/mails/webhook.txt", key, adresse, hote=hote, webhook_id=webhook_id))
