"""Autorisations: codes, consents and browser sessions, for the software that signs people in (art. 2.1)."""

import sqlalchemy as sa
from alembic import op

revision = "0009_autorisations"
down_revision = "0031_choix_des_caisses"
branch_labels = None
depends_on = None

SYSTEME = "ep_portee() = 'systeme'"
# One's own consents; a gestionnaire's structure, those of its accounts.
SES_CONSENTEMENTS = (
    f"{SYSTEME} OR compte_id = ep_acteur() OR (ep_portee() = 'partenaire'"
    " AND EXISTS (SELECT 1 FROM comptes c WHERE c.id = compte_id AND c.partenaire_id = ep_partenaire()))"
)
POLICIES = {
    "consentements": (SES_CONSENTEMENTS, SYSTEME),
    "codes_autorisation": (SYSTEME,) * 2,
    "sessions_navigateur": (SYSTEME,) * 2,
}
# A structure does not read the applications: this one fact about one of them decides of its people's tokens.
TERMINEE = """
CREATE FUNCTION ep_application_terminee(id_ uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
    SELECT EXISTS (SELECT 1 FROM public.applications WHERE id = id_ AND fin_le IS NOT NULL) $$;
"""
# The Swagger UI of this server: its redirect address follows EP_BASE_URL and is known to the code alone.
SWAGGER = """
INSERT INTO applications (id, version, client_id, client_name, token_endpoint_auth_method, grant_types,
    redirect_uris, scope, reseaux, contacts, cree_le)
VALUES ('0192f3a0-0000-7000-8000-000000000001', 1, 'swagger-ui', 'Swagger UI de ce serveur', 'none',
    ARRAY['authorization_code', 'refresh_token'], ARRAY[]::text[],
    ARRAY['demandes:lire', 'demandes:ecrire', 'pieces:lire', 'pieces:ecrire', 'comptes:lire', 'comptes:ecrire',
    'conventions:lire', 'conventions:ecrire', 'evenements:lire', 'webhooks:ecrire', 'statistiques:lire',
    'journal:lire'], ARRAY[]::text[], ARRAY[]::text[], now())
"""


def close(table: str, lire: str, ecrire: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY proprietaire ON {table} TO CURRENT_USER USING (true) WITH CHECK (true)")
    op.execute(f"CREATE POLICY lire ON {table} FOR SELECT TO ep_application USING ({lire})")
    op.execute(f"CREATE POLICY inserer ON {table} FOR INSERT TO ep_application WITH CHECK ({ecrire})")
    op.execute(
        f"CREATE POLICY modifier ON {table} FOR UPDATE TO ep_application USING ({ecrire}) WITH CHECK ({ecrire})"
    )
    op.execute(f"CREATE POLICY effacer ON {table} FOR DELETE TO ep_application USING ({ecrire})")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO ep_application")


def upgrade() -> None:
    op.create_table(
        "consentements",
        sa.Column("compte_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("accorde_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_consentements_application_id")
        ),
        sa.ForeignKeyConstraint(["compte_id"], ["comptes.id"], name=op.f("fk_consentements_compte_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consentements")),
        sa.UniqueConstraint("compte_id", "application_id", name="uq_consentements_compte_id_application_id"),
    )
    op.create_index(op.f("ix_consentements_application_id"), "consentements", ["application_id"])
    op.create_table(
        "codes_autorisation",
        sa.Column("empreinte", sa.Text(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("compte_id", sa.Uuid(), nullable=False),
        sa.Column("epoque", sa.Integer(), nullable=False),
        sa.Column("scope", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("defi", sa.Text(), nullable=False),
        sa.Column("expire_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("utilise_le", sa.DateTime(timezone=True)),
        sa.Column("famille_id", sa.Uuid()),
        sa.CheckConstraint(
            "famille_id IS NULL OR utilise_le IS NOT NULL", name=op.f("ck_codes_autorisation_famille")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_codes_autorisation_application_id")
        ),
        sa.ForeignKeyConstraint(["compte_id"], ["comptes.id"], name=op.f("fk_codes_autorisation_compte_id")),
        sa.ForeignKeyConstraint(
            ["famille_id"], ["familles_jetons.id"], name=op.f("fk_codes_autorisation_famille_id")
        ),
        sa.PrimaryKeyConstraint("empreinte", name=op.f("pk_codes_autorisation")),
    )
    op.create_index(op.f("ix_codes_autorisation_compte_id"), "codes_autorisation", ["compte_id"])
    op.create_index(op.f("ix_codes_autorisation_expire_le"), "codes_autorisation", ["expire_le"])
    op.create_table(
        "sessions_navigateur",
        sa.Column("empreinte", sa.Text(), nullable=False),
        sa.Column("compte_id", sa.Uuid(), nullable=False),
        sa.Column("epoque", sa.Integer(), nullable=False),
        sa.Column("ouverte_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expire_le", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["compte_id"], ["comptes.id"], name=op.f("fk_sessions_navigateur_compte_id")),
        sa.PrimaryKeyConstraint("empreinte", name=op.f("pk_sessions_navigateur")),
    )
    op.create_index(op.f("ix_sessions_navigateur_compte_id"), "sessions_navigateur", ["compte_id"])
    op.create_index(op.f("ix_sessions_navigateur_expire_le"), "sessions_navigateur", ["expire_le"])
    for table, (lire, ecrire) in POLICIES.items():
        close(table, lire, ecrire)
    op.execute(TERMINEE)
    op.execute(SWAGGER)


def downgrade() -> None:
    op.execute("DROP FUNCTION ep_application_terminee(uuid)")
    for table in reversed(POLICIES):
        op.drop_table(table)
    op.execute("UPDATE familles_jetons SET application_id = NULL WHERE compte_id IS NOT NULL")
    op.execute("DELETE FROM applications WHERE client_id = 'swagger-ui'")
