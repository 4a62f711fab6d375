"""File de travaux: procrastinate's own schema, as its library gives it."""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0003_file_de_travaux"
down_revision = "0002_cloisonnement"
branch_labels = None
depends_on = None

GRANTS = """
DO $$ DECLARE t record; BEGIN
    FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'procrastinate%' LOOP
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO ep_application', t.tablename);
    END LOOP;
END $$;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ep_application;
"""

DROP = """
DO $$ DECLARE o record; BEGIN
    FOR o IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'procrastinate%' LOOP
        EXECUTE format('DROP TABLE %I CASCADE', o.tablename);
    END LOOP;
    FOR o IN SELECT p.oid::regprocedure AS signature FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'procrastinate%' LOOP
        EXECUTE format('DROP FUNCTION %s CASCADE', o.signature);
    END LOOP;
    FOR o IN SELECT typname FROM pg_type t
        WHERE t.typnamespace = 'public'::regnamespace AND t.typname LIKE 'procrastinate%' LOOP
        EXECUTE format('DROP TYPE IF EXISTS %I CASCADE', o.typname);
    END LOOP;
END $$;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    op.get_bind().exec_driver_sql(GRANTS.replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql(DROP.replace("%", "%%"))
