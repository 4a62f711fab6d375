"""Dysfonctionnements: reported by a structure, answered by its caisse or passed on to the national support (3.3)."""

import sqlalchemy as sa
from alembic import op

revision = "0011_dysfonctionnements"
down_revision = "0010_maintenances"
branch_labels = None
depends_on = None


def enumeration(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


SYSTEME, CAISSE, PARTENAIRE, NATIONAL = (
    f"ep_portee() = '{p}'" for p in ("systeme", "caisse", "partenaire", "national")
)
SA_CAISSE = "caisse = ANY (ep_caisses())"
# The national support knows what was passed on to it, and nothing before.
SIENS = (
    f"{SYSTEME} OR ({CAISSE} AND {SA_CAISSE}) OR ({NATIONAL} AND transmis_le IS NOT NULL)"
    f" OR ({PARTENAIRE} AND partenaire_id = ep_partenaire() AND {SA_CAISSE})"
)
# Under the policy of the malfunction itself.
DU_SIEN = "EXISTS (SELECT 1 FROM dysfonctionnements d WHERE d.id = dysfonctionnement_id)"
POLICIES = {"dysfonctionnements": SIENS, "echanges_dysfonctionnement": DU_SIEN}
FONCTIONNALITES = ("contact", "etude_dossier", "signalement", "rendez_vous", "document", "historique")


def upgrade() -> None:
    _dysfonctionnements()
    _echanges()
    for table, siens in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY proprietaire ON {table} TO CURRENT_USER USING (true) WITH CHECK (true)")
        op.execute(f"CREATE POLICY lire ON {table} FOR SELECT TO ep_application USING ({siens})")
        op.execute(f"CREATE POLICY inserer ON {table} FOR INSERT TO ep_application WITH CHECK ({siens})")
        op.execute(
            f"CREATE POLICY modifier ON {table} FOR UPDATE TO ep_application"
            f" USING ({siens}) WITH CHECK ({siens})"
        )
        op.execute(f"CREATE POLICY effacer ON {table} FOR DELETE TO ep_application USING ({SYSTEME})")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO ep_application")


def _dysfonctionnements() -> None:
    op.create_table(
        "dysfonctionnements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("caisse", sa.String(3), nullable=False),
        sa.Column("partenaire_id", sa.Uuid()),
        sa.Column("auteur_id", sa.Uuid(), nullable=False),
        sa.Column("titre", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("survenu_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fonctionnalite", enumeration(*FONCTIONNALITES, name="fonctionnalite")),
        sa.Column("identifiant_requete", sa.Text()),
        sa.Column("navigateur_ou_logiciel", sa.Text()),
        sa.Column("bloquant", sa.Boolean(), nullable=False),
        sa.Column(
            "statut",
            enumeration("signale", "pris_en_charge", "transmis", "resolu", name="statut"),
            nullable=False,
        ),
        sa.Column("signale_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modifie_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("transmis_le", sa.DateTime(timezone=True)),
        sa.Column("resolu_le", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "(statut = 'resolu') = (resolu_le IS NOT NULL)", name=op.f("ck_dysfonctionnements_resolu_le")
        ),
        sa.CheckConstraint(
            "statut <> 'transmis' OR transmis_le IS NOT NULL", name=op.f("ck_dysfonctionnements_transmis_le")
        ),
        sa.ForeignKeyConstraint(["caisse"], ["caisses.code"], name=op.f("fk_dysfonctionnements_caisse")),
        sa.ForeignKeyConstraint(
            ["partenaire_id"], ["partenaires.id"], name=op.f("fk_dysfonctionnements_partenaire_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dysfonctionnements")),
    )
    op.create_index("ix_dysfonctionnements_caisse_id", "dysfonctionnements", ["caisse", "id"])
    op.create_index("ix_dysfonctionnements_partenaire_id_id", "dysfonctionnements", ["partenaire_id", "id"])


def _echanges() -> None:
    op.create_table(
        "echanges_dysfonctionnement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dysfonctionnement_id", sa.Uuid(), nullable=False),
        sa.Column("auteur_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            enumeration("technicien", "gestionnaire", "agent_caisse", "administrateur", name="role"),
            nullable=False,
        ),
        sa.Column(
            "geste",
            enumeration("reponse", "complement", "transmission", "cloture", name="geste"),
            nullable=False,
        ),
        sa.Column("texte", sa.Text(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["dysfonctionnement_id"],
            ["dysfonctionnements.id"],
            name=op.f("fk_echanges_dysfonctionnement_dysfonctionnement_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_echanges_dysfonctionnement")),
    )
    op.create_index(
        op.f("ix_echanges_dysfonctionnement_dysfonctionnement_id"),
        "echanges_dysfonctionnement",
        ["dysfonctionnement_id"],
    )


def downgrade() -> None:
    op.drop_table("echanges_dysfonctionnement")
    op.drop_table("dysfonctionnements")
