"""Bringing a database to the head of the migrations."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from app.config import settings
from app.kit.location import DATABASE, maintenance_url

ROOT = Path(__file__).parents[2]


def alembic_config() -> Config:
    return Config(ROOT / "alembic.ini")


def create_embedded_database() -> None:
    """Create our database in the embedded cluster; two processes at once leave one."""
    engine = create_engine(maintenance_url(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(72616)"))
        if not connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": DATABASE}):
            connection.execute(text(f'CREATE DATABASE "{DATABASE}" TEMPLATE template0'))
    engine.dispose()


def migrate() -> None:
    """Migrate to head, the owner's connection alone."""
    if not settings().database_url:
        create_embedded_database()
    command.upgrade(alembic_config(), "head")
