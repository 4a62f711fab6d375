"""Applications: whose they are, their networks, and secrets that expire and overlap."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021_applications"
down_revision = "0020_appareils"
branch_labels = None
depends_on = None

PORTEES = (
    "'comptes:ecrire', 'comptes:lire', 'conventions:ecrire', 'conventions:lire', 'demandes:ecrire', 'demandes:lire',"
    " 'evenements:lire', 'journal:lire', 'pieces:ecrire', 'pieces:lire', 'statistiques:lire', 'webhooks:ecrire'"
)
CONTRAINTES = {
    "un_seul_titulaire": "caisse IS NULL OR partenaire_id IS NULL",
    "secret_expire_le": "(secret IS NULL) = (secret_expire_le IS NULL)",
    "ancien_secret_expire_le": "(ancien_secret IS NULL) = (ancien_secret_expire_le IS NULL)",
    "methode": "token_endpoint_auth_method IN ('client_secret_basic', 'client_secret_post', 'none')",
    "flux": "grant_types <@ ARRAY['authorization_code', 'client_credentials', 'refresh_token']::text[]",
    "portees": f"scope <@ ARRAY[{PORTEES}]::text[]",
    "avis_jours": "avis_jours IN (1, 7, 30)",
}
COLONNES = (
    ("partenaire_id", sa.Uuid(), {}),
    ("reseaux", postgresql.ARRAY(sa.Text()), {"nullable": False, "server_default": "{}"}),
    ("contacts", postgresql.ARRAY(sa.Text()), {"nullable": False, "server_default": "{}"}),
    ("secret_expire_le", sa.Date(), {}),
    ("avis_jours", sa.Integer(), {}),
    ("ancien_secret", sa.Text(), {}),
    ("ancien_secret_expire_le", sa.DateTime(timezone=True), {}),
    ("derniere_utilisation_le", sa.Date(), {}),
)
# The guard reads it for the token of any account, which sees no application.
RESEAUX = """
CREATE FUNCTION ep_reseaux_application(client text) RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
    SELECT reseaux FROM public.applications WHERE client_id = client $$;
"""


def upgrade() -> None:
    for nom, type_, options in COLONNES:
        op.add_column("applications", sa.Column(nom, type_, **options))
    for nom in ("reseaux", "contacts"):
        op.alter_column("applications", nom, server_default=None)
    op.execute("UPDATE applications SET secret_expire_le = current_date + 365 WHERE secret IS NOT NULL")
    op.create_foreign_key(
        op.f("fk_applications_partenaire_id"), "applications", "partenaires", ["partenaire_id"], ["id"]
    )
    op.create_index(op.f("ix_applications_partenaire_id"), "applications", ["partenaire_id"])
    for nom, condition in CONTRAINTES.items():
        op.create_check_constraint(op.f(f"ck_applications_{nom}"), "applications", condition)
    op.execute(RESEAUX)


def downgrade() -> None:
    op.execute("DROP FUNCTION ep_reseaux_application(text)")
    for nom in CONTRAINTES:
        op.drop_constraint(op.f(f"ck_applications_{nom}"), "applications")
    op.drop_index(op.f("ix_applications_partenaire_id"), table_name="applications")
    for nom, *_ in reversed(COLONNES):
        op.drop_column("applications", nom)
