"""One database for the whole run, made by the migrations and filled by the demo, on the embedded engine."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from tests.outils import Base, Client, Fabrique

DATA_DIR = Path(tempfile.mkdtemp(prefix="ep-tests-"))
os.environ |= {"EP_DATA_DIR": str(DATA_DIR), "EP_RATE_LIMIT": "off", "EP_BASE_URL": "http://testserver"}
os.environ["EP_WEBHOOKS_ALLOW_PRIVATE"] = "true"  # the receivers of the tests are on the loopback
for name in ("EP_DATABASE_URL", "EP_DATABASE_OWNER_URL", "EP_ENV", "EP_SMTP_URL"):
    os.environ.pop(name, None)

if os.environ.get("EP_TEST_DATABASE_URL"):  # a real PostgreSQL instead of the embedded one
    os.environ["EP_DATABASE_URL"] = os.environ["EP_TEST_DATABASE_URL"]


# A broken rule is known in seconds; then the longest, so that two processes end together;
# a file stays on one process (`--dist loadfile`): what its tests share is made once.
ORDER = ("regles", "serveur", "navigateur", "engine", "api", "contrat", "migrations")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: ORDER.index(item.path.relative_to(Path(__file__).parent).parts[0]))


@pytest.fixture(scope="session")
def demo() -> Iterator[dict[str, list[dict[str, str]]]]:
    """The accounts and applications of the demo, in a migrated database."""
    import asyncio

    from app import serving
    from app.demo.chargement import charger
    from app.kit.migrations import migrate
    from app.kit.session import database

    async def load() -> dict[str, list[dict[str, str]]]:
        loaded = await charger(lambda done, total: None)
        await database().engine.dispose()
        return loaded

    serving.prepare()
    if os.environ.get("EP_DATABASE_URL"):
        migrate()
    yield asyncio.run(load())


@pytest.fixture(scope="session")
def base(demo: object) -> Iterator["Base"]:
    from tests.outils import Base

    with Base() as opened:
        yield opened


@pytest.fixture(scope="session")
def api(demo: object) -> Iterator["TestClient"]:
    """The application, in process, behind its real middlewares."""
    from starlette.testclient import TestClient

    from app.main import create_app

    with TestClient(create_app(), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session")
def client_de(api: "TestClient", demo: dict[str, list[dict[str, str]]]) -> Callable[[str], "Client"]:
    """Return a signed-in client for an identifiant of the demo or of a factory."""
    from tests.outils import Client

    clients: dict[str, Client] = {}
    passwords = {compte["identifiant"]: compte["mot_de_passe"] for compte in demo["comptes"]}

    def sign_in(identifiant: str) -> Client:
        if identifiant not in clients:
            clients[identifiant] = Client.connecte(api, identifiant, passwords.get(identifiant))
        return clients[identifiant]

    return sign_in


@pytest.fixture
def fabrique(base: "Base", client_de: Callable[[str], "Client"]) -> "Fabrique":
    from tests.outils import Fabrique

    return Fabrique(base, client_de)
