from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import CODE_CAISSE, Base, Identified, enumeration, one_of, personal
from app.pieces.regles import EXTENSIONS, Antivirus, MotifRefus, RaisonEffacement, Sens, StatutPiece
from app.referentiel.nomenclatures import DOCUMENTS, PIECES

A_ANALYSER = "statut = 'en_analyse' AND effacee_le IS NULL"
A_NETTOYER = "fichier_efface_le IS NULL AND cle IS NULL"


class Piece(Identified, Base):
    """A document of one request; its content is an object of the store, named by `id`, sealed under `cle`.

    The request's own facts are copied (`reference`, `caisse`, `partenaire_id`, `demandeur_id`): this folder does not
    know requests. Without `cle` nobody reads the content again, whatever still holds its bytes: it goes with the
    personal columns, in the transaction of the erasure or of the refusal; the file goes after it.
    """

    __tablename__ = "pieces"
    __table_args__ = (
        one_of("nature", PIECES, "nature"),
        CheckConstraint(
            "sens = 'entrante' OR nature IN ({})".format(
                ", ".join(f"'{nature}'" for nature in sorted(DOCUMENTS))
            ),
            name="nature_sortante",
        ),
        one_of("type_mime", EXTENSIONS, "type_mime"),
        CheckConstraint("taille BETWEEN 1 AND 10485760", name="taille"),
        CheckConstraint("(statut = 'refusee') = (motif_refus IS NOT NULL)", name="motif_refus"),
        CheckConstraint(
            "(cle IS NULL) = (statut = 'refusee' OR effacee_le IS NOT NULL) AND (cle IS NULL) = (kid IS NULL)",
            name="cle",
        ),
        CheckConstraint(
            "(effacee_le IS NULL) = (sha256 IS NOT NULL AND taille IS NOT NULL)"
            " AND (effacee_le IS NULL) = (raison_effacement IS NULL)",
            name="effacee_le",
        ),
        Index("ix_pieces_a_analyser", "id", postgresql_where=text(A_ANALYSER)),
        Index("ix_pieces_a_nettoyer", "id", postgresql_where=text(A_NETTOYER)),
    )

    demande_id: Mapped[UUID] = mapped_column(ForeignKey("demandes.id"), index=True)
    reference: Mapped[str]
    caisse: Mapped[str] = mapped_column(CODE_CAISSE, ForeignKey("caisses.code"))
    partenaire_id: Mapped[UUID] = mapped_column(ForeignKey("partenaires.id"))
    demandeur_id: Mapped[UUID]
    deposant_id: Mapped[UUID]
    sens: Mapped[Sens] = mapped_column(enumeration(Sens, "sens"))
    nature: Mapped[str]
    statut: Mapped[StatutPiece] = mapped_column(enumeration(StatutPiece, "statut"))
    motif_refus: Mapped[MotifRefus | None] = mapped_column(enumeration(MotifRefus, "motif_refus_valeur"))
    antivirus: Mapped[Antivirus] = mapped_column(enumeration(Antivirus, "antivirus"))
    type_mime: Mapped[str]
    taille: Mapped[int | None] = personal()
    sha256: Mapped[str | None] = personal()
    cle: Mapped[bytes | None] = personal()
    kid: Mapped[str | None] = mapped_column(index=True)
    deposee_le: Mapped[datetime]
    analysee_le: Mapped[datetime | None]
    effacee_le: Mapped[datetime | None]
    raison_effacement: Mapped[RaisonEffacement | None] = mapped_column(
        enumeration(RaisonEffacement, "raison_effacement_valeur")
    )
    fichier_efface_le: Mapped[datetime | None]
    fichier_absent_le: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": Identified.version}  # noqa: RUF012
