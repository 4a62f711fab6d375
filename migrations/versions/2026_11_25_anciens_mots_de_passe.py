"""Anciens mots de passe: the hashes of the last ones, so that they are not chosen again (art. 2.2.1)."""

import sqlalchemy as sa
from alembic import op

revision = "0004_anciens_mots_de_passe"
down_revision = "0003_file_de_travaux"
branch_labels = None
depends_on = None

TABLE = "anciens_mots_de_passe"
SYSTEME = "ep_portee() = 'systeme'"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("compte_id", sa.Uuid(), nullable=False),
        sa.Column("empreinte", sa.Text(), nullable=False),
        sa.Column("remplace_le", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["compte_id"], ["comptes.id"], name=op.f("fk_anciens_mots_de_passe_compte_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_anciens_mots_de_passe")),
    )
    op.create_index(op.f("ix_anciens_mots_de_passe_compte_id"), TABLE, ["compte_id"], unique=False)
    op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY proprietaire ON {TABLE} TO CURRENT_USER USING (true) WITH CHECK (true)")
    op.execute(f"CREATE POLICY lire ON {TABLE} FOR SELECT TO ep_application USING ({SYSTEME})")
    op.execute(f"CREATE POLICY inserer ON {TABLE} FOR INSERT TO ep_application WITH CHECK ({SYSTEME})")
    op.execute(
        f"CREATE POLICY modifier ON {TABLE} FOR UPDATE TO ep_application USING ({SYSTEME}) WITH CHECK ({SYSTEME})"
    )
    op.execute(f"CREATE POLICY effacer ON {TABLE} FOR DELETE TO ep_application USING ({SYSTEME})")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {TABLE} TO ep_application")


def downgrade() -> None:
    op.drop_table(TABLE)
