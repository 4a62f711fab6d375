"""Real processes for the tests: the server as a user starts it, its callers, a PostgreSQL of its own."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier
from typing import Any

import httpx
import psycopg
from psycopg.rows import tuple_row

from tests.outils import un_signalement

ROOT = Path(__file__).parents[2]
COMMANDE = [sys.executable, str(ROOT / ".venv/bin/espace-partenaires")]
if not Path(COMMANDE[1]).exists():
    COMMANDE = [sys.executable, str(Path(sys.executable).with_name("espace-partenaires"))]


def jusqua(condition: Callable[[], Any], secondes: float = 30, quoi: str = "trop tard") -> Any:
    """Wait until a condition holds, and return what it gave."""
    limite = time.monotonic() + secondes
    while not (valeur := condition()):
        assert time.monotonic() < limite, quoi
        time.sleep(0.03)
    return valeur


def port_libre() -> int:
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        return int(prise.getsockname()[1])


def vivant(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def mots_de(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


def enfants(pid: int) -> list[int]:
    """Return the living children of a process."""
    trouves = []
    for dossier in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            champs = (dossier / "stat").read_text().rpartition(")")[2].split()
            if int(champs[1]) == pid and champs[0] != "Z":
                trouves.append(int(dossier.name))
    return sorted(trouves)


def ensemble(travaux: list[Callable[[], Any]]) -> list[Any]:
    """Run calls at the same instant, one thread each, and return what each gave."""
    depart = Barrier(len(travaux))

    def partir(travail: Callable[[], Any]) -> Any:
        depart.wait(30)
        return travail()

    with ThreadPoolExecutor(len(travaux)) as fils:
        return list(fils.map(partir, travaux))


def cle() -> str:
    return str(uuid.uuid4())


@dataclass
class Appelant:
    """A caller of the real server; its token goes with each call."""

    http: httpx.Client
    jeton: str

    def appel(self, methode: str, chemin: str, corps: Any = None, **entetes: str) -> httpx.Response:
        noms = {nom.replace("_", "-"): valeur for nom, valeur in entetes.items()}
        noms["Authorization"] = f"Bearer {self.jeton}"
        return self.http.request(methode, chemin, json=corps, headers=noms)

    def get(self, chemin: str) -> httpx.Response:
        return self.appel("GET", chemin)

    def post(self, chemin: str, corps: Any = None, **entetes: str) -> httpx.Response:
        return self.appel("POST", chemin, corps, **entetes)

    def deposer(self, **changements: Any) -> dict[str, Any]:
        reponse = self.post("/v1/signalements", un_signalement(**changements), Idempotency_Key=cle())
        assert reponse.status_code == 201, reponse.text
        corps: dict[str, Any] = reponse.json()
        return corps

    def deposer_avec_reprises(self, corps: dict[str, Any], cle_: str, patience: float = 40) -> httpx.Response:
        """Do as the contract asks of a client: the same key again until there is an answer."""
        limite = time.monotonic() + patience
        while True:
            with suppress(httpx.TransportError):
                reponse = self.post("/v1/signalements", corps, Idempotency_Key=cle_)
                attente = reponse.status_code >= 500 or reponse.json().get("code") == "requete-en-cours"
                if not attente:
                    return reponse
            assert time.monotonic() < limite, "aucune réponse"
            time.sleep(0.1)


@dataclass
class Serveur:
    """`espace-partenaires serve` in a process of its own, with its own data folder."""

    env: dict[str, str]
    dossier: Path
    workers: int = 2
    port: int = field(default_factory=port_libre)
    processus: "subprocess.Popen[bytes] | None" = None
    demo: dict[str, Any] = field(default_factory=dict)
    http: httpx.Client | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def journal(self) -> str:
        return (self.dossier / "serveur.log").read_text()

    def commande(self, *mots: str, **env: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*COMMANDE, *mots],
            env=self.env | env,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def demarrer(self, *mots: str) -> None:
        options = ["serve", "--workers", str(self.workers), "--port", str(self.port), *mots]
        with (self.dossier / "serveur.log").open("ab") as sortie:
            self.processus = subprocess.Popen(
                [*COMMANDE, *options],
                env=self.env,
                cwd=ROOT,
                stdout=sortie,
                stderr=sortie,
                stdin=subprocess.DEVNULL,
            )
        limites = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self.http = httpx.Client(base_url=self.url, timeout=30, limits=limites, trust_env=False)
        jusqua(self.pret, 120, "le serveur ne démarre pas")

    def pret(self) -> bool:
        assert self.processus
        assert self.processus.poll() is None, self.journal[-2000:]
        with suppress(httpx.TransportError):
            return self.appel("GET", "/health/ready").status_code == 200
        return False

    def appel(self, methode: str, chemin: str, **options: Any) -> httpx.Response:
        assert self.http
        return self.http.request(methode, chemin, **options)

    def arreter(self, signal_: int = signal.SIGTERM, secondes: float = 25) -> int:
        """Send a signal to `serve`, wait for its end, and return its exit code."""
        assert self.processus
        if self.http:
            self.http.close()
        with suppress(ProcessLookupError):
            self.processus.send_signal(signal_)
        try:
            return self.processus.wait(secondes)
        except subprocess.TimeoutExpired:
            self.processus.kill()
            self.processus.wait()
            raise

    def ouvriers(self) -> list[int]:
        """Return the processes of the API."""
        assert self.processus
        return [pid for pid in enfants(self.processus.pid) if "spawn_main" in mots_de(pid)]

    def ouvrier_des_travaux(self) -> int | None:
        assert self.processus
        return next((p for p in enfants(self.processus.pid) if " worker" in mots_de(p)), None)

    def client(self, identifiant: str) -> Appelant:
        comptes = {c["identifiant"]: c["mot_de_passe"] for c in self.demo["comptes"]}
        demande = {"grant_type": "password", "username": identifiant, "password": comptes[identifiant]}
        reponse = self.appel("POST", "/v1/oauth/token", data=demande)
        assert reponse.status_code == 200, reponse.text
        assert self.http
        return Appelant(self.http, reponse.json()["access_token"])

    def connexion(self, role: str = "ep_proprietaire") -> "psycopg.Connection[Any]":
        if "EP_DATABASE_URL" in self.env:
            return psycopg.connect(self.env["EP_DATABASE_URL"], autocommit=True)
        place = (self.dossier / "postgres" / "socket").read_text()
        return psycopg.connect(host=place, user=role, dbname="espace_partenaires", autocommit=True)

    def lignes(self, sql: str, *valeurs: Any) -> list[Any]:
        with self.connexion() as base, base.cursor(row_factory=tuple_row) as curseur:
            curseur.execute(sql.encode(), valeurs or None)
            return curseur.fetchall() if curseur.description else []

    def valeur(self, sql: str, *valeurs: Any) -> Any:
        return self.lignes(sql, *valeurs)[0][0]

    def postmaster(self) -> int:
        return int((self.dossier / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0])


def environnement(dossier: Path, **env: str) -> dict[str, str]:
    tues = ("EP_", "PROMETHEUS_", "PYTHONDONTWRITEBYTECODE")
    gardees = {nom: valeur for nom, valeur in os.environ.items() if not nom.startswith(tues)}
    chemins = os.pathsep.join([env.pop("PYTHONPATH", ""), str(ROOT)]).lstrip(os.pathsep)
    notres = {"EP_DATA_DIR": str(dossier), "EP_RATE_LIMIT": "off", "PYTHONPATH": chemins}
    notres["PYTHONPYCACHEPREFIX"] = str(
        Path(tempfile.gettempdir(), "ep-essais-pyc")
    )  # compiled once, out of the tree
    return gardees | notres | env


@contextmanager
def dossier_court() -> Iterator[Path]:
    dossier = Path(tempfile.mkdtemp(prefix="eps-", dir="/tmp"))
    dossier.chmod(0o755)
    yield dossier
    shutil.rmtree(dossier, ignore_errors=True)


@contextmanager
def un_serveur(dossier: Path, *, workers: int = 2, **env: str) -> Iterator[Serveur]:
    """Load the demo, serve, and stop in the end whatever happened."""
    serveur = Serveur(environnement(dossier, **env), dossier, workers)
    charge = serveur.commande("demo", "--json")
    assert charge.returncode == 0, charge.stderr
    serveur.demo = httpx.Response(200, text=charge.stdout).json()
    try:
        serveur.demarrer()
        yield serveur
    finally:
        if serveur.processus and serveur.processus.poll() is None:
            serveur.arreter()
        if serveur.http:
            serveur.http.close()


@dataclass
class Postgres:
    """A PostgreSQL that somebody else runs, on a port of loopback: for EP_DATABASE_URL."""

    binaires: Path
    dossier: Path
    port: int = field(default_factory=port_libre)
    processus: "subprocess.Popen[bytes] | None" = None

    def url(self, role: str = "proprietaire", base: str = "essai") -> str:
        return f"postgresql://{role}@127.0.0.1:{self.port}/{base}"

    def _lancer(self, *mots: object) -> "subprocess.Popen[bytes]":
        qui: dict[str, Any] = {}
        if os.geteuid() == 0:
            entree = pwd.getpwnam("nobody")
            qui = {"user": entree.pw_uid, "group": entree.pw_gid, "extra_groups": []}
        with (self.dossier / "postgres.log").open("ab") as sortie:
            return subprocess.Popen(
                [str(mot) for mot in mots],
                cwd="/",
                stdout=sortie,
                stderr=sortie,
                env={"PATH": "/usr/bin:/bin"},
                **qui,
            )

    @property
    def grappe(self) -> Path:
        return self.dossier / "externe"

    def creer(self) -> None:
        self.grappe.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(self.grappe, "nobody")
        options = ("-U", "superutilisateur", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        assert self._lancer(self.binaires / "initdb", *options, "-D", self.grappe).wait() == 0
        self.demarrer()
        with psycopg.connect(self.url("superutilisateur", "postgres"), autocommit=True) as base:
            base.execute("CREATE ROLE proprietaire LOGIN CREATEROLE")
            base.execute("CREATE DATABASE essai OWNER proprietaire TEMPLATE template0")

    def demarrer(self) -> None:
        options = ("-p", self.port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=")
        self.processus = self._lancer(self.binaires / "postgres", "-D", self.grappe, *options)
        jusqua(self.repond, 20, "PostgreSQL ne démarre pas")

    def repond(self) -> bool:
        with suppress(psycopg.OperationalError):
            psycopg.connect(self.url("superutilisateur", "postgres"), connect_timeout=2).close()
            return True
        return False

    def arreter(self, signal_: int = signal.SIGINT) -> None:
        if self.processus and self.processus.poll() is None:
            self.processus.send_signal(signal_)
            self.processus.wait(20)
