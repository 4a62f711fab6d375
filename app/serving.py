"""Processes: the API and its worker side by side, and what they need before they start."""

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import psycopg
import structlog
import uvicorn
from fastapi import FastAPI
from procrastinate.exceptions import ProcrastinateException
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
    from app.demo.personnages import COMPTES

    async with database().transaction() as session:
        from app.comptes import queries

        known = [row for row in COMPTES if await queries.par_identifiant(session, row[0])]
    await database().engine.dispose()
    return [(row[2].value, row[0], row[1]) for row in known]


def serve(host: str, port: int, workers: int, *, jobs: bool) -> None:
    """Serve until a signal; the worker beside it stops with it."""
    os.environ.setdefault("EP_BASE_URL", settings().base_url)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn raises it again once it has stopped
    with metrics_folder(workers), jobs_beside() if jobs else nullcontext():
        uvicorn.run(
            "app.serving:create_app",
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


def create_app() -> FastAPI:
    """Build the application in a process of the API, which follows its supervisor."""
    from app import main

    supervisor = multiprocessing.parent_process()
    if supervisor is not None and supervisor.pid is not None:
        follow(supervisor.pid)
    return main.create_app()


@contextmanager
def metrics_folder(workers: int) -> Iterator[None]:
    """Give several processes a folder where their counts are added up."""
    if workers == 1 or "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="ep-metrics-", ignore_cleanup_errors=True) as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        yield


@contextmanager
def jobs_beside() -> Iterator[None]:
    """Keep a worker of jobs beside the API: one that dies is started again."""
    over, worker = threading.Event(), start_worker()

    def keep() -> None:
        nonlocal worker
        while not over.wait(1):
            if worker.poll() is not None:
                log.error("worker_died", exit_code=worker.returncode)
                worker = start_worker()

    keeper = threading.Thread(target=keep, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()
        worker.terminate()
        try:
            worker.wait(timeout=15)
        except subprocess.TimeoutExpired:
            worker.kill()


def start_worker() -> "subprocess.Popen[bytes]":
    command = [sys.executable, str(Path(sys.argv[0]).resolve()), "worker", "--parent", str(os.getpid())]
    return subprocess.Popen(command, process_group=0)  # noqa: S603  # ourselves; a Ctrl-C is for us to pass on


def follow(parent: int) -> None:
    """End this process soon after the one that started it, even one that was killed."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(15)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def work(parent: int = 0) -> None:
    """Run the background jobs; `parent` is the `serve` that started this worker, which ends with it."""
    logging.setup(settings().log_level)
    if parent:
        follow(parent)
    asyncio.run(run_jobs())


async def run_jobs() -> None:
    """Run the worker until a signal; a database that goes away stops it, so it starts again until it is back."""
    from app.kit import jobs
    from app.webhooks import suivi

    while True:
        try:
            async with jobs.opened() as app:
                await first_to_end(
                    app.run_worker_async(queues=[jobs.DEFAULT], concurrency=4, install_signal_handlers=True),
                    app.run_worker_async(
                        queues=[jobs.WEBHOOKS], concurrency=8, install_signal_handlers=False
                    ),
                    suivi.suivre(),
                )
        except (ProcrastinateException, psycopg.Error, OSError) as error:
            log.error("worker_stopped", error=type(error).__name__)  # noqa: TRY400  # a driver's message holds values
            await asyncio.sleep(1)
        else:
            break
    await database().engine.dispose()


async def first_to_end(*works: Coroutine[Any, Any, None]) -> None:
    """Run works side by side until one ends; the others stop with it, and its error is ours."""
    tasks = [asyncio.create_task(work) for work in works]
    done, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    for task in done:
        task.result()
