"""The ordered log of what happened: thin, without personal data; feeds and webhooks read it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, FetchedValue, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import CODE_CAISSE, Base


class Evenement(Base):
    """`numero` is the trigger's, in the order of the commits: a reader never skips one."""

    __tablename__ = "evenements"
    __table_args__ = (
        Index("ix_evenements_caisse_numero", "caisse", "numero"),
        Index("ix_evenements_ressource_id", "ressource_id"),
        Index("ix_evenements_partenaire_id_numero", "partenaire_id", "numero"),
        {"implicit_returning": False},  # a line is written without being read back: its reader may be another
    )

    numero: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False, server_default=FetchedValue()
    )
    id: Mapped[UUID] = mapped_column(unique=True)
    type: Mapped[str]
    ressource: Mapped[str]
    ressource_id: Mapped[str]
    partenaire_id: Mapped[UUID | None]
    caisse: Mapped[str | None] = mapped_column(CODE_CAISSE)
    date: Mapped[datetime]
    raison: Mapped[str | None]
