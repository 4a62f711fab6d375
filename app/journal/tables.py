"""The journal: append-only by privilege, numbered and chained by a trigger of the owner (art. 9)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, FetchedValue, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import CODE_CAISSE, Base


class Ligne(Base):
    """One act: pseudonymous identifiers only. `numero`, `empreinte`, `precedente` are the trigger's."""

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_chaine_numero", "chaine", "numero"),
        Index("ix_journal_partenaire_id_numero", "partenaire_id", "numero"),
        {"implicit_returning": False},  # a line is written without being read back: its reader may be another
    )

    numero: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False, server_default=FetchedValue()
    )
    chaine: Mapped[str]  # the caisse's code, or « national »
    le: Mapped[datetime]
    acteur_id: Mapped[UUID | None]
    role: Mapped[str]
    action: Mapped[str]
    ressource: Mapped[str]
    ressource_id: Mapped[str] = mapped_column(index=True)
    caisse: Mapped[str | None] = mapped_column(CODE_CAISSE)
    partenaire_id: Mapped[UUID | None]
    empreinte: Mapped[str]
    precedente: Mapped[str | None]


class Chaine(Base):
    """Where a chain begins and ends: written by the trigger and the purge, never by the application.

    `lignes` counts all that were ever written, `purgees` those that went; the anchor is the last one gone.
    """

    __tablename__ = "chaines_journal"

    chaine: Mapped[str] = mapped_column(primary_key=True)
    lignes: Mapped[int] = mapped_column(BigInteger)
    numero: Mapped[int] = mapped_column(BigInteger)
    empreinte: Mapped[str]
    purgees: Mapped[int] = mapped_column(BigInteger, server_default="0")
    ancre_numero: Mapped[int | None] = mapped_column(BigInteger)
    ancre_empreinte: Mapped[str | None]


class Sceau(Base):
    """What stood at the head of every chain at one instant, sealed by a secret that the database ignores."""

    __tablename__ = "sceaux_journal"

    rang: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    le: Mapped[datetime]
    chaines: Mapped[dict[str, Any]] = mapped_column(
        JSONB
    )  # chain → {lignes, numero, empreinte, purgees, ancre…}
    precedent: Mapped[str | None]
    sceau: Mapped[str]
