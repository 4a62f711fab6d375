from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.conventions.regles import Termes
from app.droits import Fonctionnalite
from app.kit.db import CODE_CAISSE, Base, Identified, enumeration, personal


class Convention(Identified, Base):
    """The convention d'utilisation, with the convention métier that it leans on (art. 8)."""

    __tablename__ = "conventions"
    __table_args__ = (Index("ix_conventions_caisse_partenaire_id", "caisse", "partenaire_id"),)

    partenaire_id: Mapped[UUID] = mapped_column(ForeignKey("partenaires.id"), index=True)
    caisse: Mapped[str] = mapped_column(CODE_CAISSE, ForeignKey("caisses.code"))
    metier_reference: Mapped[str]
    metier_signee_le: Mapped[date]
    signee_partenaire_le: Mapped[date | None]
    signee_caisse_le: Mapped[date | None]
    tacite_reconduction: Mapped[bool] = mapped_column(default=True)
    suspendue_le: Mapped[datetime | None]
    motif_suspension: Mapped[str | None] = personal()

    __mapper_args__ = {"version_id_col": Identified.version}  # noqa: RUF012

    @property
    def termes(self) -> Termes:
        return Termes(
            self.signee_partenaire_le,
            self.signee_caisse_le,
            self.tacite_reconduction,
            self.suspendue_le is not None,
        )


class ReglageConvention(Base):
    """A function set for one convention, against the caisse's choice for all (art. 1.2)."""

    __tablename__ = "reglages_conventions"

    convention_id: Mapped[UUID] = mapped_column(ForeignKey("conventions.id"), primary_key=True)
    fonctionnalite: Mapped[Fonctionnalite] = mapped_column(
        enumeration(Fonctionnalite, "fonctionnalite"), primary_key=True
    )
    active: Mapped[bool]
