"""Processes: the API and its worker side by side, and what they need before they start."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import structlog
import uvicorn
from rich.console import Console

from app.config import settings
from app.kit import logging
from app.kit.location import embedded
from app.kit.migrations import migrate
from app.kit.session import database

log = structlog.get_logger("serving")


def prepare() -> None:
    """Start or join the embedded engine and bring it to head; a real database is migrated by `migrate`."""
    if not settings().database_url:
        embedded()
        migrate()


def welcome(out: Console) -> None:
    base = settings().base_url
    out.print(f"[bold]Espace Partenaires[/bold] on {base}")
    if settings().docs:
        out.print(f"  Swagger UI        {base}/docs  (Authorize, then try POST /v1/signalements)")
    out.print(f"  contract          {base}/openapi.json")
    accounts = asyncio.run(demo_accounts())
    if accounts:
        out.print("  demo accounts     identifiant · mot de passe")
        for role, identifiant, password in accounts:
            out.print(f"    {role:<16}{identifiant:<14}{password}", highlight=False)


async def demo_accounts() -> list[tuple[str, str, str]]:
    """Return the accounts of the demo when this database holds it."""
    from app.demo import COMPTES

    async with database().transaction() as session:
        from app.comptes import queries

        known = [row for row in COMPTES if await queries.par_identifiant(session, row[0])]
    await database().engine.dispose()
    return [(row[2].value, row[0], row[1]) for row in known]


def serve(host: str, port: int, workers: int, *, jobs: bool) -> None:
    """Serve until a signal; the worker beside it stops with it."""
    os.environ.setdefault("EP_BASE_URL", settings().base_url)
    if workers > 1:
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="ep-metrics-"))
    beside = start_worker() if jobs else None
    try:
        uvicorn.run(
            "app.main:create_app",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            server_header=False,
            date_header=True,
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=10,
        )
    finally:
        if beside:
            beside.send_signal(signal.SIGTERM)
            beside.wait(timeout=15)


def start_worker() -> "subprocess.Popen[bytes]":
    program = Path(sys.argv[0]).resolve()
    return subprocess.Popen([sys.executable, str(program), "worker"])  # noqa: S603  # ourselves


def work() -> None:
    logging.setup(settings().log_level)
    asyncio.run(run_jobs(os.getppid()))


async def run_jobs(parent: int) -> None:
    """Run the worker; it ends with the process that started it, even one that was killed."""
    from app.kit import jobs

    async with jobs.opened() as app:
        worker = asyncio.create_task(app.run_worker_async(concurrency=4, install_signal_handlers=True))
        while not worker.done():
            await asyncio.wait({worker}, timeout=1)
            if os.getppid() != parent:
                worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    await database().engine.dispose()
