from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base, Identified, personal


class Maintenance(Identified, Base):
    """Art. 3.2: a window during which the service does not answer, announced beforehand."""

    __tablename__ = "maintenances"
    __table_args__ = (
        CheckConstraint("fin > debut", name="fin"),
        CheckConstraint("motif_annulation IS NULL OR annulee_le IS NOT NULL", name="motif_annulation"),
    )

    debut: Mapped[datetime]
    fin: Mapped[datetime] = mapped_column(index=True)
    message: Mapped[str]
    annoncee_le: Mapped[datetime]
    auteur_id: Mapped[UUID]
    annulee_le: Mapped[datetime | None]
    motif_annulation: Mapped[str | None] = personal()

    __mapper_args__ = {"version_id_col": Identified.version}  # noqa: RUF012
