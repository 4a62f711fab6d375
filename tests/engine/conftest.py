import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.engine.probes import HOLDER, ROOT, Hold, at_rest, wait_until


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that any user can reach, unlike pytest's own."""
    monkeypatch.setenv("EP_ENGINE_FSYNC", "off")
    parent = Path(tempfile.mkdtemp(prefix="moteur "))
    parent.chmod(0o755)
    yield parent / "données"
    with suppress(AssertionError):
        wait_until(lambda: at_rest(parent / "données"), 3)
    shutil.rmtree(parent)


@pytest.fixture
def hold(folder: Path) -> Iterator[Hold]:
    """Start processes that hold the server; killed in the end."""
    started: list[subprocess.Popen[str]] = []

    def start(script: str = HOLDER) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", script, folder],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
