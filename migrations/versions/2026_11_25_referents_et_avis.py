"""Référents et avis: whom each side names (art. 3.3, deliberation), and what a caisse tells (art. 7)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009_referents_et_avis"
down_revision = "0021_applications"
branch_labels = None
depends_on = None


def enumeration(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


SYSTEME, CAISSE, PARTENAIRE, NATIONAL = (
    f"ep_portee() = '{p}'" for p in ("systeme", "caisse", "partenaire", "national")
)
SA_CAISSE = "caisse = ANY (ep_caisses())"
# Each side writes its own list and reads the other's; the structure is known under its own policy.
SA_LISTE = f"{SYSTEME} OR ({CAISSE} AND {SA_CAISSE}) OR ({PARTENAIRE} AND partenaire_id = ep_partenaire())"
LISTES_LUES = (
    f"{SA_LISTE} OR ({PARTENAIRE} AND {SA_CAISSE}) OR ({NATIONAL} AND caisse IS NOT NULL)"
    f" OR ({CAISSE} AND EXISTS (SELECT 1 FROM partenaires p WHERE p.id = partenaire_id))"
)
SES_AVIS = f"{SYSTEME} OR ({CAISSE} AND {SA_CAISSE})"
# table: (who reads, who writes)
POLICIES = {
    "referents": (LISTES_LUES, SA_LISTE),
    "avis": (f"{SES_AVIS} OR ({PARTENAIRE} AND {SA_CAISSE})", SES_AVIS),
}


def upgrade() -> None:
    _referents()
    _avis()
    for table, (lire, ecrire) in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY proprietaire ON {table} TO CURRENT_USER USING (true) WITH CHECK (true)")
        op.execute(f"CREATE POLICY lire ON {table} FOR SELECT TO ep_application USING ({lire})")
        op.execute(f"CREATE POLICY inserer ON {table} FOR INSERT TO ep_application WITH CHECK ({ecrire})")
        op.execute(
            f"CREATE POLICY modifier ON {table} FOR UPDATE TO ep_application"
            f" USING ({ecrire}) WITH CHECK ({ecrire})"
        )
        op.execute(f"CREATE POLICY effacer ON {table} FOR DELETE TO ep_application USING ({SYSTEME})")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO ep_application")
    # A notice is for all the partenaires of its caisse: so is its event.
    op.execute(
        "CREATE POLICY avis ON evenements FOR SELECT TO ep_application"
        f" USING ({PARTENAIRE} AND ressource = 'avis' AND {SA_CAISSE})"
    )


def _referents() -> None:
    op.create_table(
        "referents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("caisse", sa.String(3)),
        sa.Column("partenaire_id", sa.Uuid()),
        sa.Column("personnes", postgresql.JSONB(), nullable=False),
        sa.Column("modifiee_le", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("num_nonnulls(caisse, partenaire_id) = 1", name=op.f("ck_referents_un_cote")),
        sa.CheckConstraint("jsonb_typeof(personnes) = 'array'", name=op.f("ck_referents_personnes")),
        sa.ForeignKeyConstraint(["caisse"], ["caisses.code"], name=op.f("fk_referents_caisse")),
        sa.ForeignKeyConstraint(
            ["partenaire_id"], ["partenaires.id"], name=op.f("fk_referents_partenaire_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referents")),
        sa.UniqueConstraint("caisse", name=op.f("uq_referents_caisse")),
        sa.UniqueConstraint("partenaire_id", name=op.f("uq_referents_partenaire_id")),
    )


def _avis() -> None:
    op.create_table(
        "avis",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("caisse", sa.String(3), nullable=False),
        sa.Column("titre", sa.Text(), nullable=False),
        sa.Column("texte", sa.Text(), nullable=False),
        sa.Column(
            "importance",
            enumeration("information", "importante", "urgente", name="importance"),
            nullable=False,
        ),
        sa.Column("debut", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fin", sa.DateTime(timezone=True)),
        sa.Column("publie_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("auteur_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("fin > debut", name=op.f("ck_avis_fin")),
        sa.ForeignKeyConstraint(["caisse"], ["caisses.code"], name=op.f("fk_avis_caisse")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_avis")),
    )
    op.create_index(op.f("ix_avis_caisse"), "avis", ["caisse"])


def downgrade() -> None:
    op.execute("DROP POLICY avis ON evenements")
    op.drop_table("avis")
    op.drop_table("referents")
