"""Applications des partenaires: one that acts for itself reads its own row, which the guard checks (art. 2.1)."""

from alembic import op

revision = "0024_lecture_des_applications"
down_revision = "0009_autorisations"
branch_labels = None
depends_on = None

SA_STRUCTURE = "ep_portee() = 'partenaire' AND partenaire_id = ep_partenaire()"


def upgrade() -> None:
    op.execute(
        f"CREATE POLICY lire_les_siennes ON applications FOR SELECT TO ep_application USING ({SA_STRUCTURE})"
    )


def downgrade() -> None:
    op.execute("DROP POLICY lire_les_siennes ON applications")
