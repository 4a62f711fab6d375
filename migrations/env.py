"""Alembic's entry: the owner's connection, one transaction a migration, short waits for locks."""

from alembic import context
from sqlalchemy import Connection, NullPool, create_engine
from sqlalchemy.engine import make_url

import app.tables  # every table, on Base.metadata
from app.kit.db import Base
from app.kit.location import owner_url

TIMEOUTS = "-c lock_timeout=10000 -c statement_timeout=600000 -c timezone=UTC"
assert app.tables


def ours(name: str | None, kind: str, _: object) -> bool:
    """Leave the job queue's own tables to its migration."""
    return not (kind == "table" and (name or "").startswith("procrastinate_"))


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=ours,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    url = make_url(owner_url()).set(drivername="postgresql+psycopg")
    engine = create_engine(url, connect_args={"options": TIMEOUTS}, hide_parameters=True, poolclass=NullPool)
    with engine.connect() as connection:
        run(connection)
