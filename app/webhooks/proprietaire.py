"""What the owner of a webhook may know, now: the same as what it reads in the feed."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.conventions.queries import caisses_en_vigueur
from app.droits import Acteur, Fonctionnalite, Role
from app.evenements.queries import suite
from app.kit.clock import today
from app.kit.session import SYSTEM, see, sight
from app.webhooks.tables import Webhook

TOUTES = frozenset(Fonctionnalite)


async def lecteur(session: AsyncSession, webhook: Webhook) -> Acteur | None:
    """Return the owner as a reader; None for a structure that no convention ties to any caisse today."""
    if webhook.caisse is not None:
        ouvertes = {webhook.caisse: TOUTES}
        return Acteur(None, Role.AGENT_CAISSE, caisse=webhook.caisse, ouvertes=ouvertes, humain=False)
    if webhook.partenaire_id is None:
        return None
    caisses = await caisses_en_vigueur(session, webhook.partenaire_id, today())
    ouvertes = dict.fromkeys(caisses, TOUTES)
    acteur = Acteur(
        None, Role.GESTIONNAIRE, partenaire_id=webhook.partenaire_id, ouvertes=ouvertes, humain=False
    )
    return acteur if caisses else None


async def visibles(
    session: AsyncSession, webhook: Webhook, apres: int, limite: int, jusqua: int
) -> Sequence[Any]:
    """Return the events that the owner may know, under its own policies, then see everything again."""
    acteur = await lecteur(session, webhook)
    if acteur is None:
        return []
    await see(session, sight(acteur))
    rows: Sequence[Any] = (await session.execute(suite(acteur, apres, limite, jusqua))).all()
    await see(session, SYSTEM)
    return rows
