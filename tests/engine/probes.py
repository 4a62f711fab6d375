"""What the tests of the engine look at, without its help."""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg

from app.kit.guardian import GUARDIAN

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys
from pathlib import Path
from app.kit.engine import ensure
print(ensure(Path(sys.argv[1])).sockets, flush=True)
sys.stdin.read()
"""
PARENT_OF_A_FORK = HOLDER.replace(
    "sys.stdin", "import os, time; os.fork() or (os.closerange(0, 3), time.sleep(6), os._exit(0)); sys.stdin"
)


Hold = Callable[..., subprocess.Popen[str]]


def wait_until(condition: Callable[[], bool], seconds: float = 25) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "too late"
        time.sleep(0.02)


def at_rest(folder: Path) -> bool:
    """Nobody guards the folder, and its server left nothing behind."""
    if not (folder / GUARDIAN).exists():
        return True
    with (folder / GUARDIAN).open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return not (folder / "cluster" / "postmaster.pid").exists()


def connect(sockets: object) -> psycopg.Connection:
    return psycopg.connect(
        host=str(sockets).strip(), user="ep_proprietaire", dbname="postgres", autocommit=True
    )


def answer(sockets: object, query: str) -> object:
    with connect(sockets) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row and row[0]


def create_t(sockets: object) -> None:
    with connect(sockets) as connection:
        connection.execute("create table t as select 7 as n")


def answers(sockets: object) -> bool:
    with suppress(psycopg.OperationalError):
        return answer(sockets, "select 1") == 1
    return False


def joined(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def postmaster(folder: Path) -> int:
    return int((folder / "cluster" / "postmaster.pid").read_text().split()[0])


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def kill_everything(folder: Path, holder: subprocess.Popen[str]) -> None:
    """As a power cut does: nobody has the time to put anything away."""
    server = postmaster(folder)
    for pid in (parent_of(server), holder.pid):
        os.kill(pid, signal.SIGSTOP)
    for pid in (server, parent_of(server), holder.pid):
        os.kill(pid, signal.SIGKILL)
    holder.wait()
