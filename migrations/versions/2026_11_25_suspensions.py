"""Suspensions: a caisse cuts the access of a structure (art. 4.1); both sides read the events of accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0007_suspensions"
down_revision = "0005_habilitations_et_incidents"
branch_labels = None
depends_on = None

ADRESSES = """
CREATE FUNCTION ep_adresses_gestionnaires(partenaire uuid) RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
    SELECT array_agg(email ORDER BY email) FROM public.comptes
    WHERE partenaire_id = partenaire AND role = 'gestionnaire' AND statut = 'actif' $$;
"""
SANS_GESTIONNAIRE = """
CREATE FUNCTION ep_sans_gestionnaire(partenaire uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
    SELECT NOT EXISTS (SELECT 1 FROM public.comptes WHERE partenaire_id = partenaire
        AND role = 'gestionnaire' AND statut = 'actif') $$;
"""
# An announced end frees its place on its day, before the daily rules write it down.
OUVERTS = """
CREATE OR REPLACE FUNCTION ep_comptes_ouverts(partenaire uuid, role_ text) RETURNS integer LANGUAGE sql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT count(*)::integer FROM public.comptes
    WHERE partenaire_id = partenaire AND role = role_ AND statut <> 'inactif' {} $$;
"""
PAS_FINIS = "AND (fin_prevue_le IS NULL OR fin_prevue_le > (now() AT TIME ZONE 'Europe/Paris')::date)"
SYSTEME, CAISSE, PARTENAIRE, NATIONAL = (
    f"ep_portee() = '{p}'" for p in ("systeme", "caisse", "partenaire", "national")
)
AVANT = (
    f"{SYSTEME} OR ({CAISSE} AND caisse = ANY (ep_caisses()))"
    f" OR ({PARTENAIRE} AND partenaire_id = ep_partenaire()) OR ({NATIONAL} AND partenaire_id IS NULL)"
)
# What bears on a structure and on no caisse in particular is read by every caisse that knows the structure.
APRES = (
    f"{AVANT} OR ({CAISSE} AND caisse IS NULL"
    " AND EXISTS (SELECT 1 FROM partenaires p WHERE p.id = partenaire_id))"
)


def _lire(condition: str) -> None:
    for table in ("evenements", "journal"):
        op.execute(f"DROP POLICY lire ON {table}")
        op.execute(f"CREATE POLICY lire ON {table} FOR SELECT TO ep_application USING ({condition})")


def upgrade() -> None:
    op.add_column("conventions", sa.Column("suspendue_le", sa.DateTime(timezone=True)))
    op.add_column("conventions", sa.Column("motif_suspension", sa.Text()))
    op.alter_column("comptes", "civilite", nullable=True)  # erased with the person
    op.execute(ADRESSES)
    op.execute(SANS_GESTIONNAIRE)
    op.execute(OUVERTS.format(PAS_FINIS))
    _lire(APRES)


def downgrade() -> None:
    _lire(AVANT)
    op.execute(OUVERTS.format(""))
    op.execute("DROP FUNCTION ep_sans_gestionnaire(uuid)")
    op.execute("DROP FUNCTION ep_adresses_gestionnaires(uuid)")
    op.execute("UPDATE comptes SET civilite = 'mme' WHERE civilite IS NULL")
    op.alter_column("comptes", "civilite", nullable=False)
    op.drop_column("conventions", "motif_suspension")
    op.drop_column("conventions", "suspendue_le")
