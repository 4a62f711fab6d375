"""Measures: how long a request took, and how long its partenaire was awaited, in working days (art. D-2)."""

import sqlalchemy as sa
from alembic import op

revision = "0050_mesures"
down_revision = "0042_pieces"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("demandes", sa.Column("attente", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("demandes", sa.Column("attendu_depuis", sa.Date(), nullable=True))
    op.add_column("demandes", sa.Column("delai_prise_en_charge", sa.Integer(), nullable=True))
    op.add_column("demandes", sa.Column("delai_cloture", sa.Integer(), nullable=True))


def downgrade() -> None:
    for colonne in ("delai_cloture", "delai_prise_en_charge", "attendu_depuis", "attente"):
        op.drop_column("demandes", colonne)
