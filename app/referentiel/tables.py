from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.droits import Fonctionnalite
from app.kit.calendrier import fuseau_du_departement
from app.kit.db import CODE_CAISSE, Base, Identified, enumeration, personal, subset
from app.kit.ids import new_id
from app.referentiel.regles import DEPARTEMENTS, Importance, TypePartenaire


class Caisse(Base):
    __tablename__ = "caisses"
    __table_args__ = (
        CheckConstraint("code ~ '^[0-9]{3}$'", name="code"),
        subset("departements", DEPARTEMENTS, "departements"),
    )

    code: Mapped[str] = mapped_column(CODE_CAISSE, primary_key=True)
    nom: Mapped[str]
    departement: Mapped[str]  # of its seat: its public holidays and its time zone
    departements: Mapped[list[str]]  # whose inhabitants are attached to it
    termes_garde: Mapped[list[str]] = mapped_column(
        default=list
    )  # what it adds to the guard's words (art. 5)
    email_file: Mapped[str]  # where the mails about its queue go
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def fuseau(self) -> str:
        """The time zone in which this caisse's days are counted."""
        return fuseau_du_departement(self.departement)


class ReglageCaisse(Base):
    """A function as the caisse sets it for all its partenaires, and the delay that it aims at."""

    __tablename__ = "reglages_caisses"
    __table_args__ = (CheckConstraint("delai BETWEEN 1 AND 250", name="delai"),)

    caisse: Mapped[str] = mapped_column(CODE_CAISSE, ForeignKey("caisses.code"), primary_key=True)
    fonctionnalite: Mapped[Fonctionnalite] = mapped_column(
        enumeration(Fonctionnalite, "fonctionnalite"), primary_key=True
    )
    active: Mapped[bool] = mapped_column(default=True)
    delai: Mapped[int | None]  # working days


class ChoixCaisse(Base):
    """Art. 1.2: a function that the caisse opened or closed for all, when and by whom: nothing of it changes."""

    __tablename__ = "choix_caisses"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    caisse: Mapped[str] = mapped_column(CODE_CAISSE, ForeignKey("caisses.code"), index=True)
    fonctionnalite: Mapped[Fonctionnalite] = mapped_column(enumeration(Fonctionnalite, "fonctionnalite"))
    active: Mapped[bool]
    modifie_le: Mapped[datetime]
    auteur_id: Mapped[UUID | None]


class Partenaire(Identified, Base):
    __tablename__ = "partenaires"
    __table_args__ = (
        UniqueConstraint("siret"),
        CheckConstraint("effectif BETWEEN 1 AND 100000", name="effectif"),
        CheckConstraint("siret ~ '^[0-9]{14}$'", name="siret"),
    )

    raison_sociale: Mapped[str]
    siret: Mapped[str]
    type: Mapped[TypePartenaire] = mapped_column(enumeration(TypePartenaire, "type"))
    effectif: Mapped[int]
    adresse: Mapped[str | None]
    departement: Mapped[str]
    domaines_email: Mapped[list[str]]
    organisme_habilite: Mapped[bool] = mapped_column(default=False)
    caisse_creatrice: Mapped[str] = mapped_column(CODE_CAISSE, ForeignKey("caisses.code"))

    __mapper_args__ = {"version_id_col": Identified.version}  # noqa: RUF012


class ListeReferents(Identified, Base):
    """Art. 3.3: the people whom a caisse, or a structure, names: one list a side, always whole.

    `personnes`: [{nom, prenom, fonction, telephone, email}], in the order of the side that wrote it.
    """

    __tablename__ = "referents"
    __table_args__ = (
        CheckConstraint("num_nonnulls(caisse, partenaire_id) = 1", name="un_cote"),
        CheckConstraint("jsonb_typeof(personnes) = 'array'", name="personnes"),
    )

    caisse: Mapped[str | None] = mapped_column(CODE_CAISSE, ForeignKey("caisses.code"), unique=True)
    partenaire_id: Mapped[UUID | None] = mapped_column(ForeignKey("partenaires.id"), unique=True)
    personnes: Mapped[list[dict[str, str]]] = personal(type_=JSONB)
    modifiee_le: Mapped[datetime]

    __mapper_args__ = {"version_id_col": Identified.version}  # noqa: RUF012


class Avis(Identified, Base):
    """Art. 7: what a caisse tells its partenaires; `debut` and `fin` bound what it is about."""

    __tablename__ = "avis"
    __table_args__ = (CheckConstraint("fin > debut", name="fin"),)

    caisse: Mapped[str] = mapped_column(CODE_CAISSE, ForeignKey("caisses.code"), index=True)
    titre: Mapped[str] = personal()
    texte: Mapped[str] = personal()
    importance: Mapped[Importance] = mapped_column(enumeration(Importance, "importance"))
    debut: Mapped[datetime]
    fin: Mapped[datetime | None]
    publie_le: Mapped[datetime]
    auteur_id: Mapped[UUID]
