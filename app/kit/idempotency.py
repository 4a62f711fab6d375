"""`Idempotency-Key`: the key, its request and its answer live in the transaction that creates.

A crash between the commit and the answer loses nothing: the retry is answered from this table.
Two equal keys at once: the second waits on the unique index for the first one's commit, then replays.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.erreurs import CleIdempotenceReutilisee, Introuvable, Validation
from app.kit.clock import now
from app.kit.db import Base, personal
from app.kit.session import SessionDep

KEPT = timedelta(hours=24)
LONGEST_KEY = 255
REPLAYED_HEADERS = ("content-type", "location", "etag")


class CleIdempotence(Base):
    __tablename__ = "cles_idempotence"

    acteur_id: Mapped[UUID] = mapped_column(primary_key=True)
    cle: Mapped[str] = mapped_column(primary_key=True)  # hashed: a client may write anything in a key
    empreinte: Mapped[str]
    cree_le: Mapped[datetime] = mapped_column(index=True)
    statut: Mapped[int | None]
    entetes: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    corps: Mapped[bytes | None] = personal()


class Replay(Exception):  # noqa: N818  # not a failure: the answer is already known
    def __init__(self, response: Response) -> None:
        self.response = response


def digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Clé unique de la création (UUID conseillé), gardée 24 h : la même requête renvoyée "
        "avec la même clé reçoit la même réponse, sans rien créer de plus.",
        max_length=LONGEST_KEY,
        examples=["5f0c6f0e-3a52-4c5e-9f0e-0e6f5a1b2c3d"],
    ),
]


async def claim_key(request: Request, session: SessionDep, idempotency_key: IdempotencyKey = None) -> None:
    """Claim the key for this caller and this body, or replay the answer that it already has."""
    if idempotency_key is not None:
        await claim(request, session, idempotency_key, await request.body())


async def claim(
    request: Request, session: AsyncSession, idempotency_key: str | None, *content: bytes
) -> None:
    """Claim the key for this caller; `content` stands for the body, which may be streamed. Raises Replay.

    A replay is a read: when a caisse that was open has closed since (art. 2.2.3), or when its answer was
    erased with the person that it names (art. 5), it is refused.
    """
    if idempotency_key is None:
        return
    key = idempotency_key.strip().strip('"')
    if not key:
        raise Validation.du_champ("/Idempotency-Key", "ep_cle_vide", "La clé d'idempotence est vide.")
    acteur: UUID = request.state.acteur.id
    open_now = frozenset(request.state.acteur.ouvertes)
    owned = {"acteur_id": acteur, "cle": digest(key.encode())}
    print_ = digest(request.method.encode(), request.url.path.encode(), *content)
    await session.execute(
        delete(CleIdempotence).filter_by(**owned).where(CleIdempotence.cree_le < now() - KEPT)
    )
    claimed = await session.scalar(
        insert(CleIdempotence)
        .values(**owned, empreinte=f"{print_}/{','.join(sorted(open_now))}", cree_le=now())
        .on_conflict_do_nothing()
        .returning(CleIdempotence.cle)
    )
    if claimed:
        request.state.idempotency = owned
        return
    row = await session.get_one(CleIdempotence, (acteur, owned["cle"]))
    told, _, open_then = row.empreinte.partition("/")
    if told != print_:
        raise CleIdempotenceReutilisee
    if row.corps is None or not open_now.issuperset(filter(None, open_then.split(","))):
        raise Introuvable
    raise Replay(
        Response(row.corps, row.statut or 200, {**(row.entetes or {}), "Idempotency-Replayed": "true"})
    )


async def keep_answer(session: AsyncSession, request: Request, response: Response) -> None:
    """Store the answer beside what it tells, in the same transaction."""
    owned: dict[str, Any] | None = getattr(request.state, "idempotency", None)
    if owned is None:
        return
    headers = {name: response.headers[name] for name in REPLAYED_HEADERS if name in response.headers}
    await session.execute(
        update(CleIdempotence)
        .filter_by(**owned)
        .values(
            statut=response.status_code,
            entetes=headers,
            corps=getattr(request.state, "kept_body", None) or bytes(response.body),
        )
    )


def keep_without(request: Request, answer: BaseModel, *secrets: str) -> None:
    """Keep of an answer everything but what is shown once: replayed, it has null in its place."""
    shown = answer.model_copy(update=dict.fromkeys(secrets))
    request.state.kept_body = shown.model_dump_json().encode()


async def erase_answers(session: AsyncSession, subject: UUID) -> None:
    """Erase the answers, whoever received them, that tell of one resource; their keys stay claimed."""
    await session.execute(select(func.ep_effacer_reponses(subject)))


async def purge(session: AsyncSession) -> None:
    await session.execute(delete(CleIdempotence).where(CleIdempotence.cree_le < now() - KEPT))


Idempotent = Depends(claim_key)
