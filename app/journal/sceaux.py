"""Art. 9: the seals. The database numbers and chains the lines; a secret that it ignores says what it held."""

import hmac
from collections.abc import Mapping
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.journal.regles import Bouts, a_sceller, en_clair, texte_scelle
from app.journal.tables import Chaine, Ligne, Sceau
from app.kit.clock import now
from app.kit.secret import derived

log = structlog.get_logger("journal")
VERROU = 72618


async def sceller(session: AsyncSession, purgee: str | None = None) -> Sceau:
    """Seal the ends of every chain as this transaction sees them; one seal after the other.

    `purgee`: the chain that this transaction purges.
    """
    await session.execute(select(func.pg_advisory_xact_lock(VERROU)))
    dernier = await session.scalar(select(Sceau).order_by(Sceau.rang.desc()).limit(1))
    chaines = await _a_dire(session, dernier, purgee)
    rang, precedent = (dernier.rang + 1, dernier.sceau) if dernier else (1, None)
    le = now()
    sceau = Sceau(
        rang=rang, le=le, chaines=chaines, precedent=precedent, sceau=calculer(rang, le, chaines, precedent)
    )
    session.add(sceau)
    await session.flush()
    return sceau


async def _a_dire(session: AsyncSession, dernier: Sceau | None, purgee: str | None) -> dict[str, Any]:
    avant = {nom: Bouts(**dit) for nom, dit in (dernier.chaines if dernier else {}).items()}
    maintenant = await bouts_des_chaines(session)
    rows = await session.execute(
        select(Ligne.numero, Ligne.empreinte).where(Ligne.numero.in_([b.numero for b in avant.values()]))
    )
    empreintes: dict[int, str] = dict(rows.all())
    dits = {}
    for nom in sorted({*avant, *maintenant}):
        ancien, actuel = avant.get(nom), maintenant.get(nom)
        tenue = empreintes.get(ancien.numero) if ancien else None
        bouts = a_sceller(ancien, actuel, tenue, purge=nom == purgee)
        if bouts != actuel:
            log.error("contradicted", chain=nom, numero=bouts.numero)
        dits[nom] = en_clair(bouts)
    return dits


def calculer(rang: int, le: Any, chaines: Mapping[str, Any], precedent: str | None) -> str:
    return hmac.digest(derived("journal"), texte_scelle(rang, le, chaines, precedent), "sha256").hex()


def authentique(sceau: Sceau) -> bool:
    """Tell whether a seal was made with this installation's secret, and not altered since."""
    attendu = calculer(sceau.rang, sceau.le, sceau.chaines, sceau.precedent)
    return hmac.compare_digest(attendu, sceau.sceau)


async def bouts_des_chaines(session: AsyncSession) -> dict[str, Bouts]:
    rows = await session.scalars(select(Chaine).execution_options(populate_existing=True))
    return {
        c.chaine: Bouts(c.lignes, c.numero, c.empreinte, c.purgees, c.ancre_numero, c.ancre_empreinte)
        for c in rows
    }


async def sceaux(session: AsyncSession) -> list[Sceau]:
    return list(await session.scalars(select(Sceau).order_by(Sceau.rang)))


async def oublier(session: AsyncSession) -> None:
    """Forget the seals of more than thirty days: each one vouches for all the lines before it."""
    await session.execute(select(func.ep_oublier_sceaux()))
