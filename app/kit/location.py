"""Where the database is: EP_DATABASE_URL, or the embedded cluster of EP_DATA_DIR."""

from functools import lru_cache

from app.config import settings
from app.kit.db import APPLICATION_ROLE
from app.kit.engine import Engine, ensure

DATABASE, OWNER, MAINTENANCE = "espace_partenaires", "ep_proprietaire", "postgres"


@lru_cache
def embedded() -> Engine:
    """Start or join the embedded cluster, held until this process ends."""
    return ensure(settings().data_dir / "postgres")


def owner_url() -> str:
    """Return the connection that owns the tables: migrations, and what only an operator may do."""
    return settings().database_owner_url or settings().database_url or embedded().url(DATABASE, OWNER)


def application_url() -> str:
    """Return the connection of the API, the jobs and the commands: it owns nothing."""
    return settings().database_url or embedded().url(DATABASE, APPLICATION_ROLE)


def maintenance_url() -> str:
    """Return the embedded cluster's own database, from which ours is created."""
    return embedded().url(MAINTENANCE, OWNER)
