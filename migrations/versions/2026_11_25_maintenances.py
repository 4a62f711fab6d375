"""Maintenances: announced beforehand, known by all, written by the national operator alone (art. 3.2)."""

import sqlalchemy as sa
from alembic import op

revision = "0010_maintenances"
down_revision = "0009_referents_et_avis"
branch_labels = None
depends_on = None

TOUS = "ep_portee() <> ''"
NATIONAL = "ep_portee() IN ('systeme', 'national')"


def upgrade() -> None:
    op.create_table(
        "maintenances",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("debut", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fin", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("annoncee_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("auteur_id", sa.Uuid(), nullable=False),
        sa.Column("annulee_le", sa.DateTime(timezone=True)),
        sa.Column("motif_annulation", sa.Text()),
        sa.CheckConstraint("fin > debut", name=op.f("ck_maintenances_fin")),
        sa.CheckConstraint(
            "motif_annulation IS NULL OR annulee_le IS NOT NULL",
            name=op.f("ck_maintenances_motif_annulation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maintenances")),
    )
    op.create_index(op.f("ix_maintenances_fin"), "maintenances", ["fin"])
    op.execute("ALTER TABLE maintenances ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE maintenances FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY proprietaire ON maintenances TO CURRENT_USER USING (true) WITH CHECK (true)")
    op.execute(f"CREATE POLICY lire ON maintenances FOR SELECT TO ep_application USING ({TOUS})")
    op.execute(f"CREATE POLICY inserer ON maintenances FOR INSERT TO ep_application WITH CHECK ({NATIONAL})")
    op.execute(
        f"CREATE POLICY modifier ON maintenances FOR UPDATE TO ep_application"
        f" USING ({NATIONAL}) WITH CHECK ({NATIONAL})"
    )
    op.execute(
        "CREATE POLICY effacer ON maintenances FOR DELETE TO ep_application USING (ep_portee() = 'systeme')"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON maintenances TO ep_application")


def downgrade() -> None:
    op.drop_table("maintenances")
