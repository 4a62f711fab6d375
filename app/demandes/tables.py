from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.comptes.regles import Civilite
from app.demandes.regles import OUVERTS, Issue, Revue, Statut, Type
from app.demandes.regles_creneaux import StatutCreneau
from app.kit.db import CODE_CAISSE, Base, Identified, enumeration, one_of, personal, subset
from app.referentiel.nomenclatures import (
    DIFFICULTES,
    DOCUMENTS,
    DROITS_ETUDIES,
    MODALITES,
    MODES,
    MOTIFS_RENDEZ_VOUS,
    ORIENTATIONS,
    SUJETS,
)

OUVERTE = "statut IN ({})".format(", ".join(f"'{statut.value}'" for statut in OUVERTS))

# What an erased request holds no more: the identity in all its forms, and what was written freely.
IDENTITE = (
    "assure_civilite",
    "assure_nom",
    "assure_prenom",
    "assure_date_naissance",
    "assure_mots",
    "assure_sons",
    "personne_cle",
    "commentaire",
)


class Demande(Identified, Base):
    """What the five kinds share; each kind has a table of its own fields beside it.

    `auteur_id` and `agent_id` are accounts, or the application of a caisse that acts for itself.
    The identity of the person is erased with its columns: then all of them are null, and `effacee_le` is set.
    """

    __tablename__ = "demandes"
    __table_args__ = (
        CheckConstraint("(statut = 'cloturee') = (issue IS NOT NULL)", name="issue"),
        CheckConstraint(
            "(statut IN ('cloturee', 'annulee')) = (cloturee_le IS NOT NULL)", name="cloturee_le"
        ),
        CheckConstraint("(statut = 'annulee') = (motif_annulation IS NOT NULL)", name="motif_annulation"),
        one_of("consentement_modalite", MODALITES, "consentement_modalite"),
        CheckConstraint("echeance IS NULL OR jours_restants IS NULL", name="delai"),
        CheckConstraint(
            "effacee_le IS NULL OR num_nonnulls({}) = 0".format(", ".join(IDENTITE)), name="effacee"
        ),
        CheckConstraint("(effacee_le IS NULL) = (motif_effacement IS NULL)", name="motif_effacement"),
        Index("ix_demandes_naissance", "caisse", "assure_date_naissance"),
        Index("ix_demandes_a_vider", "cloturee_le", postgresql_where=text("effacee_le IS NULL")),
        Index("ix_demandes_partenaire", "partenaire_id", text("deposee_le DESC"), text("id DESC")),
        Index("ix_demandes_caisse", "caisse", text("deposee_le DESC"), text("id DESC")),
        Index("ix_demandes_personne", "personne_cle", postgresql_where=text(OUVERTE)),
        Index(
            "ix_demandes_assure_mots",
            "assure_mots",
            postgresql_using="gin",
            postgresql_ops={"assure_mots": "gin_trgm_ops"},
        ),
    )

    reference: Mapped[str] = mapped_column(unique=True)
    type: Mapped[Type] = mapped_column(enumeration(Type, "type"))
    statut: Mapped[Statut] = mapped_column(enumeration(Statut, "statut"), default=Statut.DEPOSEE)
    issue: Mapped[Issue | None] = mapped_column(enumeration(Issue, "issue_valeur"))
    theme: Mapped[str | None]
    caisse: Mapped[str] = mapped_column(CODE_CAISSE, ForeignKey("caisses.code"))
    partenaire_id: Mapped[UUID] = mapped_column(ForeignKey("partenaires.id"))
    auteur_id: Mapped[UUID] = mapped_column(index=True)
    agent_id: Mapped[UUID | None] = mapped_column(index=True)
    assure_civilite: Mapped[Civilite | None] = personal(type_=enumeration(Civilite, "civilite"))
    assure_nom: Mapped[str | None] = personal()
    assure_prenom: Mapped[str | None] = personal()
    assure_date_naissance: Mapped[date | None] = personal()
    assure_departement: Mapped[str | None]  # of residence: it names nobody, and stays for the statistics
    assure_mots: Mapped[str | None] = personal()
    assure_sons: Mapped[list[str] | None] = personal()
    personne_cle: Mapped[str | None] = personal()
    consentement_date: Mapped[date]
    consentement_modalite: Mapped[str]
    consentement_retire_le: Mapped[date | None]
    commentaire: Mapped[str | None] = personal()
    motif_annulation: Mapped[str | None] = personal()
    deposee_le: Mapped[datetime]
    modifiee_le: Mapped[datetime] = mapped_column(index=True)
    cloturee_le: Mapped[datetime | None]
    echeance: Mapped[date | None]
    jours_restants: Mapped[int | None]
    # What is measured of it (art. D-2), in working days; nothing of it tells of the person.
    attente: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    attendu_depuis: Mapped[date | None]
    delai_prise_en_charge: Mapped[int | None]
    delai_cloture: Mapped[int | None]
    effacee_le: Mapped[datetime | None]
    motif_effacement: Mapped[str | None]

    __mapper_args__ = {"version_id_col": Identified.version}  # noqa: RUF012


class Message(Base):
    """What both sides write to each other about a request."""

    __tablename__ = "messages"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    demande_id: Mapped[UUID] = mapped_column(ForeignKey("demandes.id"), index=True)
    auteur_id: Mapped[UUID | None]
    role: Mapped[str]
    texte: Mapped[str] = personal()
    pieces: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), default=list)  # pieces are never deleted
    le: Mapped[datetime]


class TexteConfirme(Identified, Base):
    """Art. 5: a text that its author confirmed against the guard, for the caisse to review.

    `passages`: [{debut, fin}], positions in characters. The text is not copied: `empreinte` (SHA-256) tells
    which one it is, where it stands.
    """

    __tablename__ = "textes_confirmes"
    __table_args__ = (
        CheckConstraint("(statut = 'a_revoir') = (revu_le IS NULL)", name="revu_le"),
        Index("ix_textes_confirmes_caisse", "caisse", text("le DESC"), text("id DESC")),
    )

    demande_id: Mapped[UUID] = mapped_column(ForeignKey("demandes.id"), index=True)
    caisse: Mapped[str] = mapped_column(CODE_CAISSE, ForeignKey("caisses.code"))
    champ: Mapped[str]
    passages: Mapped[list[dict[str, int]]] = mapped_column(JSONB)
    empreinte: Mapped[str | None] = personal()
    auteur_id: Mapped[UUID | None]
    role: Mapped[str]
    le: Mapped[datetime]
    statut: Mapped[Revue] = mapped_column(enumeration(Revue, "statut"), default=Revue.A_REVOIR)
    revu_le: Mapped[datetime | None]
    revu_par: Mapped[UUID | None]
    motif: Mapped[str | None] = personal()

    __mapper_args__ = {"version_id_col": Identified.version}  # noqa: RUF012


class Signalement(Base):
    """Art. 1.1: a person in difficulty with access to rights or care."""

    __tablename__ = "signalements"
    __table_args__ = (
        subset("difficultes", DIFFICULTES, "difficultes"),
        one_of("orientation_souhaitee", ORIENTATIONS, "orientation_souhaitee"),
        CheckConstraint("cardinality(difficultes) > 0", name="au_moins_une"),
    )

    demande_id: Mapped[UUID] = mapped_column(ForeignKey("demandes.id"), primary_key=True)
    difficultes: Mapped[list[str]]
    orientation_souhaitee: Mapped[str | None]


class EtudeDossier(Base):
    """Art. 1.2: a file submitted for study."""

    __tablename__ = "etudes_dossier"
    __table_args__ = (one_of("droit", DROITS_ETUDIES, "droit"),)

    demande_id: Mapped[UUID] = mapped_column(ForeignKey("demandes.id"), primary_key=True)
    droit: Mapped[str]


class RendezVous(Base):
    """Art. 1.2: an appointment asked for; `disponibilites`: [{debut, fin}], as sent."""

    __tablename__ = "rendez_vous"
    __table_args__ = (
        one_of("motif", MOTIFS_RENDEZ_VOUS, "motif"),
        one_of("mode", MODES, "mode"),
        CheckConstraint("jsonb_array_length(disponibilites) > 0", name="disponibilites"),
    )

    demande_id: Mapped[UUID] = mapped_column(ForeignKey("demandes.id"), primary_key=True)
    motif: Mapped[str]
    mode: Mapped[str]
    disponibilites: Mapped[list[dict[str, str]]] = mapped_column(JSONB)


class Creneau(Base):
    """Art. 1.2: a slot that the caisse proposes for an appointment.

    `lieu` is a place, a telephone number or a link, by `mode`; `honore` tells whether the person came.
    """

    __tablename__ = "creneaux"
    __table_args__ = (
        one_of("mode", MODES, "mode"),
        CheckConstraint("debut < fin", name="ordre"),
        CheckConstraint("statut <> 'confirme' OR confirme_le IS NOT NULL", name="confirme_le"),
        CheckConstraint("honore IS NULL OR statut = 'confirme'", name="honore"),
        Index(
            "uq_creneaux_confirme",
            "demande_id",
            unique=True,
            postgresql_where=text("statut = 'confirme' AND honore IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    demande_id: Mapped[UUID] = mapped_column(ForeignKey("demandes.id"), index=True)
    debut: Mapped[datetime]
    fin: Mapped[datetime]
    mode: Mapped[str]
    lieu: Mapped[str] = personal()
    statut: Mapped[StatutCreneau] = mapped_column(enumeration(StatutCreneau, "statut"))
    confirme_le: Mapped[datetime | None]
    modifie_le: Mapped[datetime]
    motif: Mapped[str | None] = personal()  # why it was refused or called off
    honore: Mapped[bool | None]
    rappele_le: Mapped[date | None]


class DemandeDocument(Base):
    """Art. 1.2: a document asked for; `envoye_le` is the day when it went by post."""

    __tablename__ = "demandes_documents"
    __table_args__ = (one_of("document", DOCUMENTS, "document"),)

    demande_id: Mapped[UUID] = mapped_column(ForeignKey("demandes.id"), primary_key=True)
    document: Mapped[str]
    envoye_le: Mapped[date | None]


class Contact(Base):
    """Art. 1.2: a message to the caisse."""

    __tablename__ = "contacts"
    __table_args__ = (one_of("sujet", SUJETS, "sujet"),)

    demande_id: Mapped[UUID] = mapped_column(ForeignKey("demandes.id"), primary_key=True)
    sujet: Mapped[str]
    message: Mapped[str] = personal()
