"""Measure deposits of pieces: `python -m bench.pieces [--clients 20] [--tours 3]`.

Starts a server of one process on a folder of its own, has every client deposit a piece of 10 MiB at once, and prints
the memory of the server (itself and its sandbox) before, at the peak and after, and the rate of the deposits over
that of a plain write of the same bytes with its flush, on the same disk, side by side.
"""

import argparse
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from app.pieces.regles import TAILLE_MAXIMALE
from tests.api.documents import jpeg
from tests.serveur.machines import Serveur, dossier_court, enfants, un_serveur

MIB = 2**20


def piece() -> bytes:
    """Return a legible JPEG of exactly 10 MiB: a page, and comments that no reader shows."""
    image = jpeg()
    segment = b"\xff\xfe\xff\xff" + os.urandom(65_533)
    entiers, fin = divmod(TAILLE_MAXIMALE - len(image), len(segment))
    dernier = b"\xff\xfe" + (fin - 2).to_bytes(2, "big") + bytes(fin - 4)
    return image[:2] + segment * entiers + dernier + image[2:]


def memoire(racine: int) -> int:
    """Return the resident memory of a process and of those that it started, bytes; shared pages count in each."""
    total, pile = 0, [racine]
    while pile:
        pid = pile.pop()
        try:
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            pile += enfants(pid)
        except OSError:
            continue
    return total


class Sonde(threading.Thread):
    """Watches the memory until it is told to stop."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.sommet, self.fini = pid, 0, threading.Event()

    def run(self) -> None:
        while not self.fini.wait(0.02):
            self.sommet = max(self.sommet, memoire(self.pid))


def ecrire_simplement(dossier: Path, contenu: bytes, nombre: int) -> float:
    debut = time.perf_counter()
    for rang in range(nombre):
        with (dossier / f"simple-{rang}").open("wb") as fichier:
            fichier.write(contenu)
            fichier.flush()
            os.fsync(fichier.fileno())
    duree = time.perf_counter() - debut
    for rang in range(nombre):
        (dossier / f"simple-{rang}").unlink()
    return duree


def deposer(serveur: Serveur, jeton: str, demande: str, contenu: bytes) -> None:
    reponse = serveur.appel(
        "POST",
        f"/v1/demandes/{demande}/pieces",
        files={"fichier": ("p.jpg", contenu, "image/jpeg")},
        data={"nature": "courrier"},
        headers={"Authorization": f"Bearer {jeton}"},
        timeout=300,
    )
    assert reponse.status_code == 201, reponse.text


def mesurer(serveur: Serveur, clients: int, tours: int) -> None:
    assert serveur.processus
    technicien, contenu, pid = serveur.client("t-cias"), piece(), serveur.processus.pid
    deposer(
        serveur, technicien.jeton, technicien.deposer()["id"], contenu
    )  # the sandbox has loaded its parsers
    avant = memoire(pid)
    for tour in range(tours):
        demandes = [technicien.deposer()["id"] for _ in range(clients)]
        sonde, debut = Sonde(pid), time.perf_counter()
        sonde.start()
        with ThreadPoolExecutor(clients) as fils:
            list(fils.map(lambda d: deposer(serveur, technicien.jeton, d, contenu), demandes))
        duree = time.perf_counter() - debut
        sonde.fini.set()
        sonde.join()
        simple = ecrire_simplement(serveur.dossier, contenu, clients)
        volume = clients * len(contenu) / MIB
        print(
            f"round {tour + 1}: memory {avant / MIB:.0f} MiB before, {sonde.sommet / MIB:.0f} at the peak,"
            f" {memoire(pid) / MIB:.0f} after; {volume / duree:.1f} MiB/s deposited,"
            f" {volume / simple:.1f} MiB/s plainly written: {duree / simple:.1f} times as long"
        )


def main(arguments: Any = None) -> None:
    lecteur = argparse.ArgumentParser()
    lecteur.add_argument("--clients", type=int, default=20)
    lecteur.add_argument("--tours", type=int, default=3)
    options = lecteur.parse_args(arguments)
    with dossier_court() as dossier, un_serveur(dossier, workers=1) as serveur:
        mesurer(serveur, options.clients, options.tours)


if __name__ == "__main__":
    main()
