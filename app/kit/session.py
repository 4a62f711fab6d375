"""Sessions and transactions. This is the only file that commits.

Every connection carries what its transaction may see (row-level security reads it); outside a
transaction, or before `see` is called, it sees nothing.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.config import settings
from app.droits import Acteur, Role
from app.kit.db import APPLICATION_ROLE, create_engine
from app.kit.location import application_url, owner_url


class Scope(StrEnum):
    """What a transaction may see; the policies of the tables are written with these words."""

    PARTENAIRE = "partenaire"
    CAISSE = "caisse"
    NATIONAL = "national"
    SYSTEME = "systeme"


@dataclass(frozen=True, slots=True)
class Visibility:
    scope: Scope
    acteur: UUID | None = None
    partenaire: UUID | None = None
    caisses: tuple[str, ...] = field(default=())


SYSTEM = Visibility(Scope.SYSTEME)

SCOPES = {
    Role.TECHNICIEN: Scope.PARTENAIRE,
    Role.GESTIONNAIRE: Scope.PARTENAIRE,
    Role.AGENT_CAISSE: Scope.CAISSE,
    Role.ADMINISTRATEUR: Scope.NATIONAL,
}


def sight(acteur: Acteur) -> Visibility:
    """Return what an actor may see: its structure at the caisses that are open to it, or its caisse."""
    scope = SCOPES[acteur.role] if acteur.role else Scope.SYSTEME
    return Visibility(scope, acteur.id, acteur.partenaire_id, tuple(sorted(acteur.ouvertes)))


SEE = text(
    "SELECT set_config('ep.portee', :scope, true), set_config('ep.acteur', :acteur, true),"
    " set_config('ep.partenaire', :partenaire, true), set_config('ep.caisses', :caisses, true)"
)


async def see(session: AsyncSession, visibility: Visibility) -> None:
    """Say to row-level security, until the end of the transaction, on whose behalf it runs."""
    await session.execute(
        SEE,
        {
            "scope": visibility.scope.value,
            "acteur": str(visibility.acteur or ""),
            "partenaire": str(visibility.partenaire or ""),
            "caisses": ",".join(visibility.caisses),
        },
    )


SEEN = text(
    "SELECT current_setting('ep.portee', true) AS scope, current_setting('ep.acteur', true) AS acteur,"
    " current_setting('ep.partenaire', true) AS partenaire, current_setting('ep.caisses', true) AS caisses"
)


@asynccontextmanager
async def seeing_all(session: AsyncSession) -> AsyncIterator[None]:
    """See what the law looks at beyond the caller's side, for a few statements; then as before."""
    before = (await session.execute(SEEN)).mappings().one()
    await see(session, SYSTEM)
    yield
    await session.flush()
    await session.execute(SEE, {name: value or "" for name, value in before.items()})


class Database:
    """The engine of one process, and its sessions."""

    def __init__(self, url: str, pool_size: int, role: str | None = APPLICATION_ROLE) -> None:
        self.engine = create_engine(url, role=role, pool_size=pool_size)
        self.sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(
        self, visibility: Visibility = SYSTEM, *, one_instant: bool = False
    ) -> AsyncIterator[AsyncSession]:
        """Open a transaction for a command or a job: committed at the end, rolled back on an error.

        `one_instant`: every statement sees the database as it was at the first one.
        """
        async with self.sessions() as session:
            if one_instant:
                await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            await see(session, visibility)
            yield session
            await commit(session)


@lru_cache
def database() -> Database:
    return Database(application_url(), settings().pool_size)


def after_commit(session: AsyncSession, act: Callable[[], object]) -> None:
    """Do something in memory once, when the session's transaction is committed; nothing if it is not."""
    event.listen(session.sync_session, "after_commit", lambda _: act(), once=True)


@asynccontextmanager
async def as_owner() -> AsyncIterator[AsyncSession]:
    """Open a transaction of the owner of the tables: for what an operator may do and the application may not."""
    owner = Database(owner_url(), 1, role=None)
    try:
        async with owner.transaction() as session:
            yield session
    finally:
        await owner.engine.dispose()


async def commit(session: AsyncSession) -> None:
    await session.commit()


async def release(session: AsyncSession) -> None:
    """End a transaction that only read, and give its connection back: what follows is slow, and needs none.

    What comes after in the same call is another transaction, which says again on whose behalf it runs.
    """
    await commit(session)


def request_session(request: Request) -> AsyncSession:
    session: AsyncSession = request.state.session
    return session


SessionDep = Annotated[AsyncSession, Depends(request_session)]
