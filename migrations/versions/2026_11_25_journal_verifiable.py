"""Journal vérifiable: heads and anchors of the chains, seals, the purge; who reads events and lines.

`chaines_journal` says where each chain begins and ends: lines removed at either end are missed. Only the
trigger and the purge write it. `sceaux_journal` holds what the application, which knows a secret that the
database does not, saw of these heads.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0040_journal_verifiable"
down_revision = "0022_vie_des_conventions"
branch_labels = None
depends_on = None

TETES = """
INSERT INTO chaines_journal (chaine, lignes, numero, empreinte)
    SELECT DISTINCT ON (chaine) chaine, count(*) OVER (PARTITION BY chaine), numero, empreinte
    FROM journal ORDER BY chaine, numero DESC;
"""
# The instant is cut to the second before it is hashed: the fingerprint covers all of it.
CHAINER = """
CREATE OR REPLACE FUNCTION ep_chainer_journal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(72617);
    NEW.numero := nextval('public.journal_numero_seq');
    NEW.le := date_trunc('second', NEW.le);
    SELECT c.empreinte INTO NEW.precedente FROM public.chaines_journal c WHERE c.chaine = NEW.chaine;
    NEW.empreinte := ep_empreinte(NEW);
    INSERT INTO public.chaines_journal AS c (chaine, lignes, numero, empreinte)
        VALUES (NEW.chaine, 1, NEW.numero, NEW.empreinte)
        ON CONFLICT (chaine) DO UPDATE
        SET lignes = c.lignes + 1, numero = excluded.numero, empreinte = excluded.empreinte;
    RETURN NEW;
END $$;
"""
CHAINER_AVANT = """
CREATE OR REPLACE FUNCTION ep_chainer_journal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(72617);
    NEW.numero := nextval('public.journal_numero_seq');
    SELECT j.empreinte INTO NEW.precedente FROM public.journal j
        WHERE j.chaine = NEW.chaine ORDER BY j.numero DESC LIMIT 1;
    NEW.empreinte := ep_empreinte(NEW);
    RETURN NEW;
END $$;
"""
# The oldest lines of a chain go, up to the first that stays; the last one gone is kept as the anchor of the rest.
PURGER = """
CREATE FUNCTION ep_purger_chaine(chaine_ text, avant timestamptz) RETURNS bigint LANGUAGE plpgsql
    SET search_path = pg_catalog, public AS $$
DECLARE
    premiere bigint;
    derniere public.journal;
    parties bigint;
BEGIN
    SELECT j.numero INTO premiere FROM public.journal j
        WHERE j.chaine = chaine_ AND j.le >= avant ORDER BY j.numero LIMIT 1;
    SELECT j.* INTO derniere FROM public.journal j
        WHERE j.chaine = chaine_ AND j.numero < coalesce(premiere, 9223372036854775807)
        ORDER BY j.numero DESC LIMIT 1;
    DELETE FROM public.journal j WHERE j.chaine = chaine_ AND j.numero <= derniere.numero;
    GET DIAGNOSTICS parties = ROW_COUNT;
    IF parties > 0 THEN
        UPDATE public.chaines_journal c SET purgees = c.purgees + parties,
            ancre_numero = derniere.numero, ancre_empreinte = derniere.empreinte WHERE c.chaine = chaine_;
    END IF;
    RETURN parties;
END $$;
CREATE FUNCTION ep_purger_journal(chaine_ text, avant timestamptz) RETURNS bigint LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF avant > now() - interval '6 months' THEN
        RAISE EXCEPTION 'the journal is kept six months at least' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN public.ep_purger_chaine(chaine_, avant);
END $$;
CREATE FUNCTION ep_oublier_sceaux() RETURNS void LANGUAGE sql SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
    DELETE FROM public.sceaux_journal WHERE le < now() - interval '30 days'
        AND rang < (SELECT max(rang) FROM public.sceaux_journal) $$;
REVOKE ALL ON FUNCTION ep_purger_chaine(text, timestamptz) FROM PUBLIC;
"""

SYSTEME = "ep_portee() = 'systeme'"
# As of the suspensions: what they leave is what a downgrade finds again.
AVANT = (
    f"{SYSTEME} OR (ep_portee() = 'caisse' AND caisse = ANY (ep_caisses()))"
    " OR (ep_portee() = 'partenaire' AND partenaire_id = ep_partenaire())"
    " OR (ep_portee() = 'national' AND partenaire_id IS NULL)"
    " OR (ep_portee() = 'caisse' AND caisse IS NULL"
    " AND EXISTS (SELECT 1 FROM partenaires p WHERE p.id = partenaire_id))"
)
# A structure reads what bears on it at the caisses that are open to it; the national operator, never a request.
LIRE = (
    "CASE ep_portee() WHEN 'systeme' THEN true"
    " WHEN 'caisse' THEN caisse = ANY (ep_caisses()) OR (caisse IS NULL"
    " AND EXISTS (SELECT 1 FROM partenaires p WHERE p.id = partenaire_id)){pour_tous}"
    " WHEN 'partenaire' THEN (partenaire_id = ep_partenaire() AND (caisse IS NULL OR caisse = ANY (ep_caisses())))"
    "{de_la_caisse}{pour_tous}"
    " WHEN 'national' THEN partenaire_id IS NULL AND ressource IN"
    " ('caisse', 'compte', 'application', 'cgu', 'cle', 'famille', 'maintenance', 'documentation', 'journal')"
    " ELSE false END"
)
POUR_TOUS = (
    " OR (caisse IS NULL AND partenaire_id IS NULL AND ressource IN ('cgu', 'maintenance', 'documentation'))"
)
DE_LA_CAISSE = (
    " OR (partenaire_id IS NULL AND caisse = ANY (ep_caisses()) AND ressource IN ('caisse', 'avis'))"
)


def _lire(table: str, condition: str) -> None:
    op.execute(f"DROP POLICY lire ON {table}")
    op.execute(f"CREATE POLICY lire ON {table} FOR SELECT TO ep_application USING ({condition})")


def upgrade() -> None:
    op.create_table(
        "chaines_journal",
        sa.Column("chaine", sa.Text(), nullable=False),
        sa.Column("lignes", sa.BigInteger(), nullable=False),
        sa.Column("numero", sa.BigInteger(), nullable=False),
        sa.Column("empreinte", sa.Text(), nullable=False),
        sa.Column("purgees", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("ancre_numero", sa.BigInteger(), nullable=True),
        sa.Column("ancre_empreinte", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("chaine", name=op.f("pk_chaines_journal")),
    )
    op.create_table(
        "sceaux_journal",
        sa.Column("rang", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chaines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("precedent", sa.Text(), nullable=True),
        sa.Column("sceau", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rang", name=op.f("pk_sceaux_journal")),
    )
    op.create_index("ix_journal_ressource_id", "journal", ["ressource_id"])
    for table in ("chaines_journal", "sceaux_journal"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY proprietaire ON {table} TO CURRENT_USER USING (true) WITH CHECK (true)")
        op.execute(f"CREATE POLICY lire ON {table} FOR SELECT TO ep_application USING ({SYSTEME})")
        op.execute(f"GRANT SELECT ON {table} TO ep_application")
    op.execute(
        f"CREATE POLICY inscrire ON sceaux_journal FOR INSERT TO ep_application WITH CHECK ({SYSTEME})"
    )
    op.execute("GRANT INSERT ON sceaux_journal TO ep_application")
    op.execute(TETES)
    op.execute(CHAINER)
    op.execute(PURGER)
    _lire("journal", LIRE.format(pour_tous="", de_la_caisse=""))
    _lire("evenements", LIRE.format(pour_tous=POUR_TOUS, de_la_caisse=DE_LA_CAISSE))


def downgrade() -> None:
    for table in ("journal", "evenements"):
        _lire(table, AVANT)
    op.execute("DROP FUNCTION ep_oublier_sceaux()")
    op.execute("DROP FUNCTION ep_purger_journal(text, timestamptz)")
    op.execute("DROP FUNCTION ep_purger_chaine(text, timestamptz)")
    op.execute(CHAINER_AVANT)
    op.drop_index("ix_journal_ressource_id", table_name="journal")
    op.drop_table("sceaux_journal")
    op.drop_table("chaines_journal")
