from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.droits import Portee
from app.kit.db import CODE_CAISSE, Base, Identified, one_of, personal, subset

METHODES = ("client_secret_basic", "client_secret_post", "none")
FLUX = ("authorization_code", "client_credentials", "refresh_token")


class Application(Identified, Base):
    """A piece of software: a caisse's or a partenaire's acting for itself, or one acting for a person."""

    __tablename__ = "applications"
    __table_args__ = (
        CheckConstraint(
            "(token_endpoint_auth_method = 'none') = (secret IS NULL)", name="publique_sans_secret"
        ),
        CheckConstraint("caisse IS NULL OR partenaire_id IS NULL", name="un_seul_titulaire"),
        CheckConstraint("(secret IS NULL) = (secret_expire_le IS NULL)", name="secret_expire_le"),
        CheckConstraint(
            "(ancien_secret IS NULL) = (ancien_secret_expire_le IS NULL)", name="ancien_secret_expire_le"
        ),
        one_of("token_endpoint_auth_method", METHODES, "methode"),
        subset("grant_types", FLUX, "flux"),
        subset("scope", Portee, "portees"),
        CheckConstraint("avis_jours IN (1, 7, 30)", name="avis_jours"),
    )

    client_id: Mapped[str] = mapped_column(unique=True)
    client_name: Mapped[str]
    secret: Mapped[str | None]  # its hash
    token_endpoint_auth_method: Mapped[str]
    grant_types: Mapped[list[str]]
    redirect_uris: Mapped[list[str]]
    scope: Mapped[list[str]]
    caisse: Mapped[str | None] = mapped_column(CODE_CAISSE, ForeignKey("caisses.code"))
    partenaire_id: Mapped[UUID | None] = mapped_column(ForeignKey("partenaires.id"), index=True)
    reseaux: Mapped[list[str]] = mapped_column(default=list)  # CIDR; empty: from anywhere
    contacts: Mapped[list[str]] = personal(default=list)
    secret_expire_le: Mapped[date | None]  # its last day
    avis_jours: Mapped[int | None]  # the last notice that was sent of that day, in days before it
    ancien_secret: Mapped[str | None]  # the hash of the one before, good until its instant
    ancien_secret_expire_le: Mapped[datetime | None]
    derniere_utilisation_le: Mapped[date | None]
    cree_le: Mapped[datetime]
    fin_le: Mapped[datetime | None]


class Famille(Identified, Base):
    """A signing in: its refresh tokens follow one another, and die together."""

    __tablename__ = "familles_jetons"

    compte_id: Mapped[UUID | None] = mapped_column(ForeignKey("comptes.id"), index=True)
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("applications.id"), index=True)
    epoque: Mapped[int | None]  # of the account when it signed in
    client_id: Mapped[str]
    scope: Mapped[list[str]]
    cree_le: Mapped[datetime]
    expire_le: Mapped[datetime]
    revoquee_le: Mapped[datetime | None]


class JetonRafraichissement(Base):
    """One refresh token: single use; used twice, its whole family ends."""

    __tablename__ = "jetons_rafraichissement"

    empreinte: Mapped[str] = mapped_column(primary_key=True)
    famille_id: Mapped[UUID] = mapped_column(ForeignKey("familles_jetons.id"), index=True)
    emis_le: Mapped[datetime]
    utilise_le: Mapped[datetime | None]


class Consentement(Identified, Base):
    """What a person lets an application do in their name: asked once, remembered, ended at will."""

    __tablename__ = "consentements"
    __table_args__ = (UniqueConstraint("compte_id", "application_id"),)

    compte_id: Mapped[UUID] = mapped_column(ForeignKey("comptes.id"))
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    scope: Mapped[list[str]]
    accorde_le: Mapped[datetime]


class CodeAutorisation(Base):
    """One minute to be exchanged for tokens, once, by the application that asked and knows the verifier."""

    __tablename__ = "codes_autorisation"
    __table_args__ = (CheckConstraint("famille_id IS NULL OR utilise_le IS NOT NULL", name="famille"),)

    empreinte: Mapped[str] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"))
    compte_id: Mapped[UUID] = mapped_column(ForeignKey("comptes.id"), index=True)
    epoque: Mapped[int]  # of the account when it consented
    scope: Mapped[list[str]]
    redirect_uri: Mapped[str]
    defi: Mapped[str]  # the PKCE challenge, S256
    expire_le: Mapped[datetime] = mapped_column(index=True)
    utilise_le: Mapped[datetime | None]
    famille_id: Mapped[UUID | None] = mapped_column(ForeignKey("familles_jetons.id"))


class CleSignature(Base):
    """A signing key: its private part is sealed by the installation's secret."""

    __tablename__ = "cles_signature"

    kid: Mapped[str] = mapped_column(primary_key=True)
    scellee: Mapped[str]
    cree_le: Mapped[datetime] = mapped_column(index=True)
    retiree_le: Mapped[datetime | None]


class Echec(Base):
    """A failed sign-in, by hashed account name and by hashed address."""

    __tablename__ = "echecs_connexion"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    cle: Mapped[str] = mapped_column(index=True)
    le: Mapped[datetime] = mapped_column(index=True)
