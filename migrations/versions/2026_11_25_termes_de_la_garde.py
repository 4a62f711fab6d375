"""The words that a caisse adds to those of the guard (art. 5)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0052_termes_de_la_garde"
down_revision = "0051_textes_confirmes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "caisses", sa.Column("termes_garde", ARRAY(sa.Text()), nullable=False, server_default=sa.text("'{}'"))
    )
    op.alter_column("caisses", "termes_garde", server_default=None)


def downgrade() -> None:
    op.drop_column("caisses", "termes_garde")
