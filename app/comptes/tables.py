from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.comptes.regles import Civilite, Etat, LienStructure, NatureLien
from app.droits import Role
from app.kit.db import CODE_CAISSE, Base, Identified, enumeration, personal
from app.kit.ids import new_id


class Compte(Identified, Base):
    """One person in one profile (art. 2.2): a gestionnaire who makes requests has two."""

    __tablename__ = "comptes"
    __table_args__ = (
        CheckConstraint(
            "CASE role WHEN 'agent_caisse' THEN caisse IS NOT NULL AND partenaire_id IS NULL"
            " WHEN 'administrateur' THEN caisse IS NULL AND partenaire_id IS NULL"
            " ELSE caisse IS NULL AND partenaire_id IS NOT NULL END",
            name="appartenance",
        ),
        CheckConstraint("statut <> 'actif' OR mot_de_passe IS NOT NULL", name="actif_avec_mot_de_passe"),
        CheckConstraint("(statut = 'inactif') = (inactive_le IS NOT NULL)", name="inactive_le"),
        CheckConstraint("supprime_le IS NULL OR statut = 'inactif'", name="supprime_le"),
        Index("ix_comptes_partenaire_id_role", "partenaire_id", "role"),
    )

    identifiant: Mapped[str] = mapped_column(unique=True)
    role: Mapped[Role] = mapped_column(enumeration(Role, "role"))
    partenaire_id: Mapped[UUID | None] = mapped_column(ForeignKey("partenaires.id"))
    caisse: Mapped[str | None] = mapped_column(CODE_CAISSE, ForeignKey("caisses.code"), index=True)
    statut: Mapped[Etat] = mapped_column(enumeration(Etat, "statut"), default=Etat.EN_ATTENTE)
    civilite: Mapped[Civilite | None] = personal(type_=enumeration(Civilite, "civilite"))  # null once deleted
    nom: Mapped[str] = personal()
    prenom: Mapped[str] = personal()
    fonction: Mapped[str] = personal()
    telephone: Mapped[str] = personal()
    email: Mapped[str] = personal()
    mot_de_passe: Mapped[str | None] = personal()
    mot_de_passe_change_le: Mapped[datetime | None]
    cree_le: Mapped[datetime]
    active_le: Mapped[datetime | None]
    inactive_le: Mapped[datetime | None]
    motif_inactivation: Mapped[str | None] = personal()
    derniere_connexion_le: Mapped[datetime | None]
    gestionnaire_id: Mapped[UUID | None] = mapped_column(ForeignKey("comptes.id"))
    exclu: Mapped[bool] = mapped_column(default=False)
    lien: Mapped[LienStructure | None] = mapped_column(enumeration(LienStructure, "lien"))
    equipement_professionnel: Mapped[bool | None]
    fin_prevue_le: Mapped[date | None] = mapped_column(index=True)
    fin_prevue_motif: Mapped[str | None] = personal()
    supprime_le: Mapped[date | None]
    epoque: Mapped[int] = mapped_column(
        default=1, server_default="1"
    )  # a token of another one is worth nothing
    cgu_version: Mapped[str | None]
    cgu_acceptee_le: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": Identified.version}  # noqa: RUF012


class Lien(Base):
    """A personal, single-use, expiring link sent by mail (art. 2.2.1): only its hash is kept."""

    __tablename__ = "liens"

    empreinte: Mapped[str] = mapped_column(primary_key=True)
    compte_id: Mapped[UUID] = mapped_column(ForeignKey("comptes.id"), index=True)
    nature: Mapped[NatureLien] = mapped_column(enumeration(NatureLien, "nature"))
    expire_le: Mapped[datetime]
    utilise_le: Mapped[datetime | None]


class AncienMotDePasse(Base):
    """Art. 2.2.1: the hash of a former password, so that it is not chosen again."""

    __tablename__ = "anciens_mots_de_passe"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    compte_id: Mapped[UUID] = mapped_column(ForeignKey("comptes.id"), index=True)
    empreinte: Mapped[str] = personal()
    remplace_le: Mapped[datetime]


class VersionCgu(Base):
    __tablename__ = "versions_cgu"

    version: Mapped[str] = mapped_column(primary_key=True)
    texte: Mapped[str]
    publiee_le: Mapped[datetime] = mapped_column(index=True)
