"""Textes confirmés: what was confirmed against the guard, for the caisse to review (art. 5)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0051_textes_confirmes"
down_revision = "0050_droits_des_personnes"
branch_labels = None
depends_on = None

TABLE = "textes_confirmes"
SYSTEME, CAISSE, PARTENAIRE = (f"ep_portee() = '{p}'" for p in ("systeme", "caisse", "partenaire"))
DE_LA_CAISSE = f"{SYSTEME} OR ({CAISSE} AND caisse = ANY (ep_caisses()))"
# A technicien's confirmation is written with the request, under its policy; the caisse alone reads it back.
AVEC_SA_DEMANDE = (
    f"{DE_LA_CAISSE} OR ({PARTENAIRE} AND caisse = ANY (ep_caisses())"
    " AND EXISTS (SELECT 1 FROM demandes d WHERE d.id = demande_id))"
)


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("demande_id", sa.Uuid(), nullable=False),
        sa.Column("caisse", sa.String(3), nullable=False),
        sa.Column("champ", sa.Text(), nullable=False),
        sa.Column("passages", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("empreinte", sa.Text()),
        sa.Column("auteur_id", sa.Uuid()),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "a_revoir",
                "admis",
                "refuse",
                name="statut",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("revu_le", sa.DateTime(timezone=True)),
        sa.Column("revu_par", sa.Uuid()),
        sa.Column("motif", sa.Text()),
        sa.CheckConstraint(
            "(statut = 'a_revoir') = (revu_le IS NULL)", name=op.f("ck_textes_confirmes_revu_le")
        ),
        sa.ForeignKeyConstraint(["demande_id"], ["demandes.id"], name=op.f("fk_textes_confirmes_demande_id")),
        sa.ForeignKeyConstraint(["caisse"], ["caisses.code"], name=op.f("fk_textes_confirmes_caisse")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_textes_confirmes")),
    )
    op.create_index(op.f("ix_textes_confirmes_demande_id"), TABLE, ["demande_id"])
    op.create_index("ix_textes_confirmes_caisse", TABLE, ["caisse", sa.text("le DESC"), sa.text("id DESC")])
    op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY proprietaire ON {TABLE} TO CURRENT_USER USING (true) WITH CHECK (true)")
    op.execute(f"CREATE POLICY lire ON {TABLE} FOR SELECT TO ep_application USING ({DE_LA_CAISSE})")
    op.execute(
        f"CREATE POLICY inserer ON {TABLE} FOR INSERT TO ep_application WITH CHECK ({AVEC_SA_DEMANDE})"
    )
    op.execute(
        f"CREATE POLICY modifier ON {TABLE} FOR UPDATE TO ep_application"
        f" USING ({DE_LA_CAISSE}) WITH CHECK ({DE_LA_CAISSE})"
    )
    op.execute(f"CREATE POLICY effacer ON {TABLE} FOR DELETE TO ep_application USING ({SYSTEME})")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {TABLE} TO ep_application")


def downgrade() -> None:
    op.drop_table(TABLE)
