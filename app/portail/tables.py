from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base


class SessionNavigateur(Base):
    """Somebody signed in on the pages of this server, by a cookie of which only the hash is kept."""

    __tablename__ = "sessions_navigateur"

    empreinte: Mapped[str] = mapped_column(primary_key=True)
    compte_id: Mapped[UUID] = mapped_column(ForeignKey("comptes.id"), index=True)
    epoque: Mapped[int]  # of the account when it signed in
    ouverte_le: Mapped[datetime]
    expire_le: Mapped[datetime] = mapped_column(index=True)
