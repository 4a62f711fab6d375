"""Habilitations et incidents: the life of the accounts (art. 2 and 4)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005_habilitations_et_incidents"
down_revision = "0004_anciens_mots_de_passe"
branch_labels = None
depends_on = None


def enumeration(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


SYSTEME, CAISSE, PARTENAIRE = (f"ep_portee() = '{p}'" for p in ("systeme", "caisse", "partenaire"))
# A structure is known to every caisse with a convention: so are its requests and its incidents.
DES_STRUCTURES = (
    f"{SYSTEME} OR ({PARTENAIRE} AND partenaire_id = ep_partenaire())"
    f" OR ({CAISSE} AND EXISTS (SELECT 1 FROM partenaires p WHERE p.id = partenaire_id))"
)
POLICIES = {
    "demandes_habilitation": DES_STRUCTURES,
    "incidents": f"{DES_STRUCTURES} OR ({CAISSE} AND caisse = ANY (ep_caisses()))",
}
NOM_AFFICHE = """
CREATE OR REPLACE FUNCTION ep_nom_affiche(id_ uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
    SELECT prenom || ' ' || upper(nom) FROM public.comptes WHERE id = id_ {}
    UNION ALL SELECT client_name FROM public.applications WHERE id = id_ LIMIT 1 $$;
"""


def upgrade() -> None:
    op.add_column("comptes", sa.Column("lien", enumeration("employe", "salarie", "benevole", name="lien")))
    op.add_column("comptes", sa.Column("equipement_professionnel", sa.Boolean()))
    op.add_column("comptes", sa.Column("fin_prevue_le", sa.Date()))
    op.add_column("comptes", sa.Column("fin_prevue_motif", sa.Text()))
    op.add_column("comptes", sa.Column("supprime_le", sa.Date()))
    op.add_column("comptes", sa.Column("epoque", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("familles_jetons", sa.Column("epoque", sa.Integer()))
    op.create_index("ix_comptes_fin_prevue_le", "comptes", ["fin_prevue_le"])
    op.create_check_constraint(
        op.f("ck_comptes_supprime_le"), "comptes", "supprime_le IS NULL OR statut = 'inactif'"
    )
    op.execute("UPDATE familles_jetons SET epoque = 1 WHERE compte_id IS NOT NULL")
    op.execute(NOM_AFFICHE.format("AND supprime_le IS NULL"))
    _demandes_habilitation()
    _incidents()
    for table, condition in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY proprietaire ON {table} TO CURRENT_USER USING (true) WITH CHECK (true)")
        op.execute(
            f"CREATE POLICY siennes ON {table} TO ep_application USING ({condition}) WITH CHECK ({condition})"
        )
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO ep_application")


def _demandes_habilitation() -> None:
    op.create_table(
        "demandes_habilitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "nature", enumeration("creation", "modification", "inactivation", name="nature"), nullable=False
        ),
        sa.Column("statut", enumeration("deposee", "acceptee", "refusee", name="statut"), nullable=False),
        sa.Column("partenaire_id", sa.Uuid(), nullable=False),
        sa.Column("caisse", sa.String(3), nullable=False),
        sa.Column("deposant_id", sa.Uuid()),
        sa.Column("gestionnaire_id", sa.Uuid()),
        sa.Column("successeur_id", sa.Uuid()),
        sa.Column("identite", postgresql.JSONB(astext_type=sa.Text())),
        sa.Column("modifications", postgresql.JSONB(astext_type=sa.Text())),
        sa.Column("effet_le", sa.Date()),
        sa.Column("motif", sa.Text()),
        sa.Column("deposee_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("echeance", sa.Date(), nullable=False),
        sa.Column("decidee_le", sa.DateTime(timezone=True)),
        sa.Column("decidee_par", sa.Uuid()),
        sa.Column("motif_refus", sa.Text()),
        sa.Column("compte_id", sa.Uuid()),
        sa.CheckConstraint(
            "(statut = 'deposee') = (decidee_le IS NULL)", name=op.f("ck_demandes_habilitation_decidee_le")
        ),
        sa.CheckConstraint(
            "(statut = 'refusee') = (motif_refus IS NOT NULL)",
            name=op.f("ck_demandes_habilitation_motif_refus"),
        ),
        sa.CheckConstraint(
            "(nature = 'creation') = (gestionnaire_id IS NULL)",
            name=op.f("ck_demandes_habilitation_gestionnaire"),
        ),
        sa.ForeignKeyConstraint(
            ["partenaire_id"], ["partenaires.id"], name=op.f("fk_demandes_habilitation_partenaire_id")
        ),
        sa.ForeignKeyConstraint(["caisse"], ["caisses.code"], name=op.f("fk_demandes_habilitation_caisse")),
        sa.ForeignKeyConstraint(
            ["gestionnaire_id"], ["comptes.id"], name=op.f("fk_demandes_habilitation_gestionnaire_id")
        ),
        sa.ForeignKeyConstraint(
            ["successeur_id"], ["comptes.id"], name=op.f("fk_demandes_habilitation_successeur_id")
        ),
        sa.ForeignKeyConstraint(
            ["compte_id"], ["comptes.id"], name=op.f("fk_demandes_habilitation_compte_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demandes_habilitation")),
    )
    op.create_index(op.f("ix_demandes_habilitation_caisse"), "demandes_habilitation", ["caisse"])
    op.create_index(
        "ix_demandes_habilitation_partenaire_id_statut", "demandes_habilitation", ["partenaire_id", "statut"]
    )


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "nature",
            enumeration("fraude", "vol", "perte", "usage_non_conforme", name="nature"),
            nullable=False,
        ),
        sa.Column("compte_id", sa.Uuid(), nullable=False),
        sa.Column("partenaire_id", sa.Uuid()),
        sa.Column("caisse", sa.String(3)),
        sa.Column("declarant_id", sa.Uuid(), nullable=False),
        sa.Column("constate_le", sa.Date(), nullable=False),
        sa.Column("preuve", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("declare_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("compte_coupe", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["compte_id"], ["comptes.id"], name=op.f("fk_incidents_compte_id")),
        sa.ForeignKeyConstraint(
            ["partenaire_id"], ["partenaires.id"], name=op.f("fk_incidents_partenaire_id")
        ),
        sa.ForeignKeyConstraint(["caisse"], ["caisses.code"], name=op.f("fk_incidents_caisse")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    op.create_index(op.f("ix_incidents_compte_id"), "incidents", ["compte_id"])
    op.create_index(op.f("ix_incidents_partenaire_id"), "incidents", ["partenaire_id"])


def downgrade() -> None:
    op.drop_table("incidents")
    op.drop_table("demandes_habilitation")
    op.execute(NOM_AFFICHE.format(""))
    op.drop_constraint(op.f("ck_comptes_supprime_le"), "comptes")
    op.drop_index("ix_comptes_fin_prevue_le", "comptes")
    for column in (
        "epoque",
        "supprime_le",
        "fin_prevue_motif",
        "fin_prevue_le",
        "equipement_professionnel",
        "lien",
    ):
        op.drop_column("comptes", column)
    op.drop_column("familles_jetons", "epoque")
