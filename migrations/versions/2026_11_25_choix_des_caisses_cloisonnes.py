"""What a caisse chose, and who chose it, is read by its own side and by the structures that it is open to."""

from alembic import op

revision = "0031_choix_des_caisses"
down_revision = "0012_documentation"
branch_labels = None
depends_on = None

SYSTEME, NATIONAL = (f"ep_portee() = '{p}'" for p in ("systeme", "national"))
AVANT, APRES = "ep_portee() <> ''", f"{SYSTEME} OR {NATIONAL} OR caisse = ANY (ep_caisses())"


def _lire(condition: str) -> None:
    op.execute("DROP POLICY lire ON choix_caisses")
    op.execute(f"CREATE POLICY lire ON choix_caisses FOR SELECT TO ep_application USING ({condition})")


def upgrade() -> None:
    _lire(APRES)


def downgrade() -> None:
    _lire(AVANT)
