"""Droits des personnes: found by the sound of a name, erased, and what remains for the statistics (art. 5)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.demandes.phonetique import sons

revision = "0050_droits_des_personnes"
down_revision = "0050_mesures"
branch_labels = None
depends_on = None

IDENTITE = (
    "assure_civilite, assure_nom, assure_prenom, assure_date_naissance, assure_mots, assure_sons, personne_cle,"
    " commentaire"
)
# The answers kept for a day belong to their callers; who erases a person is another one. The key stays claimed,
# so that a late retry creates nothing again.
EFFACER_REPONSES = """
CREATE FUNCTION ep_effacer_reponses(sujet uuid) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
    UPDATE public.cles_idempotence SET corps = NULL, entetes = NULL
    WHERE position(convert_to(sujet::text, 'UTF8') IN corps) > 0 $$
"""


def upgrade() -> None:
    op.add_column("demandes", sa.Column("assure_sons", postgresql.ARRAY(sa.Text())))
    op.add_column("demandes", sa.Column("effacee_le", sa.DateTime(timezone=True)))
    op.add_column("demandes", sa.Column("motif_effacement", sa.Text()))
    _entendre()
    op.create_check_constraint(
        op.f("ck_demandes_effacee"), "demandes", f"effacee_le IS NULL OR num_nonnulls({IDENTITE}) = 0"
    )
    op.create_check_constraint(
        op.f("ck_demandes_motif_effacement"),
        "demandes",
        "(effacee_le IS NULL) = (motif_effacement IS NULL)",
    )
    op.create_index("ix_demandes_naissance", "demandes", ["caisse", "assure_date_naissance"])
    op.create_index(
        "ix_demandes_a_vider", "demandes", ["cloturee_le"], postgresql_where=sa.text("effacee_le IS NULL")
    )
    op.create_index("ix_evenements_ressource_id", "evenements", ["ressource_id"])
    op.execute(EFFACER_REPONSES)


def _entendre() -> None:
    """Give the requests that are there the sounds of their names."""
    base = op.get_bind()
    demandes = sa.table(
        "demandes",
        *map(sa.column, ("id", "assure_nom", "assure_prenom")),
        sa.column("assure_sons", postgresql.ARRAY(sa.Text())),
    )
    rows = base.execute(sa.select(demandes).where(demandes.c.assure_nom.is_not(None))).all()
    for row in rows:
        entendus = sorted(sons(row.assure_nom) | sons(row.assure_prenom))
        base.execute(sa.update(demandes).where(demandes.c.id == row.id).values(assure_sons=entendus))


def downgrade() -> None:
    op.execute("DROP FUNCTION ep_effacer_reponses(uuid)")
    op.drop_index("ix_evenements_ressource_id", "evenements")
    op.drop_index("ix_demandes_a_vider", "demandes")
    op.drop_index("ix_demandes_naissance", "demandes")
    op.drop_constraint(op.f("ck_demandes_motif_effacement"), "demandes")
    op.drop_constraint(op.f("ck_demandes_effacee"), "demandes")
    for colonne in ("motif_effacement", "effacee_le", "assure_sons"):
        op.drop_column("demandes", colonne)
