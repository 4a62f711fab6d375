"""The devices of an account (art. 4.1): one is recognised by its software and its network, hashed together."""

import hmac
from datetime import date

from sqlalchemy import delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes.regles import Etat
from app.comptes.tables import Compte
from app.config import settings
from app.kit.calendrier import ajouter_mois
from app.kit.clock import now, today
from app.kit.jobs import enqueue
from app.kit.secret import derived
from app.provenance.origine import Origine
from app.provenance.regles import logiciel, reseau, signature
from app.provenance.tables import Appareil

CONNEXION, JETON = "connexion", "jeton"


def empreinte(identifiant: str, origine: Origine, usage: str = CONNEXION) -> str:
    """Return what is kept of a device: nothing of its name nor of its network can be read from it."""
    vu = "\0".join((usage, identifiant, signature(origine.agent), reseau(origine.adresse)))
    return hmac.digest(derived("appareils"), vu.encode(errors="replace"), "sha256").hex()


async def connu(session: AsyncSession, cle: str) -> bool:
    """Tell whether somebody already signed in so: the same statement for an account that does not exist."""
    return bool(await session.scalar(select(exists().where(Appareil.empreinte == cle))))


async def noter(session: AsyncSession, compte: Compte, origine: Origine) -> bool:
    """Remember the device of a sign-in, tell its holder of a new one; return True the first time in a day.

    The very first sign-in, after the activation, is silent: the holder is making it.
    """
    cle = empreinte(compte.identifiant, origine)
    premiere_fois, du_jour = await _voir(session, compte, origine, cle)
    if premiere_fois and compte.derniere_connexion_le is not None:
        await enqueue(session, "provenance.annoncer_appareil", empreinte=cle)
    return du_jour


async def noter_ailleurs(session: AsyncSession, compte: Compte, origine: Origine) -> bool:
    """Remember that a session goes on from elsewhere; return True the first time in a day.

    Under a key of its own: a token that somebody carried away never makes a device known.
    """
    _, du_jour = await _voir(session, compte, origine, empreinte(compte.identifiant, origine, JETON))
    return du_jour


async def _voir(session: AsyncSession, compte: Compte, origine: Origine, cle: str) -> tuple[bool, bool]:
    """Return (never seen, first time in a day); of two at once, one alone is the first."""
    nouveau = await session.scalar(
        insert(Appareil)
        .values(
            empreinte=cle,
            compte_id=compte.id,
            logiciel=logiciel(origine.agent),
            pays=origine.pays,
            premiere_le=now(),
            vu_le=today(),
        )
        .on_conflict_do_nothing()
        .returning(Appareil.empreinte)
    )
    if nouveau:
        return True, True
    revu = update(Appareil).where(Appareil.empreinte == cle, Appareil.vu_le < today())
    return False, bool(
        await session.scalar(revu.values(vu_le=today(), pays=origine.pays).returning(Appareil.empreinte))
    )


async def oublier(session: AsyncSession, jour: date) -> None:
    """Forget the devices that were not used for `EP_DEVICE_MONTHS`, and those of accounts that ended."""
    await session.execute(
        delete(Appareil).where(Appareil.vu_le < ajouter_mois(jour, -settings().device_months))
    )
    finis = select(Compte.id).where(Compte.statut == Etat.INACTIF)
    await session.execute(delete(Appareil).where(Appareil.compte_id.in_(finis)))
