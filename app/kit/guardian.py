"""The process that owns the embedded PostgreSQL of one folder: starts it, waits for its last user, stops it.

Run as a script by `app.kit.engine`, isolated (`python -I -S`), so it imports the standard library only.
Its life is told by locks, which the kernel drops at death whatever the death, never by a pid in a file:

- `holders.lock`   shared by every process that needs the server; exclusive here means nobody does;
- `guardian.lock`  exclusive while a guardian lives;
- `starting.lock`  exclusive from the decision to start until the server is ready, handed over by `engine`.

The file `socket` says where the server answers, and exists while it does, so that a guardian about to die
of a failed start is not taken for a good one.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

HOLDERS, GUARDIAN, STARTING = "holders.lock", "guardian.lock", "starting.lock"
LOG, SOCKET = "guardian.log", "socket"
SUPERUSER = "ep_proprietaire"
PRIVATE = 0o700
LONGEST_SOCKET_FOLDER = 85  # bytes, before "/.s.PGSQL.5432"
REMEDY = (
    "Run as an ordinary user, set EP_DATA_DIR to a folder that any user can reach, "
    "or use another PostgreSQL with EP_DATABASE_URL."
)

INITDB = [
    "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
    "--data-checksums", "--auth=trust", f"--username={SUPERUSER}",
]  # fmt: skip

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "128MB",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Messages of level ERROR quote what was sent (« invalid input syntax for type date: "…" »): none is
    # written. What remains is written without its detail, its statement and its parameters.
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    # One file per day of the week, so a week at most is kept.
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_size": "0",
}
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


def lock(path: Path, how: int) -> int:
    """Take a lock on a file, and return the descriptor that holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, how)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def unlock(descriptor: int) -> None:
    """Drop a lock, even if a forked child still has a copy of the descriptor."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def account(cluster: Path) -> tuple[int, int]:
    """Name the user and group that run the server: as root, those of the cluster, or unprivileged ones."""
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    if cluster.exists():
        return cluster.stat().st_uid, cluster.stat().st_gid
    for name in ("postgres", "_postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return entry.pw_uid, entry.pw_gid
    raise SystemExit("PostgreSQL refuses to run as root, and this machine has no user postgres or nobody.")


PATIENCE = 10  # seconds that a stop may take before it is made to


@dataclass(frozen=True)
class Launch:
    """How a command is run as the server's user: words put before it, and the user to switch to."""

    words: tuple[str, ...]
    user: int | None = None
    group: int | None = None

    def start(self, *command: object) -> subprocess.Popen[bytes]:
        """Start a command of PostgreSQL."""
        words = [*self.words, *map(str, command)]
        groups: list[int] | None = None if self.user is None else []
        return subprocess.Popen(  # noqa: S603  # our own words
            words, cwd="/", user=self.user, group=self.group, extra_groups=groups
        )

    def run(self, *command: object) -> int:
        """Run a command to its end, and return its exit code."""
        return self.start(*command).wait()


def launches(uid: int, gid: int) -> list[Launch]:
    """List the ways to run the server, the least privileged first.

    `--pdeathsig` makes the server stop if the guardian is killed. The capabilities let the server's user
    go through parent folders that only root may cross (a clone under /root); `no_setuid_fixup` makes
    access(2), with which PostgreSQL looks for its own files, take them into account.
    """
    setpriv = shutil.which("setpriv")
    root = os.geteuid() == 0
    ways = [Launch((), uid, gid) if root else Launch(())]
    if setpriv is None:  # macOS
        return ways
    base = (setpriv, "--pdeathsig=INT")
    if not root:
        return [Launch(base), *ways]
    user = (*base, f"--reuid={uid}", f"--regid={gid}", "--clear-groups")
    fixup = "--securebits=+no_setuid_fixup"
    capable = [
        Launch((*user, fixup, f"--inh-caps=-all,+{capability}", f"--ambient-caps=-all,+{capability}"))
        for capability in ("dac_read_search", "dac_override")
    ]
    return [Launch((*user, "--inh-caps=-all")), *capable, *ways]


def choose(ways: list[Launch], folder: Path, binaries: Path) -> Launch:
    """Take the first way by which the server's user reaches both the binaries and the data."""
    probe = ("sh", "-c", '"$0" -V >/dev/null && cd "$1"', binaries / "initdb", folder)
    for way in ways:
        with suppress(OSError, subprocess.SubprocessError):
            if way.run(*probe) == 0:
                return way
    raise SystemExit(f"The user that runs PostgreSQL cannot reach {folder} or {binaries}. {REMEDY}")


def own(folder: Path, uid: int, gid: int) -> None:
    """Create a folder for the server's user alone."""
    folder.mkdir(mode=PRIVATE)
    os.chown(folder, uid, gid)


def socket_folder(folder: Path, uid: int, gid: int) -> Path:
    """Make a private folder with a short path: that of a socket is limited to 107 bytes (103 on macOS)."""
    name = "ep-" + hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    sockets = Path(tempfile.gettempdir(), name)
    if len(os.fsencode(sockets)) > LONGEST_SOCKET_FOLDER:
        sockets = Path("/tmp", name)  # noqa: S108  # its owner and mode are checked below
    with suppress(FileExistsError):
        own(sockets, uid, gid)
    found = sockets.lstat()
    if found.st_uid != uid or found.st_mode != stat.S_IFDIR | PRIVATE:
        raise SystemExit(f"{sockets} is not a private folder of the user that runs PostgreSQL: remove it.")
    if not os.access(sockets, os.X_OK):  # a root without its capabilities
        raise SystemExit(f"{sockets}, of the user that runs PostgreSQL, cannot be reached. {REMEDY}")
    return sockets


@dataclass(frozen=True)
class Server:
    """The PostgreSQL of one folder."""

    cluster: Path
    sockets: Path
    binaries: Path
    launch: Launch
    durable: bool

    def create(self, uid: int, gid: int) -> None:
        """Create the cluster under another name first: one that bears its name is complete."""
        for stale in self.cluster.parent.glob("cluster.*"):
            shutil.rmtree(stale, ignore_errors=True)
        if self.cluster.exists():
            return
        draft = self.cluster.with_name(f"cluster.{os.getpid()}")
        own(draft, uid, gid)
        sync = [] if self.durable else ["--no-sync"]
        if self.launch.run(self.binaries / "initdb", *INITDB, *sync, "-D", draft) != 0:
            raise SystemExit("initdb failed.")
        draft.rename(self.cluster)
        parent = os.open(self.cluster.parent, os.O_RDONLY)
        os.fsync(parent)
        os.close(parent)

    def listens(self) -> bool:
        """Whether a server, even one that starts or stops, answers on the socket."""
        options = ("-q", "-h", self.sockets, "-p", 5432, "-U", SUPERUSER, "-d", "postgres")
        return self.launch.run(self.binaries / "pg_isready", *options) in (0, 1)

    def clear(self) -> None:
        """Stop a server that outlived its guardian, and put away what a killed one left."""
        pid_file = self.cluster / "postmaster.pid"
        while self.listens():
            with suppress(FileNotFoundError, ProcessLookupError):
                os.kill(int(pid_file.read_text().split()[0]), signal.SIGINT)
            time.sleep(0.1)
        for leftover in self.sockets.iterdir():
            leftover.unlink()
        # Nobody listens, so the pid is dead, or now another process's, which would block the start for ever.
        # PostgreSQL takes its parent's pid for stale, and still checks that the memory is not in use:
        # that check needs the rest of the file, which is therefore not removed.
        with suppress(FileNotFoundError), pid_file.open("r+") as file:
            lines = file.readlines()
            file.seek(0)
            file.truncate()
            file.writelines([f"{os.getpid()}\n", *lines[1:]])

    def ready(self, pid: int) -> bool:
        """Whether the server accepts connections, read where `pg_ctl -w` reads it."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().split("\n")
        except FileNotFoundError:
            return False
        return lines[0] == str(pid) and [line.strip() for line in lines[7:8]] == ["ready"]

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server, and return once it accepts connections."""
        settings = SETTINGS | {"unix_socket_directories": str(self.sockets)}
        settings |= {} if self.durable else NOT_DURABLE
        options = [f"--{name}={value}" for name, value in settings.items()]
        for _ in range(4):  # sessions of a killed server use its memory a moment more
            process = self.launch.start(self.binaries / "postgres", "-D", self.cluster, *options)
            while process.poll() is None:  # as long as it takes: a log to replay is not a failure
                if self.ready(process.pid):
                    return process
                time.sleep(0.01)
            time.sleep(0.5)
            self.clear()
        raise SystemExit(f"PostgreSQL does not start; see also {self.cluster / 'log'}.")


def guard(folder: Path, binaries: Path, starting: int) -> None:
    """Run the server until nobody holds it any more, or until it dies."""
    life = lock(folder / GUARDIAN, fcntl.LOCK_EX)
    (folder / SOCKET).unlink(missing_ok=True)
    cluster = folder / "cluster"
    uid, gid = account(cluster)
    launch = choose(launches(uid, gid), folder, binaries)
    sockets = socket_folder(folder, uid, gid)
    server = Server(cluster, sockets, binaries, launch, os.environ.get("EP_ENGINE_FSYNC") != "off")

    def stop_after_the_last_holder() -> None:
        # Kept until this process ends: whoever comes meanwhile waits, then starts the server anew.
        lock(folder / HOLDERS, fcntl.LOCK_EX)
        os.kill(process.pid, signal.SIGINT)
        # PostgreSQL 18 can wait for ever when it is asked to stop while it recovers; the log is replayed next time.
        time.sleep(PATIENCE)
        os.kill(process.pid, signal.SIGQUIT)

    try:
        server.create(uid, gid)
        server.clear()
        process = server.start()
        (folder / SOCKET).write_text(str(sockets))
        os.close(starting)
        threading.Thread(target=stop_after_the_last_holder, daemon=True).start()
        process.wait()
    finally:
        (folder / SOCKET).unlink(missing_ok=True)
        shutil.rmtree(sockets, ignore_errors=True)
        os.close(life)  # before the other locks, which the end of the process drops


if __name__ == "__main__":
    if os.fork() == 0:
        guard(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
