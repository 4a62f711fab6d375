"""The throttle of sign-ins, in the database: the same for every process, and for accounts that do not exist."""

import hmac
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.acces.regles import ECHECS_PAR_ADRESSE, JOURNEE, attente_adresse, attente_compte, oubli_permis
from app.acces.tables import Echec
from app.config import settings
from app.kit.clock import now
from app.kit.secret import derived
from app.provenance.regles import abonne

NONE = timedelta(0)
ONE_AT_A_TIME_FROM = ECHECS_PAR_ADRESSE // 5


def key(kind: str, value: str) -> str:
    """Return what is stored of a name or an address: a keyed hash, since both can be guessed."""
    return hmac.digest(derived("echecs"), f"{kind}:{value}".encode(), "sha256").hex()


def address_key(kind: str, address: str) -> str:
    """Return the count of an address; who holds an IPv6 one holds all of its network, so that they count as one."""
    return key(kind, abonne(address))


def account_key(identifiant: str, device: str | None) -> str:
    """Return the count of an account; a device that it knows has its own, that nobody else uses up."""
    return key("compte", identifiant if device is None else f"{identifiant}/{device}")


async def wait(
    session: AsyncSession, identifiant: str | None, address: str, device: str | None = None
) -> timedelta:
    """Return how long this sign-in must wait; the account's tries go one at a time until the commit.

    Without an identifiant (an application, whose secret cannot be guessed) the address alone counts, so
    that nobody locks a back office out. `device`: the fingerprint of one that the account knows.
    """
    if settings().rate_limit == "off":
        return NONE
    place = await _address(session, address_key("adresse", address))
    if identifiant is None:
        return place
    await _one_at_a_time(session, key("compte", identifiant))
    return max(attente_compte(await _failures(session, account_key(identifiant, device)), now()), place)


async def _address(session: AsyncSession, place: str) -> timedelta:
    """Return how long an address waits; its tries go one at a time once it has failed often.

    Before that the tries under way, one a database connection, are fewer than what is left to it: an
    office behind one address does not wait in line every morning.
    """
    failures = await _failures(session, place)
    if len(failures) >= ONE_AT_A_TIME_FROM:
        await _one_at_a_time(session, place)
        failures = await _failures(session, place)
    return attente_adresse(failures, now())


async def _one_at_a_time(session: AsyncSession, key_: str) -> None:
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(key_))))


async def _failures(session: AsyncSession, cle: str) -> list[datetime]:
    rows = await session.scalars(
        select(Echec.le)
        .where(Echec.cle == cle, Echec.le > now() - JOURNEE)
        .order_by(Echec.le.desc())
        .limit(ECHECS_PAR_ADRESSE)
    )
    return sorted(rows)


async def failed(
    session: AsyncSession, identifiant: str | None, address: str, device: str | None = None
) -> None:
    keys = [address_key("adresse", address)]
    keys += [account_key(identifiant, device)] if identifiant is not None else []
    await session.execute(insert(Echec), [{"cle": cle, "le": now()} for cle in keys])


async def succeeded(session: AsyncSession, identifiant: str, device: str | None = None) -> None:
    """Forget the failures of that count alone: the holder who signs in gives nobody else new tries."""
    await session.execute(delete(Echec).where(Echec.cle == account_key(identifiant, device)))


async def reminder(session: AsyncSession, identifiant: str, address: str) -> bool:
    """Tell whether one more mail about a forgotten password may leave, and count it; the account may not exist."""
    if settings().rate_limit == "off":
        return True
    account, place = key("oubli", identifiant), address_key("oubli-adresse", address)
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(account))))
    permitted = oubli_permis(await _failures(session, account), await _failures(session, place), now())
    if permitted:
        await session.execute(insert(Echec), [{"cle": cle, "le": now()} for cle in (account, place)])
    return permitted


async def purge(session: AsyncSession) -> None:
    await session.execute(delete(Echec).where(Echec.le < now() - JOURNEE))
