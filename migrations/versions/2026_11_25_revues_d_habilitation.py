"""Revues d'habilitation: a caisse has the accounts of a structure reviewed (art. 4.2)."""

import sqlalchemy as sa
from alembic import op

revision = "0006_revues"
down_revision = "0007_suspensions"
branch_labels = None
depends_on = None


def enumeration(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


SYSTEME, CAISSE, PARTENAIRE = (f"ep_portee() = '{p}'" for p in ("systeme", "caisse", "partenaire"))
# Reviews are each caisse's own; the structure reads and decides its own; both close; nobody deletes.
PAR_LA_CAISSE = f"{SYSTEME} OR ({CAISSE} AND caisse = ANY (ep_caisses()))"
SIENNES = f"{PAR_LA_CAISSE} OR ({PARTENAIRE} AND partenaire_id = ep_partenaire())"
DE_LA_REVUE = "EXISTS (SELECT 1 FROM revues_habilitation r WHERE r.id = revue_id)"  # under its own policy
# table: (who reads and changes, who inserts)
POLICIES = {
    "revues_habilitation": (SIENNES, PAR_LA_CAISSE),
    "lignes_revue": (DE_LA_REVUE, f"NOT {PARTENAIRE} AND {DE_LA_REVUE}"),
}


def upgrade() -> None:
    _revues()
    _lignes()
    for table, (siennes, inserer) in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY proprietaire ON {table} TO CURRENT_USER USING (true) WITH CHECK (true)")
        op.execute(f"CREATE POLICY lire ON {table} FOR SELECT TO ep_application USING ({siennes})")
        op.execute(f"CREATE POLICY inserer ON {table} FOR INSERT TO ep_application WITH CHECK ({inserer})")
        op.execute(
            f"CREATE POLICY modifier ON {table} FOR UPDATE TO ep_application"
            f" USING ({siennes}) WITH CHECK ({siennes})"
        )
        op.execute(f"CREATE POLICY effacer ON {table} FOR DELETE TO ep_application USING ({SYSTEME})")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO ep_application")


def _revues() -> None:
    op.create_table(
        "revues_habilitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("partenaire_id", sa.Uuid(), nullable=False),
        sa.Column("caisse", sa.String(3), nullable=False),
        sa.Column("statut", enumeration("ouverte", "close", name="statut"), nullable=False),
        sa.Column("echeance", sa.Date(), nullable=False),
        sa.Column("periodicite_mois", sa.Integer()),
        sa.Column("ouverte_jour", sa.Date(), nullable=False),
        sa.Column("ouverte_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ouverte_par", sa.Uuid()),
        sa.Column("close_le", sa.DateTime(timezone=True)),
        sa.Column("close_par", sa.Uuid()),
        sa.Column("rappel_le", sa.Date()),
        sa.CheckConstraint(
            "(statut = 'close') = (close_le IS NOT NULL)", name=op.f("ck_revues_habilitation_close_le")
        ),
        sa.CheckConstraint(
            "periodicite_mois BETWEEN 1 AND 60", name=op.f("ck_revues_habilitation_periodicite_mois")
        ),
        sa.CheckConstraint("echeance >= ouverte_jour", name=op.f("ck_revues_habilitation_echeance")),
        sa.ForeignKeyConstraint(
            ["partenaire_id"], ["partenaires.id"], name=op.f("fk_revues_habilitation_partenaire_id")
        ),
        sa.ForeignKeyConstraint(["caisse"], ["caisses.code"], name=op.f("fk_revues_habilitation_caisse")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revues_habilitation")),
    )
    op.create_index(op.f("ix_revues_habilitation_caisse"), "revues_habilitation", ["caisse"])
    op.create_index(
        "ix_revues_habilitation_partenaire_id_caisse", "revues_habilitation", ["partenaire_id", "caisse"]
    )
    op.create_index(
        "uq_revues_habilitation_ouverte",
        "revues_habilitation",
        ["partenaire_id", "caisse"],
        unique=True,
        postgresql_where=sa.text("statut = 'ouverte'"),
    )


def _lignes() -> None:
    op.create_table(
        "lignes_revue",
        sa.Column("revue_id", sa.Uuid(), nullable=False),
        sa.Column("compte_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            enumeration("technicien", "gestionnaire", "agent_caisse", "administrateur", name="role"),
            nullable=False,
        ),
        sa.Column("decision", enumeration("maintenir", "inactiver", name="decision")),
        sa.Column("decidee_le", sa.DateTime(timezone=True)),
        sa.Column("decidee_par", sa.Uuid()),
        sa.CheckConstraint(
            "(decision IS NULL) = (decidee_le IS NULL)", name=op.f("ck_lignes_revue_decidee_le")
        ),
        sa.CheckConstraint("role IN ('gestionnaire', 'technicien')", name=op.f("ck_lignes_revue_profil")),
        sa.ForeignKeyConstraint(
            ["revue_id"], ["revues_habilitation.id"], name=op.f("fk_lignes_revue_revue_id")
        ),
        sa.ForeignKeyConstraint(["compte_id"], ["comptes.id"], name=op.f("fk_lignes_revue_compte_id")),
        sa.PrimaryKeyConstraint("revue_id", "compte_id", name=op.f("pk_lignes_revue")),
    )


def downgrade() -> None:
    op.drop_table("lignes_revue")
    op.drop_table("revues_habilitation")
