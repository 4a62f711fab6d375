from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base, personal


class Appareil(Base):
    """A software on a network from which an account signed in: by a keyed hash, neither of them is kept."""

    __tablename__ = "appareils"

    empreinte: Mapped[str] = mapped_column(primary_key=True)
    compte_id: Mapped[UUID] = mapped_column(ForeignKey("comptes.id"), index=True)
    logiciel: Mapped[str] = personal()  # its kind, in words of ours
    pays: Mapped[str | None] = personal(type_=String(2))
    premiere_le: Mapped[datetime]
    vu_le: Mapped[date] = mapped_column(index=True)
