"""Pieces on the real server: two processes, slow clients, crowds and deaths."""

import hashlib
import os
import signal
import socket
import threading
import time
from contextlib import ExitStack, suppress

import httpx
import pytest

from app.pieces.regles import NOMBRE_MAXIMAL, TAILLE_MAXIMALE
from tests.api.documents import pdf_texte
from tests.serveur.machines import Appelant, cle, ensemble, jusqua

LENTS = 24  # more than the connections that both processes have


def deposer(client: Appelant, demande: str, contenu: bytes, **entetes: str) -> httpx.Response:
    return client.http.post(
        f"/v1/demandes/{demande}/pieces",
        files={"fichier": ("piece.pdf", contenu, "application/pdf")},
        data={"nature": "courrier"},
        headers={"Authorization": f"Bearer {client.jeton}"} | entetes,
    )


@pytest.mark.regle("3.1-1")
def test_dix_pieces_au_plus_meme_toutes_ensemble(serveur):
    technicien = serveur.client("t-cias")
    demande = technicien.deposer()["id"]
    envois = [pdf_texte(str(rang).encode()) for rang in range(NOMBRE_MAXIMAL + 4)]
    reponses = ensemble([lambda contenu=c: deposer(technicien, demande, contenu) for c in envois])
    assert sorted(r.status_code for r in reponses) == [201] * NOMBRE_MAXIMAL + [409] * 4
    assert serveur.valeur("SELECT count(*) FROM pieces WHERE demande_id = %s", demande) == NOMBRE_MAXIMAL


def test_la_meme_cle_en_meme_temps_fait_une_piece(serveur):
    technicien, cle_ = serveur.client("t-cias"), cle()
    demande = technicien.deposer()["id"]
    contenu = pdf_texte(b"une")
    reponses = ensemble(
        [lambda: deposer(technicien, demande, contenu, **{"Idempotency-Key": cle_}) for _ in range(4)]
    )
    bonnes = [r.json()["id"] for r in reponses if r.status_code == 201]
    assert {r.status_code for r in reponses} <= {201, 409}
    assert len(set(bonnes)) == 1
    assert serveur.valeur("SELECT count(*) FROM pieces WHERE demande_id = %s", demande) == 1


def test_des_clients_lents_n_epuisent_pas_les_connexions(serveur):
    technicien = serveur.client("t-cias")
    demande = technicien.deposer()["id"]
    entete = (
        f"POST /v1/demandes/{demande}/pieces HTTP/1.1\r\nHost: essai\r\nAuthorization: Bearer {technicien.jeton}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000\r\n\r\n"
        '--x\r\nContent-Disposition: form-data; name="fichier"\r\n\r\n%PDF-1.7'
    )
    with ExitStack() as pile:
        for _ in range(LENTS):
            prise = pile.enter_context(socket.create_connection(("127.0.0.1", serveur.port)))
            prise.sendall(entete.encode())
        time.sleep(1)
        reponses = ensemble([lambda: technicien.get(f"/v1/demandes/{demande}") for _ in range(8)])
        assert [r.status_code for r in reponses] == [200] * 8
        ouvertes = "application_name = 'espace-partenaires' AND state LIKE 'idle in%%'"
        occupees = serveur.valeur(f"SELECT count(*) FROM pg_stat_activity WHERE {ouvertes}")
        assert occupees < LENTS / 4
    depots = serveur.dossier / "depots"
    jusqua(lambda: list(depots.iterdir()) == [], 10)


def test_un_refus_se_lit_meme_par_un_client_qui_ecrit_encore(serveur):
    technicien = serveur.client("t-cias")
    demande = technicien.deposer()["id"]
    trop = deposer(technicien, demande, bytes(TAILLE_MAXIMALE + 1))
    assert (trop.status_code, trop.json()["code"]) == (413, "piece-trop-grande")
    inconnue = deposer(technicien, "01981f6e-0000-7000-8000-00000000dead", bytes(TAILLE_MAXIMALE))
    assert (inconnue.status_code, inconnue.json()["code"]) == (404, "introuvable")


def test_des_morts_pendant_les_depots_ne_laissent_ni_ligne_sans_fichier_ni_orphelin(serveur):
    technicien, fini, recues = serveur.client("t-cias"), threading.Event(), {}

    def envoyer(rang: int) -> None:
        tour = 0
        while not fini.is_set():
            tour += 1
            contenu = pdf_texte(f"{rang}/{tour}".encode())
            with suppress(httpx.TransportError):
                demande = technicien.deposer()["id"]
                reponse = deposer(technicien, demande, contenu, **{"Idempotency-Key": cle()})
                if reponse.status_code == 201:
                    recues[reponse.json()["id"]] = (demande, contenu)

    fils = [threading.Thread(target=envoyer, args=(rang,)) for rang in range(6)]
    for fil in fils:
        fil.start()
    for mort in range(3):  # each once some pieces more have come, however busy the machine is
        jusqua(lambda attendues=2 * mort + 2: len(recues) >= attendues, 60)
        os.kill(jusqua(serveur.ouvriers, 20)[0], signal.SIGKILL)
    fini.set()
    for fil in fils:
        fil.join()
    jusqua(lambda: len(serveur.ouvriers()) == 2 and serveur.pret(), 20)

    assert len(recues) >= 6
    dossier = serveur.dossier / "pieces"
    lignes = {str(i): s for i, s in serveur.lignes("SELECT id, sha256 FROM pieces WHERE cle IS NOT NULL")}
    assert set(recues) <= set(lignes)
    assert [i for i in lignes if not (dossier / i).exists()] == []
    for id_, (demande, contenu) in recues.items():
        assert lignes[id_] == hashlib.sha256(contenu).hexdigest()
        assert technicien.get(f"/v1/demandes/{demande}/pieces/{id_}/contenu").content == contenu
    for fichier in [dossier / f"{cle()}", *dossier.iterdir()]:  # one orphan at least, and all of them old
        fichier.touch()
        os.utime(fichier, (time.time() - 7200,) * 2)
    balai = serveur.commande("pieces", "sweep")
    assert (balai.returncode, "0 missing" in balai.stdout) == (0, True), balai.stdout + balai.stderr
    assert {f.name for f in dossier.iterdir()} == set(lignes)
