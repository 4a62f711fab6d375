"""Where a call really goes: to the address that was checked, under the name that was given, and no further."""

import asyncio
import socket
import threading

import httpx
import pytest

from app.webhooks import envoi
from app.webhooks.regles import Echec

URL = "https://logiciel.exemple.fr:8443/crochet?x=1"
PUBLIQUE, AUTRE = "93.184.216.34", "1.1.1.1"


class Resolveur:
    """Gives its answers one after the other, as a hostile name server does."""

    def __init__(self, *reponses) -> None:
        self.reponses, self.questions = list(reponses), []

    async def __call__(self, hote, port):
        self.questions.append((hote, port))
        reponse = self.reponses.pop(0)
        if isinstance(reponse, Exception):
            raise reponse
        return reponse


class Transport(httpx.AsyncBaseTransport):
    """Keeps what would have left."""

    def __init__(self, reponse=204, attente=0.0) -> None:
        self.requetes, self.reponse, self.attente = [], reponse, attente

    async def handle_async_request(self, requete):
        self.requetes.append(requete)
        await asyncio.sleep(self.attente)
        if isinstance(self.reponse, Exception):
            raise self.reponse
        return httpx.Response(self.reponse, headers={"Location": "http://127.0.0.1/"})


def envoyer(resolveur, transport=None, url=URL, **reste):
    return asyncio.run(
        envoi.envoyer(
            url,
            {"webhook-id": "x"},
            "{}",
            resolveur=resolveur,
            transport=transport,
            **({"boucle": False} | reste),
        )
    )


def test_l_appel_va_a_l_adresse_verifiee_sous_le_nom_donne():
    resolveur, transport = Resolveur([PUBLIQUE, AUTRE]), Transport()
    assert envoyer(resolveur, transport) == envoi.Resultat(204, None)
    (requete,) = transport.requetes
    assert str(requete.url) == f"https://{PUBLIQUE}:8443/crochet?x=1"
    assert requete.headers["host"] == "logiciel.exemple.fr:8443"
    assert requete.extensions["sni_hostname"] == "logiciel.exemple.fr"
    assert resolveur.questions == [("logiciel.exemple.fr", 8443)]


def test_un_nom_qui_change_d_adresse_n_est_demande_qu_une_fois():
    """DNS rebinding: public when it is checked, loopback an instant later."""
    resolveur, transport = Resolveur([PUBLIQUE], ["127.0.0.1"]), Transport()
    envoyer(resolveur, transport)
    assert len(resolveur.questions) == 1
    assert transport.requetes[0].url.host == PUBLIQUE
    assert envoyer(resolveur, transport) == envoi.Resultat(None, Echec.ADRESSE_INTERDITE)
    assert len(transport.requetes) == 1


@pytest.mark.parametrize(
    "adresses",
    [
        [],
        ["127.0.0.1"],
        ["10.0.0.1"],
        [PUBLIQUE, "169.254.169.254"],
        ["::ffff:93.184.216.34"],
        ["64:ff9b::1"],
        ["fe80::1%2"],
    ],
    ids=str,
)
def test_une_seule_adresse_interdite_interdit_l_appel(adresses):
    transport = Transport()
    assert envoyer(Resolveur(adresses), transport) == envoi.Resultat(None, Echec.ADRESSE_INTERDITE)
    assert transport.requetes == []


@pytest.mark.parametrize(
    "url", ["http://logiciel.exemple.fr/", "https://127.0.0.1/", "https://logiciel.exemple.fr:22/"]
)
def test_une_url_gardee_avant_un_reglage_plus_strict_n_est_plus_appelee(url):
    resolveur, transport = Resolveur([PUBLIQUE]), Transport()
    assert envoyer(resolveur, transport, url) == envoi.Resultat(None, Echec.ADRESSE_INTERDITE)
    assert resolveur.questions == transport.requetes == []


@pytest.mark.parametrize(
    ("reponse", "attendu"),
    [
        (200, (200, None)),
        (302, (302, Echec.REDIRECTION)),
        (307, (307, Echec.REDIRECTION)),
        (404, (404, Echec.REPONSE)),
        (500, (500, Echec.REPONSE)),
        (httpx.ConnectError("refused"), (None, Echec.CONNEXION)),
        (httpx.RemoteProtocolError("garbage"), (None, Echec.CONNEXION)),
        (httpx.ReadTimeout("slow"), (None, Echec.DELAI)),
    ],
    ids=str,
)
def test_ce_que_fait_le_recepteur_est_dit_et_rien_ne_leve(reponse, attendu):
    transport = Transport(reponse)
    assert envoyer(Resolveur([PUBLIQUE]), transport) == envoi.Resultat(*attendu)
    assert len(transport.requetes) == 1


def test_un_nom_inconnu_est_dit():
    echec = socket.gaierror(socket.EAI_NONAME, "unknown")
    assert envoyer(Resolveur(echec), Transport()) == envoi.Resultat(None, Echec.NOM_INCONNU)


def test_un_recepteur_qui_traine_est_abandonne_au_bout_du_delai(monkeypatch):
    monkeypatch.setattr(envoi, "DELAI_S", 0.1)
    transport = Transport(attente=5)
    assert envoyer(Resolveur([PUBLIQUE]), transport) == envoi.Resultat(None, Echec.DELAI)


def test_un_recepteur_qui_repond_sans_fin_n_est_pas_ecoute():
    """A body without end is never read: the status is enough."""
    prise = socket.create_server(("127.0.0.1", 0))
    envoyes = []

    def inonder():
        connexion, _ = prise.accept()
        connexion.recv(65536)
        connexion.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while True:
                envoyes.append(connexion.send(b"4000\r\n" + b"x" * 0x4000 + b"\r\n"))
        except OSError:
            connexion.close()

    fil = threading.Thread(target=inonder)
    fil.start()
    url = f"http://127.0.0.1:{prise.getsockname()[1]}/"
    assert envoyer(Resolveur(["127.0.0.1"]), None, url, boucle=True) == envoi.Resultat(200, None)
    fil.join(10)
    prise.close()
    assert not fil.is_alive()
    assert sum(envoyes) < 50_000_000
