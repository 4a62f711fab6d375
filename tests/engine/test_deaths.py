"""The embedded PostgreSQL, through every way to die. Each test has its own cluster."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.kit.engine import ensure
from app.kit.guardian import account
from tests.engine.probes import (
    PARENT_OF_A_FORK,
    Hold,
    answer,
    answers,
    at_rest,
    create_t,
    joined,
    kill_everything,
    parent_of,
    postmaster,
    wait_until,
)

linux = pytest.mark.skipif(sys.platform != "linux", reason="finds the guardian in /proc")


def test_a_killed_holder_leaves_no_server(folder: Path, hold: Hold) -> None:
    holder = hold()
    assert answers(joined(holder))
    holder.kill()
    wait_until(lambda: at_rest(folder))


def test_a_forked_child_holds_nothing(folder: Path, hold: Hold) -> None:
    holder = hold(PARENT_OF_A_FORK)
    assert answers(joined(holder))
    holder.kill()
    wait_until(lambda: at_rest(folder))


@linux
def test_killing_guardian_and_holder_leaves_no_server_and_no_loss(folder: Path, hold: Hold) -> None:
    holder = hold()
    sockets = joined(holder)
    create_t(sockets)
    guardian = parent_of(postmaster(folder))
    os.kill(holder.pid, signal.SIGSTOP)  # no time to call another guardian
    os.kill(guardian, signal.SIGKILL)
    holder.kill()
    wait_until(lambda: at_rest(folder))
    assert not answers(sockets)
    engine = ensure(folder)
    assert answer(engine.sockets, "select n from t") == 7
    engine.release()


@linux
@pytest.mark.parametrize("victim", ["guardian", "server"])
def test_a_holder_gets_its_server_back(folder: Path, victim: str) -> None:
    engine = ensure(folder)
    server = postmaster(folder)
    os.kill(parent_of(server) if victim == "guardian" else server, signal.SIGKILL)
    wait_until(lambda: answers(engine.sockets) and postmaster(folder) != server)
    engine.release()
    wait_until(lambda: at_rest(folder))


@linux
@pytest.mark.parametrize("remnant", ["reused", "empty"])
def test_a_power_cut(folder: Path, hold: Hold, remnant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pid left in postmaster.pid is now another process's, or was never written."""
    monkeypatch.delenv("EP_ENGINE_FSYNC")
    holder = hold()
    create_t(joined(holder))
    kill_everything(folder, holder)
    user = account(folder / "cluster")[0] if os.geteuid() == 0 else None
    stranger = subprocess.Popen(["sleep", "60"], user=user)
    file = folder / "cluster" / "postmaster.pid"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("" if remnant == "empty" else "".join([f"{stranger.pid}\n", *lines[1:]]))
    try:
        engine = ensure(folder)
        assert answer(engine.sockets, "select n from t") == 7
        engine.release()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@linux
def test_an_interrupted_initdb(folder: Path, hold: Hold) -> None:
    holder = hold()
    wait_until(lambda: any(folder.glob("cluster.*/PG_VERSION")))
    draft = next(folder.glob("cluster.*"))
    os.kill(holder.pid, signal.SIGSTOP)
    os.kill(int(draft.suffix[1:]), signal.SIGKILL)
    holder.kill()
    assert not (folder / "cluster").exists()
    (folder / "cluster.1").mkdir(exist_ok=True)
    engine = ensure(folder)
    assert answers(engine.sockets)
    assert [path.name for path in folder.glob("cluster*")] == ["cluster"]
    engine.release()


def test_the_locks_are_not_inherited(folder: Path) -> None:
    engine = ensure(folder)
    child = subprocess.Popen(["sleep", "60"], close_fds=False)
    engine.release()
    wait_until(lambda: at_rest(folder))
    child.kill()
    child.wait()
