"""Documents: the large ones are where the pieces are; the row keeps their size and digest (3.2)."""

import sqlalchemy as sa
from alembic import op

revision = "0053_documents_hors_de_la_base"
down_revision = "0052_termes_de_la_garde"
branch_labels = None
depends_on = None

DANS_LA_BASE = "octet_length(contenu) = taille AND taille > 0"
DANS_LA_BASE_OU_DEHORS = "taille > 0 AND (contenu IS NULL OR octet_length(contenu) = taille)"


def _taille(condition: str) -> None:
    op.drop_constraint(op.f("ck_documentation_taille"), "documentation")
    op.create_check_constraint(op.f("ck_documentation_taille"), "documentation", sa.text(condition))


def upgrade() -> None:
    op.alter_column("documentation", "contenu", nullable=True)
    _taille(DANS_LA_BASE_OU_DEHORS)


def downgrade() -> None:
    """The documents that are outside the database leave the list: publish them again, smaller."""
    op.execute("DELETE FROM documentation WHERE contenu IS NULL")
    _taille(DANS_LA_BASE)
    op.alter_column("documentation", "contenu", nullable=False)
