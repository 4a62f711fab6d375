"""Créneaux et envois: the slots of appointments, the day when a document went (art. 1.2)."""

import sqlalchemy as sa
from alembic import op

revision = "0030_creneaux"
down_revision = "0011_dysfonctionnements"
branch_labels = None
depends_on = None

DE_LA_DEMANDE = "EXISTS (SELECT 1 FROM demandes d WHERE d.id = demande_id)"  # under the policy of demandes
STATUTS = ("propose", "confirme", "refuse", "annule")
MODES = ("accueil", "telephone", "visio")


def parmi(colonne: str, codes: tuple[str, ...]) -> sa.CheckConstraint:
    liste = ", ".join(f"'{code}'" for code in codes)
    return sa.CheckConstraint(f"{colonne} IN ({liste})", name=op.f(f"ck_creneaux_{colonne}"))


def upgrade() -> None:
    op.create_table(
        "creneaux",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("demande_id", sa.Uuid(), nullable=False),
        sa.Column("debut", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fin", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("lieu", sa.Text(), nullable=False),
        sa.Column("statut", sa.String(40), nullable=False),
        sa.Column("confirme_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("modifie_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("motif", sa.Text(), nullable=True),
        sa.Column("honore", sa.Boolean(), nullable=True),
        sa.Column("rappele_le", sa.Date(), nullable=True),
        parmi("mode", MODES),
        parmi("statut", STATUTS),
        sa.CheckConstraint("debut < fin", name=op.f("ck_creneaux_ordre")),
        sa.CheckConstraint(
            "statut <> 'confirme' OR confirme_le IS NOT NULL", name=op.f("ck_creneaux_confirme_le")
        ),
        sa.CheckConstraint("honore IS NULL OR statut = 'confirme'", name=op.f("ck_creneaux_honore")),
        sa.ForeignKeyConstraint(["demande_id"], ["demandes.id"], name=op.f("fk_creneaux_demande_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creneaux")),
    )
    op.create_index(op.f("ix_creneaux_demande_id"), "creneaux", ["demande_id"])
    op.create_index(
        "uq_creneaux_confirme",
        "creneaux",
        ["demande_id"],
        unique=True,
        postgresql_where=sa.text("statut = 'confirme' AND honore IS NULL"),
    )
    op.execute("ALTER TABLE creneaux ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE creneaux FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY proprietaire ON creneaux TO CURRENT_USER USING (true) WITH CHECK (true)")
    op.execute(
        f"CREATE POLICY siennes ON creneaux TO ep_application USING ({DE_LA_DEMANDE}) WITH CHECK ({DE_LA_DEMANDE})"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON creneaux TO ep_application")
    op.add_column("demandes_documents", sa.Column("envoye_le", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("demandes_documents", "envoye_le")
    op.drop_table("creneaux")
