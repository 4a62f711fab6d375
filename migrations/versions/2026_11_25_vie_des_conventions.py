"""The life of the conventions: denunciations, avenants, formal notices, terminations, periods that never overlap (art. 8)."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import DATERANGE

revision = "0022_vie_des_conventions"
down_revision = "0030_creneaux"
branch_labels = None
depends_on = None


def enumeration(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


PARTIES, FONCTIONNALITES = (
    ("partenaire", "caisse"),
    ("contact", "etude_dossier", "signalement", "rendez_vous", "document", "historique"),
)
SYSTEME, CAISSE, PARTENAIRE, NATIONAL = (
    f"ep_portee() = '{p}'" for p in ("systeme", "caisse", "partenaire", "national")
)
DE_LA_CONVENTION = "EXISTS (SELECT 1 FROM conventions c WHERE c.id = convention_id)"  # under its own policy
PAR_LA_CAISSE = f"NOT {PARTENAIRE} AND {DE_LA_CONVENTION}"
LEUR_CAISSE = f"{SYSTEME} OR {NATIONAL} OR ({CAISSE} AND caisse = ANY (ep_caisses()))"
# table: (who reads, who inserts, who changes). A choice and an avenant are kept as they were written.
POLICIES = {
    "avenants": (DE_LA_CONVENTION, PAR_LA_CAISSE, SYSTEME),
    "mises_en_demeure": (DE_LA_CONVENTION, PAR_LA_CAISSE, PAR_LA_CAISSE),
    "choix_caisses": ("ep_portee() <> ''", LEUR_CAISSE, SYSTEME),
}
COLONNES: dict[str, Any] = {
    "denoncee_le": sa.Date(),
    "denoncee_par": sa.String(40),
    "motif_denonciation": sa.Text(),
    "resiliee_le": sa.Date(),
    "resiliee_par": sa.String(40),
    "resiliation_objet": sa.String(40),
    "resiliation_cause": sa.String(40),
    "motif_resiliation": sa.Text(),
    "mise_en_demeure_id": sa.Uuid(),
    "periode": DATERANGE(),
    "a_regler_le": sa.Date(),
}
CONTRAINTES = {
    "denoncee_par": "denoncee_par IN ('partenaire', 'caisse')",
    "resiliee_par": "resiliee_par IN ('partenaire', 'caisse')",
    "resiliation_objet": "resiliation_objet IN ('metier', 'utilisation')",
    "resiliation_cause": "resiliation_cause IN ('manquement', 'accord', 'detournement', 'autre')",
    "denonciation": "(denoncee_le IS NULL) = (denoncee_par IS NULL)"
    " AND (denoncee_le IS NULL) = (motif_denonciation IS NULL)",
    "resiliation": "(resiliee_le IS NULL) = (resiliation_objet IS NULL)"
    " AND (resiliee_le IS NULL) = (resiliation_cause IS NULL)"
    " AND (resiliee_le IS NULL) = (motif_resiliation IS NULL)"
    " AND (resiliee_le IS NOT NULL OR resiliee_par IS NULL)",
    "manquement": "coalesce(resiliation_cause = 'manquement', false) = (mise_en_demeure_id IS NOT NULL)",
}
# The conventions already signed: open while they renew themselves, else one year (the eve of 29 February is 28).
PERIODES = """
UPDATE conventions SET a_regler_le = current_date, periode = daterange(
    greatest(signee_partenaire_le, signee_caisse_le),
    CASE WHEN tacite_reconduction THEN NULL
        WHEN to_char(greatest(signee_partenaire_le, signee_caisse_le), 'MM-DD') = '02-29'
            THEN (greatest(signee_partenaire_le, signee_caisse_le) + 1 + interval '1 year')::date
        ELSE (greatest(signee_partenaire_le, signee_caisse_le) + interval '1 year')::date END)
WHERE signee_partenaire_le IS NOT NULL AND signee_caisse_le IS NOT NULL
"""
ADRESSES = """
CREATE FUNCTION ep_gestionnaires(partenaire uuid) RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
    SELECT array_agg(id ORDER BY id) FROM public.comptes
    WHERE partenaire_id = partenaire AND role = 'gestionnaire' AND statut = 'actif' $$;
CREATE FUNCTION ep_adresse_gestionnaire(compte uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
    SELECT email FROM public.comptes WHERE id = compte AND role = 'gestionnaire' AND supprime_le IS NULL $$;
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    _avenants()
    _mises_en_demeure()
    _conventions()
    _reglages()
    _choix_caisses()
    for table, (lire, inserer, modifier) in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY proprietaire ON {table} TO CURRENT_USER USING (true) WITH CHECK (true)")
        op.execute(f"CREATE POLICY lire ON {table} FOR SELECT TO ep_application USING ({lire})")
        op.execute(f"CREATE POLICY inserer ON {table} FOR INSERT TO ep_application WITH CHECK ({inserer})")
        op.execute(
            f"CREATE POLICY modifier ON {table} FOR UPDATE TO ep_application"
            f" USING ({modifier}) WITH CHECK ({modifier})"
        )
        op.execute(f"CREATE POLICY effacer ON {table} FOR DELETE TO ep_application USING ({SYSTEME})")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO ep_application")
    op.execute(ADRESSES)


def _avenants() -> None:
    op.create_table(
        "avenants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("convention_id", sa.Uuid(), nullable=False),
        sa.Column("le", sa.Date(), nullable=False),
        sa.Column("objet", sa.Text(), nullable=False),
        sa.Column("tacite_reconduction", sa.Boolean()),
        sa.Column("fin_le", sa.Date()),
        sa.Column("objet_convention", sa.Text()),
        sa.Column("enregistre_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("auteur_id", sa.Uuid()),
        sa.CheckConstraint("fin_le >= le", name=op.f("ck_avenants_fin_le")),
        sa.ForeignKeyConstraint(
            ["convention_id"], ["conventions.id"], name=op.f("fk_avenants_convention_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_avenants")),
    )
    op.create_index("ix_avenants_convention_id", "avenants", ["convention_id"])


def _mises_en_demeure() -> None:
    op.create_table(
        "mises_en_demeure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("convention_id", sa.Uuid(), nullable=False),
        sa.Column("partie", enumeration(*PARTIES, name="partie"), nullable=False),
        sa.Column("recue_le", sa.Date(), nullable=False),
        sa.Column("motif", sa.Text(), nullable=False),
        sa.Column("reparee_le", sa.Date()),
        sa.Column("enregistree_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("auteur_id", sa.Uuid()),
        sa.CheckConstraint("reparee_le >= recue_le", name=op.f("ck_mises_en_demeure_reparee_le")),
        sa.ForeignKeyConstraint(
            ["convention_id"], ["conventions.id"], name=op.f("fk_mises_en_demeure_convention_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mises_en_demeure")),
    )
    op.create_index("ix_mises_en_demeure_convention_id", "mises_en_demeure", ["convention_id"])


def _conventions() -> None:
    for nom, nature in COLONNES.items():
        op.add_column("conventions", sa.Column(nom, nature))
    for nom, condition in CONTRAINTES.items():
        op.create_check_constraint(op.f(f"ck_conventions_{nom}"), "conventions", condition)
    op.create_foreign_key(
        "fk_conventions_mise_en_demeure_id", "conventions", "mises_en_demeure", ["mise_en_demeure_id"], ["id"]
    )
    op.create_index(op.f("ix_conventions_a_regler_le"), "conventions", ["a_regler_le"])
    op.execute(PERIODES)
    op.create_exclude_constraint(
        "ex_conventions_periode",
        "conventions",
        ("partenaire_id", "="),
        ("caisse", "="),
        ("periode", "&&"),
        using="gist",
    )


def _reglages() -> None:
    """One row a choice, instead of one a function: those that stand are « from the beginning »."""
    op.drop_constraint("pk_reglages_conventions", "reglages_conventions")
    op.add_column("reglages_conventions", sa.Column("id", sa.Uuid()))
    # Version 7 of the first millisecond: before any choice to come.
    op.execute(
        "UPDATE reglages_conventions SET id = overlay(gen_random_uuid()::text placing '00000000-0000-7' from 1)::uuid"
    )
    op.create_primary_key("pk_reglages_conventions", "reglages_conventions", ["id"])
    op.add_column("reglages_conventions", sa.Column("avenant_id", sa.Uuid()))
    op.add_column("reglages_conventions", sa.Column("a_compter_du", sa.Date()))
    op.add_column("reglages_conventions", sa.Column("modifie_le", sa.DateTime(timezone=True)))
    op.add_column("reglages_conventions", sa.Column("auteur_id", sa.Uuid()))
    op.execute("UPDATE reglages_conventions SET modifie_le = now()")
    op.alter_column("reglages_conventions", "modifie_le", nullable=False)
    op.alter_column("reglages_conventions", "active", nullable=True)
    op.create_foreign_key(
        "fk_reglages_conventions_avenant_id", "reglages_conventions", "avenants", ["avenant_id"], ["id"]
    )
    op.create_index("ix_reglages_conventions_convention_id", "reglages_conventions", ["convention_id"])


def _choix_caisses() -> None:
    op.create_table(
        "choix_caisses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("caisse", sa.String(3), nullable=False),
        sa.Column("fonctionnalite", enumeration(*FONCTIONNALITES, name="fonctionnalite"), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("modifie_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("auteur_id", sa.Uuid()),
        sa.ForeignKeyConstraint(["caisse"], ["caisses.code"], name=op.f("fk_choix_caisses_caisse")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_choix_caisses")),
    )
    op.create_index("ix_choix_caisses_caisse", "choix_caisses", ["caisse"])


def downgrade() -> None:
    op.execute("DROP FUNCTION ep_adresse_gestionnaire(uuid)")
    op.execute("DROP FUNCTION ep_gestionnaires(uuid)")
    op.drop_table("choix_caisses")
    _ancien_reglages()
    op.drop_constraint("ex_conventions_periode", "conventions")
    op.drop_index(op.f("ix_conventions_a_regler_le"), "conventions")
    op.drop_constraint("fk_conventions_mise_en_demeure_id", "conventions")
    for nom in CONTRAINTES:
        op.drop_constraint(op.f(f"ck_conventions_{nom}"), "conventions")
    for nom in COLONNES:
        op.drop_column("conventions", nom)
    op.drop_table("mises_en_demeure")
    op.drop_table("avenants")
    # The extension is the database's, and other tables may use it: it stays.


def _ancien_reglages() -> None:
    """Keep the choice that applies today; the history goes."""
    op.drop_index("ix_reglages_conventions_convention_id", "reglages_conventions")
    op.execute(
        "DELETE FROM reglages_conventions WHERE a_compter_du > current_date OR EXISTS ("
        "SELECT 1 FROM reglages_conventions plus WHERE plus.convention_id = reglages_conventions.convention_id"
        " AND plus.fonctionnalite = reglages_conventions.fonctionnalite"
        " AND coalesce(plus.a_compter_du, '-infinity') <= current_date"
        " AND (coalesce(plus.a_compter_du, '-infinity'), plus.id)"
        " > (coalesce(reglages_conventions.a_compter_du, '-infinity'), reglages_conventions.id))"
    )
    op.execute("DELETE FROM reglages_conventions WHERE active IS NULL")
    op.alter_column("reglages_conventions", "active", nullable=False)
    for colonne in ("auteur_id", "modifie_le", "a_compter_du", "avenant_id"):
        op.drop_column("reglages_conventions", colonne)
    op.drop_constraint("pk_reglages_conventions", "reglages_conventions")
    op.drop_column("reglages_conventions", "id")
    op.create_primary_key(
        "pk_reglages_conventions", "reglages_conventions", ["convention_id", "fonctionnalite"]
    )
