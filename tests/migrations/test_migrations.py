"""The migrations, on a database of their own: up, down, up again, and the tables are those of the code."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

import app.tables
from app.kit.location import owner_url
from app.kit.migrations import alembic_config

assert app.tables

DOSSIER = "migrations/versions"
# What stands in a database without us: PostgreSQL's own schemas, an extension's objects, Alembic's one table.
RESTES = """
    SELECT 'relation', c.relname::text FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
        AND c.relname NOT IN ('alembic_version', 'alembic_version_pkc')
    UNION ALL SELECT 'function', p.oid::regprocedure::text FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    UNION ALL SELECT 'type', t.typname::text FROM pg_type t WHERE t.typnamespace = 'public'::regnamespace
        AND t.typname NOT IN ('alembic_version', '_alembic_version')
        AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = t.oid AND d.deptype = 'e')
        AND NOT EXISTS (SELECT 1 FROM pg_type e JOIN pg_depend d ON d.objid = e.oid
                        WHERE e.typarray = t.oid AND d.deptype = 'e')
    UNION ALL SELECT 'policy', polname::text FROM pg_policy
    UNION ALL SELECT 'trigger', tgname::text FROM pg_trigger WHERE NOT tgisinternal
    ORDER BY 1, 2
"""
# The shape of a database: what a second way to the same revision must give again.
FORME = """
    SELECT 'column', table_name || '.' || column_name, data_type || ' ' || is_nullable || ' '
        || coalesce(column_default, '') FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'index', indexname::text, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'policy', tablename || '.' || policyname, cmd || ' ' || roles::text || ' '
        || coalesce(qual, '') || ' / ' || coalesce(with_check, '') FROM pg_policies
    UNION ALL SELECT 'function', p.oid::regprocedure::text, pg_get_functiondef(p.oid) FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f'
    UNION ALL SELECT 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid)
        FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'walls', relname::text, relrowsecurity || ' ' || relforcerowsecurity
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    UNION ALL SELECT 'grants', c.relname::text, string_agg(a.privilege_type, ' ' ORDER BY a.privilege_type)
        FROM pg_class c, aclexplode(c.relacl) a
        WHERE c.relnamespace = 'public'::regnamespace AND a.grantee = 'ep_application'::regrole
        GROUP BY c.relname
    ORDER BY 1, 2, 3
"""

SCRIPTS = ScriptDirectory.from_config(alembic_config())
REVISIONS = [script.revision for script in SCRIPTS.walk_revisions()][::-1]


class Chantier:
    """A database that only the migrations touch."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    @contextmanager
    def config(self) -> Iterator[Config]:
        with self.engine.connect() as connexion:
            config = alembic_config()
            config.attributes["connection"] = connexion
            yield config

    def monter(self, revision: str = "head") -> None:
        with self.config() as config:
            command.upgrade(config, revision)

    def descendre(self, revision: str = "base") -> None:
        with self.config() as config:
            command.downgrade(config, revision)

    def lignes(self, sql: str) -> list[tuple[str, ...]]:
        with self.engine.connect() as connexion:
            return [tuple(ligne) for ligne in connexion.execute(sa.text(sql))]


@pytest.fixture
def chantier(demo) -> Iterator[Chantier]:
    url = sa.make_url(owner_url()).set(drivername="postgresql+psycopg")
    nom = "ep_migrations"
    maintenance = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with maintenance.connect() as connexion:
        connexion.execute(sa.text(f"DROP DATABASE IF EXISTS {nom} WITH (FORCE)"))
        connexion.execute(sa.text(f"CREATE DATABASE {nom} TEMPLATE template0"))
    engine = sa.create_engine(url.set(database=nom), poolclass=sa.NullPool)
    yield Chantier(engine)
    engine.dispose()
    with maintenance.connect() as connexion:
        connexion.execute(sa.text(f"DROP DATABASE {nom} WITH (FORCE)"))


def test_les_tables_du_code_sont_celles_des_migrations(chantier):
    chantier.monter()
    with chantier.config() as config:
        command.check(config)  # raises on a difference


def test_tout_defaire_ne_laisse_rien_et_tout_se_refait(chantier):
    chantier.monter()
    premiere = chantier.lignes(FORME)
    chantier.descendre()
    assert chantier.lignes(RESTES) == []
    chantier.monter()
    assert chantier.lignes(FORME) == premiere


def test_chaque_migration_se_fait_se_defait_et_se_refait(chantier):
    for precedente, revision in zip(["base", *REVISIONS], REVISIONS, strict=False):
        avant = chantier.lignes(RESTES)
        chantier.monter(revision)
        faite = chantier.lignes(FORME)
        chantier.descendre(precedente)
        assert chantier.lignes(RESTES) == avant, revision
        chantier.monter(revision)
        assert chantier.lignes(FORME) == faite, revision


def test_une_base_pleine_se_defait_par_le_proprietaire(chantier):
    """A downgrade with rows inside: the walls do not stop the owner."""
    chantier.monter()
    with chantier.engine.begin() as connexion:
        connexion.execute(
            sa.text(
                "INSERT INTO journal (chaine, le, role, action, ressource, ressource_id)"
                " VALUES ('national', now(), 'systeme', 'essai', 'essai', '1')"
            )
        )
    chantier.descendre()
    assert chantier.lignes(RESTES) == []


def test_l_histoire_est_une_ligne_droite():
    assert len(SCRIPTS.get_heads()) == 1
    assert len(SCRIPTS.get_bases()) == 1
    assert not [
        script for script in SCRIPTS.walk_revisions() if script.is_merge_point or script.is_branch_point
    ]


@pytest.mark.parametrize("script", list(SCRIPTS.walk_revisions()), ids=lambda script: script.revision)
def test_une_migration_porte_sa_date_et_sa_phrase(script):
    fichier = script.path.rpartition("/")[2]
    assert re.fullmatch(r"\d{4}_\d{2}_\d{2}_[a-z0-9]+(?:_[a-z0-9]+)*\.py", fichier)
    assert re.fullmatch(r"\d{4}_[a-z0-9_]+", script.revision)
    assert re.match(r"[A-ZÀ-Ý].+\.", script.doc)
    assert callable(script.module.downgrade)
