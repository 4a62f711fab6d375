"""Background jobs: procrastinate, enqueued on the connection of the transaction that wants them.

A job exists if and only if its transaction was committed. Its arguments are identifiers only.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import structlog
from procrastinate import App, PsycopgConnector, RetryStrategy
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit import idempotency
from app.kit.db import APPLICATION_ROLE
from app.kit.location import application_url
from app.kit.session import database

log = structlog.get_logger("jobs")

TASKS = [
    "app.kit.jobs",
    "app.conventions.jobs",
    "app.conventions.jobs_avis",
    "app.comptes.jobs",
    "app.comptes.jobs_avis",
    "app.habilitations.jobs",
    "app.pieces.jobs",
    "app.demandes.jobs",
    "app.provenance.jobs",
    "app.disponibilite.jobs",
    "app.disponibilite.jobs_dysfonctionnement",
    "app.journal.jobs",
    "app.applications.jobs",
    "app.webhooks.jobs",
    "app.cycle_de_vie",
]
# 30 s, then longer and longer: about three days of tries for a mail server that is down.
RETRY = RetryStrategy(max_attempts=11, exponential_wait=3, wait=30)
STALLED_AFTER = 120
# Two queues, each with its own hands: somebody else's server that hangs delays no mail.
DEFAULT, WEBHOOKS = "default", "webhooks"

jobs = App(connector=PsycopgConnector(), import_paths=TASKS)


async def enqueue(session: AsyncSession, task: str, **identifiers: str) -> None:
    """Enqueue a job, by its name, in the session's own transaction."""
    await enqueue_in(session, 0, task, **identifiers)


async def enqueue_in(session: AsyncSession, seconds: int, task: str, **identifiers: str) -> None:
    """Enqueue a job that waits so many seconds."""
    connection = await session.connection()
    raw = await connection.get_raw_connection()
    queue = WEBHOOKS if task.startswith(f"{WEBHOOKS}.") else DEFAULT
    when: dict[str, Any] = {"schedule_in": {"seconds": seconds}} if seconds else {}
    job = jobs.configure_task(task, connection=raw.driver_connection, queue=queue, **when)
    await job.defer_async(**identifiers)


@asynccontextmanager
async def opened() -> AsyncIterator[App]:
    """Open the queue for a worker, on connections of its own."""
    conninfo, options = _conninfo()
    connector = PsycopgConnector(conninfo=conninfo, kwargs={"options": options})
    with jobs.replace_connector(connector):
        async with jobs.open_async():
            yield jobs


def _conninfo() -> tuple[str, str]:
    url = make_url(application_url())
    options = "" if url.username == APPLICATION_ROLE else f"-c role={APPLICATION_ROLE}"
    return url.set(drivername="postgresql").render_as_string(hide_password=False), options


async def worker_connection() -> psycopg.AsyncConnection[Any]:
    """Open a connection of the driver's own, to listen on."""
    conninfo, options = _conninfo()
    return await psycopg.AsyncConnection.connect(conninfo, autocommit=True, options=options)


@jobs.periodic(cron="*/2 * * * *")
@jobs.task(queueing_lock="reprendre", pass_context=False)
async def retry_stalled(timestamp: int) -> None:
    """Give back the jobs of a worker that was killed."""
    _ = timestamp
    stalled = await jobs.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER)
    for job in stalled:
        await jobs.job_manager.retry_job(job)
        log.warning("retried", job_id=job.id, task=job.task_name)


@jobs.periodic(cron="7 * * * *")
@jobs.task(queueing_lock="purger", pass_context=False)
async def purge_expired(timestamp: int) -> None:
    """Forget the idempotency keys after a day, and the finished jobs after a week."""
    _ = timestamp
    async with database().transaction() as session:
        await idempotency.purge(session)
    await jobs.job_manager.delete_old_jobs(nb_hours=168, include_failed=True, include_cancelled=True)
