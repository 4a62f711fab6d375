from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, select
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint, Range, aggregate_order_by
from sqlalchemy.orm import Mapped, column_property, mapped_column

from app.conventions.regles import Cause, Changement, ObjetResilie, Partie, Termes
from app.droits import Fonctionnalite
from app.kit.db import CODE_CAISSE, Base, Identified, enumeration, personal
from app.kit.ids import new_id


class Convention(Identified, Base):
    """The convention d'utilisation, with the convention métier that it leans on (art. 8)."""

    __tablename__ = "conventions"
    __table_args__ = (
        CheckConstraint(
            "(denoncee_le IS NULL) = (denoncee_par IS NULL)"
            " AND (denoncee_le IS NULL) = (motif_denonciation IS NULL)",
            name="denonciation",
        ),
        CheckConstraint(
            "(resiliee_le IS NULL) = (resiliation_objet IS NULL)"
            " AND (resiliee_le IS NULL) = (resiliation_cause IS NULL)"
            " AND (resiliee_le IS NULL) = (motif_resiliation IS NULL)"
            " AND (resiliee_le IS NOT NULL OR resiliee_par IS NULL)",
            name="resiliation",
        ),
        CheckConstraint(
            "coalesce(resiliation_cause = 'manquement', false) = (mise_en_demeure_id IS NOT NULL)",
            name="manquement",
        ),
        ExcludeConstraint(
            ("partenaire_id", "="),
            ("caisse", "="),
            ("periode", "&&"),
            using="gist",
            name="ex_conventions_periode",
        ),
        Index("ix_conventions_caisse_partenaire_id", "caisse", "partenaire_id"),
    )

    partenaire_id: Mapped[UUID] = mapped_column(ForeignKey("partenaires.id"), index=True)
    caisse: Mapped[str] = mapped_column(CODE_CAISSE, ForeignKey("caisses.code"))
    metier_reference: Mapped[str]
    metier_signee_le: Mapped[date]
    signee_partenaire_le: Mapped[date | None]
    signee_caisse_le: Mapped[date | None]
    tacite_reconduction: Mapped[bool] = mapped_column(default=True)  # as signed: avenants may change it
    suspendue_le: Mapped[datetime | None]
    motif_suspension: Mapped[str | None] = personal()
    denoncee_le: Mapped[date | None]
    denoncee_par: Mapped[Partie | None] = mapped_column(enumeration(Partie, "denoncee_par"))
    motif_denonciation: Mapped[str | None] = personal()
    resiliee_le: Mapped[date | None]
    resiliee_par: Mapped[Partie | None] = mapped_column(enumeration(Partie, "resiliee_par"))
    resiliation_objet: Mapped[ObjetResilie | None] = mapped_column(
        enumeration(ObjetResilie, "resiliation_objet")
    )
    resiliation_cause: Mapped[Cause | None] = mapped_column(enumeration(Cause, "resiliation_cause"))
    motif_resiliation: Mapped[str | None] = personal()
    mise_en_demeure_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("mises_en_demeure.id", use_alter=True, name="fk_conventions_mise_en_demeure_id")
    )
    # What the dates imply, for the constraint: from the entry into force to the end, open while renewed.
    periode: Mapped[Range[date] | None] = mapped_column(DATERANGE)
    # The next day that brings something by itself: for the daily rules alone, access never reads it.
    a_regler_le: Mapped[date | None] = mapped_column(index=True)

    __mapper_args__ = {"version_id_col": Identified.version}  # noqa: RUF012

    if TYPE_CHECKING:  # given below: a property of the rows of another table
        changements: Mapped[list[Any] | None]

    @property
    def termes(self) -> Termes:
        return Termes(
            self.signee_partenaire_le,
            self.signee_caisse_le,
            self.tacite_reconduction,
            self.suspendue_le is not None,
            self.denoncee_le,
            self.resiliee_le,
            en_changements(self.changements),
        )


class ReglageConvention(Base):
    """A function set for one convention, against the caisse's choice for all (art. 1.2), from a day on.

    Every choice is kept, with its author: the last one whose day has come applies. `active` null follows
    the caisse again; `a_compter_du` null is « from the beginning ».
    """

    __tablename__ = "reglages_conventions"
    __table_args__ = (Index("ix_reglages_conventions_convention_id", "convention_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    convention_id: Mapped[UUID] = mapped_column(ForeignKey("conventions.id"))
    avenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("avenants.id"))
    fonctionnalite: Mapped[Fonctionnalite] = mapped_column(enumeration(Fonctionnalite, "fonctionnalite"))
    active: Mapped[bool | None]
    a_compter_du: Mapped[date | None]
    modifie_le: Mapped[datetime]
    auteur_id: Mapped[UUID | None]


class Avenant(Base):
    """Art. 8.3: a dated change of a convention; nothing of it changes afterwards."""

    __tablename__ = "avenants"
    __table_args__ = (
        CheckConstraint("fin_le >= le", name="fin_le"),
        Index("ix_avenants_convention_id", "convention_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    convention_id: Mapped[UUID] = mapped_column(ForeignKey("conventions.id"))
    le: Mapped[date]
    objet: Mapped[str] = personal()
    tacite_reconduction: Mapped[bool | None]
    fin_le: Mapped[date | None]
    objet_convention: Mapped[str | None] = personal()
    enregistre_le: Mapped[datetime]
    auteur_id: Mapped[UUID | None]


class MiseEnDemeure(Base):
    """Art. 8.2: a formal notice for a breach, by registered letter, and its repair."""

    __tablename__ = "mises_en_demeure"
    __table_args__ = (
        CheckConstraint("reparee_le >= recue_le", name="reparee_le"),
        Index("ix_mises_en_demeure_convention_id", "convention_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    convention_id: Mapped[UUID] = mapped_column(ForeignKey("conventions.id"))
    partie: Mapped[Partie] = mapped_column(enumeration(Partie, "partie"))
    recue_le: Mapped[date]
    motif: Mapped[str] = personal()
    reparee_le: Mapped[date | None]
    enregistree_le: Mapped[datetime]
    auteur_id: Mapped[UUID | None]


# Read with the convention, in its own query: its dates alone do not say when it ends.
changements = (
    select(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_array(Avenant.le, Avenant.tacite_reconduction, Avenant.fin_le),
                Avenant.le,
                Avenant.id,
            )
        )
    )
    .where(Avenant.convention_id == Convention.id)
    .correlate(Convention)
    .scalar_subquery()
)
Convention.changements = column_property(changements, expire_on_flush=False)


def en_changements(lus: list[Any] | None) -> tuple[Changement, ...]:
    """Read `changements` back: [day, tacite renewal or null, end or null], in the order of the days."""
    return tuple(
        Changement(date.fromisoformat(le), tacite, date.fromisoformat(fin) if fin else None)
        for le, tacite, fin in lus or []
    )
