"""Appareils: from which software and network an account signed in, so that its holder is told of a new one."""

import sqlalchemy as sa
from alembic import op

revision = "0020_appareils"
down_revision = "0008_les_cinq_genres"
branch_labels = None
depends_on = None

SYSTEME = "ep_portee() = 'systeme'"


def upgrade() -> None:
    op.create_table(
        "appareils",
        sa.Column("empreinte", sa.Text(), nullable=False),
        sa.Column("compte_id", sa.Uuid(), nullable=False),
        sa.Column("logiciel", sa.Text(), nullable=False),
        sa.Column("pays", sa.String(2)),
        sa.Column("premiere_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vu_le", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["compte_id"], ["comptes.id"], name=op.f("fk_appareils_compte_id")),
        sa.PrimaryKeyConstraint("empreinte", name=op.f("pk_appareils")),
    )
    op.create_index(op.f("ix_appareils_compte_id"), "appareils", ["compte_id"])
    op.create_index(op.f("ix_appareils_vu_le"), "appareils", ["vu_le"])
    op.execute("ALTER TABLE appareils ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE appareils FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY proprietaire ON appareils TO CURRENT_USER USING (true) WITH CHECK (true)")
    op.execute(
        f"CREATE POLICY le_systeme ON appareils TO ep_application USING ({SYSTEME}) WITH CHECK ({SYSTEME})"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON appareils TO ep_application")


def downgrade() -> None:
    op.drop_table("appareils")
