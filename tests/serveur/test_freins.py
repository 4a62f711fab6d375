"""The throttle of sign-ins on the real server: two processes, guesses at the same instant, a restart."""

import uuid
from collections import Counter
from functools import partial

import pytest

from tests.serveur.machines import Serveur, dossier_court, ensemble, un_serveur


@pytest.fixture(scope="module")
def freine():
    with dossier_court() as dossier, un_serveur(dossier, EP_RATE_LIMIT="on") as ouvert:
        yield ouvert


def essayer(serveur: Serveur, identifiant: str, mot_de_passe: str, agent: str = "attaque/1"):
    demande = {"grant_type": "password", "username": identifiant, "password": mot_de_passe}
    return serveur.appel("POST", "/v1/oauth/token", data=demande, headers={"User-Agent": agent})


def mot_de_passe(serveur: Serveur, identifiant: str) -> str:
    return next(c["mot_de_passe"] for c in serveur.demo["comptes"] if c["identifiant"] == identifiant)


def statuts(reponses) -> Counter[int]:
    return Counter(reponse.status_code for reponse in reponses)


@pytest.mark.regle("2.1-1")
def test_quarante_essais_au_meme_instant_n_en_passent_que_cinq_et_un_redemarrage_n_oublie_rien(freine):
    victime, bon = "t-cias-2", mot_de_passe(freine, "t-cias-2")
    assert essayer(freine, victime, bon, "poste/1").status_code == 200  # its own device is known from now on
    reponses = ensemble([partial(essayer, freine, victime, f"essai numéro {n}") for n in range(40)])
    assert statuts(reponses) == {400: 5, 429: 35}
    assert all(1 <= int(r.headers["retry-after"]) <= 30 for r in reponses if r.status_code == 429)
    inconnu = f"t-{uuid.uuid4().hex[:8]}"
    assert statuts(ensemble([partial(essayer, freine, inconnu, "essai") for _ in range(20)])) == {
        400: 5,
        429: 15,
    }
    freine.arreter()
    freine.demarrer()
    assert essayer(freine, victime, bon).status_code == 429  # the right one, from where the attacker is
    assert essayer(freine, victime, bon, "poste/2").status_code == 200  # its holder is not locked out


@pytest.mark.regle("2.1-1")
def test_une_adresse_n_essaie_pas_plus_de_cent_fois_meme_a_plusieurs(freine):
    deja = freine.valeur("SELECT count(*) FROM echecs_connexion WHERE cle = (%s)", _adresse(freine))
    noms = [f"t-{uuid.uuid4().hex[:8]}" for _ in range(100 - deja + 20)]
    reponses = []
    for debut in range(0, len(noms), 30):
        lot = noms[debut : debut + 30]
        reponses += ensemble([partial(essayer, freine, nom, "Printemps") for nom in lot])
    assert statuts(reponses) == {400: 100 - deja, 429: 20}


def _adresse(serveur: Serveur) -> str:
    """The count of this machine: the key that has the most failures."""
    return serveur.valeur("SELECT cle FROM echecs_connexion GROUP BY cle ORDER BY count(*) DESC LIMIT 1")
