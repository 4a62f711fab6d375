from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import CODE_CAISSE, Base, Identified, enumeration
from app.kit.ids import new_id
from app.webhooks.regles import Echec, StatutLivraison


class Webhook(Identified, Base):
    """Where a caisse, or a structure, is told of events. `position`: the last number looked at for it."""

    __tablename__ = "webhooks"
    __table_args__ = (
        CheckConstraint("num_nonnulls(caisse, partenaire_id) = 1", name="un_proprietaire"),
        CheckConstraint("cardinality(evenements) > 0", name="au_moins_un_evenement"),
        CheckConstraint("(ancien_secret IS NULL) = (ancien_jusqua IS NULL)", name="ancien_secret"),
    )

    caisse: Mapped[str | None] = mapped_column(CODE_CAISSE, ForeignKey("caisses.code"), index=True)
    partenaire_id: Mapped[UUID | None] = mapped_column(ForeignKey("partenaires.id"), index=True)
    url: Mapped[str]
    evenements: Mapped[list[str]]
    actif: Mapped[bool]
    secret: Mapped[str]  # sealed by the installation's secret, as the next one
    ancien_secret: Mapped[str | None]
    ancien_jusqua: Mapped[datetime | None]
    position: Mapped[int] = mapped_column(BigInteger)
    en_echec_depuis: Mapped[datetime | None]
    cree_le: Mapped[datetime]


class Livraison(Base):
    """One event for one webhook, once: its identifier is the `webhook-id` of every try."""

    __tablename__ = "livraisons"
    __table_args__ = (
        UniqueConstraint("webhook_id", "evenement_numero"),
        Index("ix_livraisons_webhook_id_id", "webhook_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    evenement_numero: Mapped[int | None] = mapped_column(BigInteger)  # null: a test
    type: Mapped[str]
    statut: Mapped[StatutLivraison] = mapped_column(enumeration(StatutLivraison, "statut"))
    essais: Mapped[int] = mapped_column(default=0)
    code_http: Mapped[int | None]
    echec: Mapped[Echec | None] = mapped_column(enumeration(Echec, "echec"))
    cree_le: Mapped[datetime] = mapped_column(index=True)
    dernier_essai_le: Mapped[datetime | None]
    prochain_essai_le: Mapped[datetime | None]
