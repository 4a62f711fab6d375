"""Documentation: for download, each version kept, written by the national operator or by the software (3.2)."""

import sqlalchemy as sa
from alembic import op

revision = "0012_documentation"
down_revision = "0040_journal_verifiable"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "documentation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("titre", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("type_mime", sa.Text(), nullable=False),
        sa.Column("contenu", sa.LargeBinary(), nullable=False),
        sa.Column("taille", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("publie_le", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "octet_length(contenu) = taille AND taille > 0", name=op.f("ck_documentation_taille")
        ),
        sa.CheckConstraint(
            "type_mime IN ('application/pdf', 'text/markdown')", name=op.f("ck_documentation_type_mime")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documentation")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_documentation_code_version")),
    )
    op.execute("ALTER TABLE documentation ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE documentation FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY proprietaire ON documentation TO CURRENT_USER USING (true) WITH CHECK (true)")
    op.execute("CREATE POLICY lire ON documentation FOR SELECT TO ep_application USING (ep_portee() <> '')")
    op.execute(
        "CREATE POLICY publier ON documentation FOR INSERT TO ep_application"
        " WITH CHECK (ep_portee() IN ('systeme', 'national'))"
    )
    op.execute("GRANT SELECT, INSERT ON documentation TO ep_application")


def downgrade() -> None:
    op.drop_table("documentation")
