"""The journal: append-only by privilege, numbered and chained by a trigger of the owner (art. 9)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, FetchedValue, Index
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
    ressource_id: Mapped[str]
    caisse: Mapped[str | None] = mapped_column(CODE_CAISSE)
    partenaire_id: Mapped[UUID | None]
    empreinte: Mapped[str]
    precedente: Mapped[str | None]
