"""A real clamd for the tests, with one signature: the test string of antivirus editors."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.api.documents import EICAR
from tests.serveur.machines import port_libre

CLAMD = shutil.which("clamd") or shutil.which("/usr/sbin/clamd")


def exiger_clamd() -> str:
    if CLAMD is None:
        raison = "no clamd on the machine: the antivirus is not tried"
        pytest.fail(raison) if os.environ.get("CI") else pytest.skip(raison)
    return CLAMD


class Clamd:
    """Started and stopped by its own pid, in a folder of its own."""

    def __init__(self) -> None:
        self.programme, self.port = exiger_clamd(), port_libre()
        self.dossier = Path(tempfile.mkdtemp(prefix="eps-clamd-", dir="/tmp"))
        (self.dossier / "base").mkdir()
        (self.dossier / "base" / "essai.ndb").write_text(f"Essai.EICAR:0:*:{EICAR.hex()}\n")
        reglages = {
            "LocalSocket": self.dossier / "prise",
            "TCPSocket": self.port,
            "TCPAddr": "127.0.0.1",
            "DatabaseDirectory": self.dossier / "base",
            "TemporaryDirectory": self.dossier,
            "PidFile": self.dossier / "pid",
            "StreamMaxLength": "11M",
            "Foreground": "yes",
        }
        texte = "".join(f"{nom} {valeur}\n" for nom, valeur in reglages.items())
        (self.dossier / "clamd.conf").write_text(texte)
        self.processus: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.dossier / 'prise'}"

    @property
    def url_tcp(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def demarrer(self) -> None:
        self.processus = subprocess.Popen(
            [self.programme, "-c", str(self.dossier / "clamd.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        limite = time.monotonic() + 60
        while not (self.dossier / "prise").exists():
            assert self.processus.poll() is None, "clamd ne démarre pas"
            assert time.monotonic() < limite, "clamd ne démarre pas à temps"
            time.sleep(0.05)

    def arreter(self) -> None:
        if self.processus and self.processus.poll() is None:
            self.processus.send_signal(signal.SIGKILL)
            self.processus.wait()
        with suppress(FileNotFoundError):
            (self.dossier / "prise").unlink()

    def fermer(self) -> None:
        self.arreter()
        shutil.rmtree(self.dossier, ignore_errors=True)
