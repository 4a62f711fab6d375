from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.disponibilite.regles_dysfonctionnement import Geste, StatutDysfonctionnement
from app.droits import Fonctionnalite, Role
from app.kit.db import CODE_CAISSE, Base, Identified, enumeration, one_of, personal


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


class Dysfonctionnement(Identified, Base):
    """Art. 3.3: a malfunction, reported by a structure to its caisse, or by the caisse to the national support."""

    __tablename__ = "dysfonctionnements"
    __table_args__ = (
        CheckConstraint("(statut = 'resolu') = (resolu_le IS NOT NULL)", name="resolu_le"),
        CheckConstraint("statut <> 'transmis' OR transmis_le IS NOT NULL", name="transmis_le"),
        Index("ix_dysfonctionnements_caisse_id", "caisse", "id"),
        Index("ix_dysfonctionnements_partenaire_id_id", "partenaire_id", "id"),
    )

    caisse: Mapped[str] = mapped_column(CODE_CAISSE, ForeignKey("caisses.code"))
    partenaire_id: Mapped[UUID | None] = mapped_column(ForeignKey("partenaires.id"))
    auteur_id: Mapped[UUID]
    titre: Mapped[str] = personal()
    description: Mapped[str] = personal()
    survenu_le: Mapped[datetime]
    fonctionnalite: Mapped[Fonctionnalite | None] = mapped_column(
        enumeration(Fonctionnalite, "fonctionnalite")
    )
    identifiant_requete: Mapped[str | None]
    navigateur_ou_logiciel: Mapped[str | None] = personal()
    bloquant: Mapped[bool]
    statut: Mapped[StatutDysfonctionnement] = mapped_column(enumeration(StatutDysfonctionnement, "statut"))
    signale_le: Mapped[datetime]
    modifie_le: Mapped[datetime]
    transmis_le: Mapped[datetime | None]
    resolu_le: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": Identified.version}  # noqa: RUF012


class Echange(Base):
    """What is written about a malfunction, with the gesture that it came with."""

    __tablename__ = "echanges_dysfonctionnement"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    dysfonctionnement_id: Mapped[UUID] = mapped_column(ForeignKey("dysfonctionnements.id"), index=True)
    auteur_id: Mapped[UUID]
    role: Mapped[Role] = mapped_column(enumeration(Role, "role"))
    geste: Mapped[Geste] = mapped_column(enumeration(Geste, "geste"))
    texte: Mapped[str] = personal()
    le: Mapped[datetime]


class Document(Base):
    """Art. 3.2: one version of a document for download; a version never changes, and the former ones stay."""

    __tablename__ = "documentation"
    __table_args__ = (
        UniqueConstraint("code", "version"),
        CheckConstraint("taille > 0 AND (contenu IS NULL OR octet_length(contenu) = taille)", name="taille"),
        one_of("type_mime", ("application/pdf", "text/markdown"), "type_mime"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    titre: Mapped[str]
    version: Mapped[str]
    type_mime: Mapped[str]
    contenu: Mapped[bytes | None] = mapped_column(deferred=True)  # null: in the store of pieces
    taille: Mapped[int]
    sha256: Mapped[str]
    publie_le: Mapped[datetime]
