"""Webhooks: who is told, and each delivery; the worker wakes up when an event is committed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0041_webhooks"
down_revision = "0024_lecture_des_applications"
branch_labels = None
depends_on = None

# Sent with the commit, to whoever listens at that time: nobody's wait, and nothing to clean.
REVEIL = """
CREATE FUNCTION ep_annoncer_evenement() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM pg_notify('ep_evenements', '');
    RETURN NULL;
END $$;
CREATE TRIGGER annoncer AFTER INSERT ON evenements FOR EACH STATEMENT EXECUTE FUNCTION ep_annoncer_evenement();
"""
SIENS = (
    "ep_portee() = 'systeme' OR (ep_portee() = 'caisse' AND caisse = ANY (ep_caisses()))"
    " OR (ep_portee() = 'partenaire' AND partenaire_id = ep_partenaire())"
)
POLICIES = {
    "webhooks": SIENS,
    "livraisons": "EXISTS (SELECT 1 FROM webhooks w WHERE w.id = webhook_id)",  # under the policy of webhooks
}


def enumeration(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("caisse", sa.String(3)),
        sa.Column("partenaire_id", sa.Uuid()),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("evenements", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("actif", sa.Boolean(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("ancien_secret", sa.Text()),
        sa.Column("ancien_jusqua", sa.DateTime(timezone=True)),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("en_echec_depuis", sa.DateTime(timezone=True)),
        sa.Column("cree_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(caisse, partenaire_id) = 1", name=op.f("ck_webhooks_un_proprietaire")
        ),
        sa.CheckConstraint("cardinality(evenements) > 0", name=op.f("ck_webhooks_au_moins_un_evenement")),
        sa.CheckConstraint(
            "(ancien_secret IS NULL) = (ancien_jusqua IS NULL)", name=op.f("ck_webhooks_ancien_secret")
        ),
        sa.ForeignKeyConstraint(["caisse"], ["caisses.code"], name=op.f("fk_webhooks_caisse")),
        sa.ForeignKeyConstraint(
            ["partenaire_id"], ["partenaires.id"], name=op.f("fk_webhooks_partenaire_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_index(op.f("ix_webhooks_caisse"), "webhooks", ["caisse"])
    op.create_index(op.f("ix_webhooks_partenaire_id"), "webhooks", ["partenaire_id"])
    op.create_table(
        "livraisons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("evenement_numero", sa.BigInteger()),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column(
            "statut",
            enumeration("en_attente", "livree", "abandonnee", "annulee", name="statut"),
            nullable=False,
        ),
        sa.Column("essais", sa.Integer(), nullable=False),
        sa.Column("code_http", sa.Integer()),
        sa.Column(
            "echec",
            enumeration(
                *("adresse_interdite", "nom_inconnu", "connexion", "delai", "redirection", "reponse"),
                name="echec",
            ),
        ),
        sa.Column("cree_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dernier_essai_le", sa.DateTime(timezone=True)),
        sa.Column("prochain_essai_le", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_livraisons_webhook_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_livraisons")),
        sa.UniqueConstraint(
            "webhook_id", "evenement_numero", name=op.f("uq_livraisons_webhook_id_evenement_numero")
        ),
    )
    op.create_index("ix_livraisons_webhook_id_id", "livraisons", ["webhook_id", "id"])
    op.create_index(op.f("ix_livraisons_cree_le"), "livraisons", ["cree_le"])
    for table, siens in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY proprietaire ON {table} TO CURRENT_USER USING (true) WITH CHECK (true)")
        op.execute(f"CREATE POLICY siens ON {table} TO ep_application USING ({siens}) WITH CHECK ({siens})")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO ep_application")
    op.execute(REVEIL)


def downgrade() -> None:
    op.execute("DROP TRIGGER annoncer ON evenements")
    op.execute("DROP FUNCTION ep_annoncer_evenement()")
    op.drop_table("livraisons")
    op.drop_table("webhooks")
