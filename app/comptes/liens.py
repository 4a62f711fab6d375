"""The links sent by mail (art. 2.2.1): personal, expiring, used once; only their hash is kept.

Whoever makes or uses a link locks its account first, so two of them never meet in another order.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes import queries
from app.comptes.regles import Etat, NatureLien, etat
from app.comptes.tables import Compte, Lien
from app.config import settings
from app.erreurs import LienInvalide
from app.kit.clock import now, today
from app.kit.passwords import fingerprint, new_secret

# The state in which an account may still use a link of each nature.
ETAT = {NatureLien.ACTIVATION: Etat.EN_ATTENTE, NatureLien.REINITIALISATION: Etat.ACTIF}


def permis(compte: Compte, nature: NatureLien) -> bool:
    """Tell whether an account may receive or use a link of a nature today."""
    return etat(compte.statut, compte.fin_prevue_le, today()) is ETAT[nature]


async def emettre(session: AsyncSession, compte: Compte, nature: NatureLien) -> str:
    """Return a new link for a locked account; the former ones of the same nature are worth nothing."""
    await perimer(session, compte.id, nature)
    jeton = new_secret()
    expire_le = now() + timedelta(seconds=settings().link_ttl)
    session.add(Lien(empreinte=fingerprint(jeton), compte_id=compte.id, nature=nature, expire_le=expire_le))
    await session.flush()
    return jeton


async def oublier(session: AsyncSession) -> None:
    """Delete the links that no longer open anything."""
    await session.execute(delete(Lien).where(Lien.expire_le < now()))


async def perimer(session: AsyncSession, compte_id: UUID, nature: NatureLien) -> None:
    await session.execute(
        update(Lien)
        .where(Lien.compte_id == compte_id, Lien.nature == nature, Lien.expire_le > now())
        .values(expire_le=now())
    )


async def verifier(session: AsyncSession, jeton: str, nature: NatureLien) -> None:
    """Raise LienInvalide unless the link could be used now; nothing is used."""
    lien = await session.get(Lien, fingerprint(jeton))
    compte = await queries.compte(session, lien.compte_id) if lien else None
    _exiger(lien, compte, nature)


async def consommer(session: AsyncSession, jeton: str, nature: NatureLien) -> Compte:
    """Use a link and return its account, locked. Of two at once, the second finds the link used."""
    lien = await session.get(Lien, fingerprint(jeton))
    compte = await queries.compte(session, lien.compte_id, verrou=True) if lien else None
    lien = await session.get(Lien, fingerprint(jeton), with_for_update=True, populate_existing=True)
    lien, compte = _exiger(lien, compte, nature)
    lien.utilise_le = now()
    await session.flush()
    return compte


def _exiger(lien: Lien | None, compte: Compte | None, nature: NatureLien) -> tuple[Lien, Compte]:
    """Raise the same refusal whatever is wrong: a link tells nothing of the account."""
    if lien is None or compte is None or lien.nature is not nature:
        raise LienInvalide
    if lien.utilise_le is not None or lien.expire_le <= now() or not permis(compte, nature):
        raise LienInvalide
    return lien, compte
