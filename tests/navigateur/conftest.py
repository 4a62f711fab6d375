"""A server of our own in its own process, and a real browser that can reach nothing else."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.navigateur.fenetre import Fenetre, Ouvrir

PATIENCE = 120
expect.set_options(timeout=60_000)  # a shared machine
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def ready(url: str) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"{url}/health/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextmanager
def un_serveur() -> Iterator[str]:
    """Give the address of `espace-partenaires serve --demo`, on an empty folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="ep-navigateur-"))
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EP_")} | {
        "EP_DATA_DIR": str(folder / "var"),
        "EP_RATE_LIMIT": "off",
    }
    program = Path(sys.executable).parent / "espace-partenaires"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, "serve", "--demo", "--port", str(port)],
            env=environment,
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        limit = time.monotonic() + PATIENCE
        while not ready(url):
            if process.poll() is not None or time.monotonic() > limit:
                pytest.fail(f"the server did not start:\n{(folder / 'log').read_text()[-3000:]}")
            time.sleep(0.2)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def serveur() -> Iterator[str]:
    with un_serveur() as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found:
        return found
    reason = "no chromium on the PATH: the pages are not tried in a browser"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def browser(chromium: str) -> Iterator[Browser]:
    """One browser a test: playwright's loop lives in this thread, and must be gone when another test runs its own."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def ouvrir(browser: Browser, serveur: str) -> Ouvrir:
    """Open a path of the server in a new profile."""

    def visit(chemin: str, largeur: int = 1280, hauteur: int = 900, *, sombre: bool = False) -> Fenetre:
        context = browser.new_context(
            viewport={"width": largeur, "height": hauteur},
            color_scheme="dark" if sombre else "light",
            locale="fr-FR",
        )
        fenetre = Fenetre(context.new_page(), serveur)
        fenetre.aller(chemin)
        return fenetre

    return visit
