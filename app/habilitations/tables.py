from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.droits import Role
from app.habilitations.regles import Nature, NatureIncident, StatutHabilitation
from app.habilitations.regles_revue import PERIODICITE_MAXIMALE, DecisionRevue, StatutRevue
from app.kit.db import CODE_CAISSE, Base, Identified, enumeration, one_of, personal


class DemandeHabilitation(Identified, Base):
    """Art. 2.2.1 to 2.2.3: what a partenaire asks of its caisse for one of its gestionnaires."""

    __tablename__ = "demandes_habilitation"
    __table_args__ = (
        CheckConstraint("(statut = 'deposee') = (decidee_le IS NULL)", name="decidee_le"),
        CheckConstraint("(statut = 'refusee') = (motif_refus IS NOT NULL)", name="motif_refus"),
        CheckConstraint("(nature = 'creation') = (gestionnaire_id IS NULL)", name="gestionnaire"),
        Index("ix_demandes_habilitation_partenaire_id_statut", "partenaire_id", "statut"),
    )

    nature: Mapped[Nature] = mapped_column(enumeration(Nature, "nature"))
    statut: Mapped[StatutHabilitation] = mapped_column(
        enumeration(StatutHabilitation, "statut"), default=StatutHabilitation.DEPOSEE
    )
    partenaire_id: Mapped[UUID] = mapped_column(ForeignKey("partenaires.id"))
    caisse: Mapped[str] = mapped_column(CODE_CAISSE, ForeignKey("caisses.code"), index=True)
    deposant_id: Mapped[UUID | None]
    gestionnaire_id: Mapped[UUID | None] = mapped_column(ForeignKey("comptes.id"))
    successeur_id: Mapped[UUID | None] = mapped_column(ForeignKey("comptes.id"))
    identite: Mapped[dict[str, str] | None] = mapped_column(
        JSONB(none_as_null=True), info={"personnel": True}
    )
    modifications: Mapped[dict[str, str] | None] = mapped_column(
        JSONB(none_as_null=True), info={"personnel": True}
    )
    effet_le: Mapped[date | None]
    motif: Mapped[str | None] = personal()
    deposee_le: Mapped[datetime]
    echeance: Mapped[date]
    decidee_le: Mapped[datetime | None]
    decidee_par: Mapped[UUID | None]
    motif_refus: Mapped[str | None] = personal()
    compte_id: Mapped[UUID | None] = mapped_column(ForeignKey("comptes.id"))

    __mapper_args__ = {"version_id_col": Identified.version}  # noqa: RUF012  # read once, by SQLAlchemy


class Incident(Identified, Base):
    """Art. 4.1: a fraud, a theft, a loss, a misuse, with its proof."""

    __tablename__ = "incidents"

    nature: Mapped[NatureIncident] = mapped_column(enumeration(NatureIncident, "nature"))
    compte_id: Mapped[UUID] = mapped_column(ForeignKey("comptes.id"), index=True)
    partenaire_id: Mapped[UUID | None] = mapped_column(ForeignKey("partenaires.id"), index=True)
    caisse: Mapped[str | None] = mapped_column(CODE_CAISSE, ForeignKey("caisses.code"))
    declarant_id: Mapped[UUID]
    constate_le: Mapped[date]
    preuve: Mapped[str] = personal()
    description: Mapped[str] = personal()
    declare_le: Mapped[datetime]
    compte_coupe: Mapped[bool]


class RevueHabilitation(Identified, Base):
    """Art. 4.2: one caisse has the accounts of one structure confirmed or ended, for a day."""

    __tablename__ = "revues_habilitation"
    __table_args__ = (
        CheckConstraint("(statut = 'close') = (close_le IS NOT NULL)", name="close_le"),
        CheckConstraint(f"periodicite_mois BETWEEN 1 AND {PERIODICITE_MAXIMALE}", name="periodicite_mois"),
        CheckConstraint("echeance >= ouverte_jour", name="echeance"),
        Index(
            "uq_revues_habilitation_ouverte",
            "partenaire_id",
            "caisse",
            unique=True,
            postgresql_where=text("statut = 'ouverte'"),
        ),
        Index("ix_revues_habilitation_partenaire_id_caisse", "partenaire_id", "caisse"),
    )

    partenaire_id: Mapped[UUID] = mapped_column(ForeignKey("partenaires.id"))
    caisse: Mapped[str] = mapped_column(CODE_CAISSE, ForeignKey("caisses.code"), index=True)
    statut: Mapped[StatutRevue] = mapped_column(
        enumeration(StatutRevue, "statut"), default=StatutRevue.OUVERTE
    )
    echeance: Mapped[date]
    periodicite_mois: Mapped[int | None]
    ouverte_jour: Mapped[date]  # the intervals are counted from that day
    ouverte_le: Mapped[datetime]
    ouverte_par: Mapped[UUID | None]  # nobody: it opened again by itself
    close_le: Mapped[datetime | None]
    close_par: Mapped[UUID | None]
    rappel_le: Mapped[date | None]

    __mapper_args__ = {"version_id_col": Identified.version}  # noqa: RUF012  # read once, by SQLAlchemy


class LigneRevue(Base):
    """One account of a review, as its structure had it at the opening."""

    __tablename__ = "lignes_revue"
    __table_args__ = (
        CheckConstraint("(decision IS NULL) = (decidee_le IS NULL)", name="decidee_le"),
        one_of("role", (Role.TECHNICIEN, Role.GESTIONNAIRE), "profil"),
    )

    revue_id: Mapped[UUID] = mapped_column(ForeignKey("revues_habilitation.id"), primary_key=True)
    compte_id: Mapped[UUID] = mapped_column(ForeignKey("comptes.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(enumeration(Role, "role"))
    decision: Mapped[DecisionRevue | None] = mapped_column(enumeration(DecisionRevue, "decision"))
    decidee_le: Mapped[datetime | None]
    decidee_par: Mapped[UUID | None]
