"""A delivery: prepared, sent outside any transaction, then noted. At least once, always with the same identifier."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.config import settings
from app.droits import SYSTEME
from app.evenements.schemas import EvenementLu
from app.journal.service import inscrire
from app.kit.clock import now
from app.kit.jobs import enqueue, enqueue_in
from app.kit.session import database
from app.webhooks import queries
from app.webhooks.envoi import Resultat, envoyer
from app.webhooks.proprietaire import visibles
from app.webhooks.regles import CONSERVATION, ESSAI, StatutLivraison, a_desactiver, prochain_essai
from app.webhooks.secrets_de_signature import signer
from app.webhooks.service import objet
from app.webhooks.tables import Livraison, Webhook

AGENT = "Espace-Partenaires"
TOLERANCE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Envoi:
    """What leaves: where, with which headers, which body."""

    url: str
    entetes: dict[str, str]
    corps: str


async def livrer(id_: UUID) -> None:
    """Try a delivery once; its next try, if any, is enqueued with what is noted of this one."""
    async with database().transaction() as session:
        envoi = await preparer(session, id_)
    if envoi is None:
        return
    boucle = settings().webhooks_allow_private
    resultat = await envoyer(envoi.url, envoi.entetes, envoi.corps, boucle=boucle)
    async with database().transaction() as session:
        await noter(session, id_, resultat)


async def preparer(session: AsyncSession, id_: UUID) -> Envoi | None:
    """Return what is to be sent; None when it was, when it is not its time, or when it must not leave any more."""
    trouvee = await queries.livraison(session, id_, verrou=True)
    if trouvee is None:
        return None
    livraison, webhook = trouvee
    a_venir = livraison.prochain_essai_le is None or livraison.prochain_essai_le > now() + TOLERANCE
    if livraison.statut is not StatutLivraison.EN_ATTENTE or a_venir:
        return None
    if livraison.type != ESSAI and not webhook.actif:
        _clore(livraison, StatutLivraison.ABANDONNEE)
        return None
    corps = await _corps(session, livraison, webhook)
    if corps is None:  # since then, the convention ended
        _clore(livraison, StatutLivraison.ANNULEE)
        return None
    texte = json.dumps(corps, ensure_ascii=False, separators=(",", ":"))
    instant = now()
    entetes = {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "webhook-id": str(livraison.id),
        "webhook-timestamp": str(int(instant.timestamp())),
        "webhook-signature": signer(webhook, str(livraison.id), instant, texte),
    }
    return Envoi(webhook.url, entetes, texte)


def _clore(livraison: Livraison, statut: StatutLivraison) -> None:
    livraison.statut, livraison.prochain_essai_le = statut, None


async def _corps(session: AsyncSession, livraison: Livraison, webhook: Webhook) -> dict[str, Any] | None:
    numero = livraison.evenement_numero
    if numero is None:
        return _message(ESSAI, livraison.cree_le, {"webhook_id": str(webhook.id)})
    lus = await visibles(session, webhook, numero - 1, 1, numero)
    if not lus:
        return None
    evenement = EvenementLu.model_validate(lus[0])
    return _message(evenement.type, evenement.date, evenement.model_dump(mode="json"))


def _message(type_: str, le: datetime, data: dict[str, Any]) -> dict[str, Any]:
    return {"type": type_, "timestamp": le.isoformat().replace("+00:00", "Z"), "data": data}


async def noter(session: AsyncSession, id_: UUID, resultat: Resultat) -> None:
    """Keep what became of a try, and plan the next; a webhook that fails for days is switched off."""
    trouvee = await queries.livraison(session, id_, verrou=True)
    if trouvee is None:
        return
    livraison, webhook = trouvee
    livraison.essais, livraison.dernier_essai_le = livraison.essais + 1, now()
    livraison.code_http, livraison.echec = resultat.code_http, resultat.echec
    if resultat.echec is None:
        _clore(livraison, StatutLivraison.LIVREE)
        webhook.en_echec_depuis = None
        await session.flush()
        return
    await _reprendre(session, livraison)
    if livraison.type != ESSAI and webhook.actif:
        webhook.en_echec_depuis = webhook.en_echec_depuis or now()
        if a_desactiver(webhook.en_echec_depuis, now(), resultat.code_http):
            await _desactiver(session, webhook)


async def _reprendre(session: AsyncSession, livraison: Livraison) -> None:
    delai = None if livraison.type == ESSAI else prochain_essai(livraison.essais)
    if delai is None:
        _clore(livraison, StatutLivraison.ABANDONNEE)
        await session.flush()
        return
    livraison.prochain_essai_le = now() + delai
    await session.flush()
    attente = int(delai.total_seconds())
    await enqueue_in(session, attente, "webhooks.livrer", livraison_id=str(livraison.id))


async def _desactiver(session: AsyncSession, webhook: Webhook) -> None:
    """Art. 7: a receiver that is down for days is no longer called, and its owner is told."""
    webhook.actif = False
    webhook.version += 1
    await session.flush()
    await enqueue(session, "webhooks.annoncer_arret", webhook_id=str(webhook.id))
    await inscrire(session, SYSTEME, "webhook.desactive", objet(webhook))


async def oublier(session: AsyncSession) -> None:
    """Forget the deliveries of more than thirty days, and the secrets whose time is over."""
    await session.execute(delete(Livraison).where(Livraison.cree_le < now() - CONSERVATION))
    await queries.oublier_anciens_secrets(session, now())
