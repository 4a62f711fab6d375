"""The database: engine, declarative base, and the few column shapes that every table uses."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Enum, MetaData, String, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.kit.ids import new_id

APPLICATION_ROLE = "ep_application"
LOCK_TIMEOUT_MS, STATEMENT_TIMEOUT_MS = 5_000, 15_000


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        UUID: Uuid(),
        str: Text(),
        list[str]: ARRAY(Text()),
    }


class Identified:
    """A row with a UUIDv7 and a version: the version is the ETag and the optimistic lock."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(default=1)


def enumeration(values: type[StrEnum], name: str) -> Enum:
    """Return a VARCHAR with a CHECK: PostgreSQL's own ENUM types outlive their table."""
    return Enum(
        values,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=name,
        values_callable=lambda members: [member.value for member in members],
    )


def one_of(column: str, values: Iterable[str], name: str) -> CheckConstraint:
    """Return the CHECK that a text column is one code of a nomenclature, or null."""
    listed = ", ".join(f"'{value}'" for value in sorted(values))
    return CheckConstraint(f"{column} IN ({listed})", name=name)


def subset(column: str, values: Iterable[str], name: str) -> CheckConstraint:
    """Return the CHECK that every element of an array column is one of `values`."""
    listed = ", ".join(f"'{value}'" for value in sorted(values))
    return CheckConstraint(f"{column} <@ ARRAY[{listed}]::text[]", name=name)


def personal(**options: Any) -> Any:
    """Mark a column as personal data: the purge and a test read the mark (art. 5)."""
    return mapped_column(info={"personnel": True}, **options)


def erasure(table: Any) -> dict[str, Any]:
    """Return what erases the personal columns of a table, the marked ones: null, else the type's empty value."""
    marked = [column for column in table.columns if column.info.get("personnel")]
    return {column.key: None if column.nullable else column.type.python_type() for column in marked}


CODE_CAISSE = String(3)


def create_engine(url: str, *, role: str | None = None, pool_size: int = 5) -> AsyncEngine:
    """Return an engine; `role` is taken at connection when the login itself is somebody else's.

    Parameters never reach an exception's text: they hold personal data.
    """
    options = f"-c lock_timeout={LOCK_TIMEOUT_MS} -c statement_timeout={STATEMENT_TIMEOUT_MS} -c timezone=UTC"
    target = make_url(url).set(drivername="postgresql+psycopg")
    if role and target.username != role:
        options += f" -c role={role}"
    return create_async_engine(
        target,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        connect_args={"options": options, "application_name": "espace-partenaires", "connect_timeout": 5},
    )
