"""The throttle of sign-ins on the real server: two processes, guesses at the same instant, a restart."""

import uuid
from collections import Counter
from functools import partial

import pytest

from tests.api.test_provenance import FRANCE, MAROC, ecrire_pays
from tests.serveur.machines import Serveur, dossier_court, ensemble, un_serveur


@pytest.fixture(scope="module")
def freine():
    with dossier_court() as dossier:
        ecrire_pays(dossier / "pays.mmdb")
        pays = {"EP_GEOIP_DB": str(dossier / "pays.mmdb"), "EP_EUROPE": "refuser"}
        with un_serveur(dossier, EP_RATE_LIMIT="on", **pays) as ouvert:
            yield ouvert


def essayer(serveur: Serveur, identifiant: str, mot_de_passe: str, agent: str = "attaque/1", **entetes: str):
    demande = {"grant_type": "password", "username": identifiant, "password": mot_de_passe}
    entetes = {"User-Agent": agent} | {nom.replace("_", "-"): valeur for nom, valeur in entetes.items()}
    return serveur.appel("POST", "/v1/oauth/token", data=demande, headers=entetes)


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
    with freine.connexion() as connexion:  # ten failures: a wait longer than any restart
        connexion.execute("INSERT INTO echecs_connexion (cle, le) SELECT cle, le FROM echecs_connexion")
    freine.arreter()
    freine.demarrer()
    assert essayer(freine, victime, bon).status_code == 429  # the right one, from where the attacker is
    assert essayer(freine, victime, bon, "poste/2").status_code == 200  # its holder is not locked out


@pytest.mark.regle("3.1-4")
def test_derriere_un_mandataire_le_territoire_est_celui_de_l_adresse_qu_il_transmet(freine):
    assert freine.appel("GET", "/health/ready").json()["territoire"] == "refuser"
    bon = mot_de_passe(freine, "t-cias-3")
    for transmise, attendu in (
        (FRANCE, 200),
        (MAROC, 400),
        (f"{FRANCE}, {MAROC}", 400),  # what the client wrote itself comes first, and counts for nothing
        (f"{MAROC}, {FRANCE}", 200),
    ):
        reponse = essayer(freine, "t-cias-3", bon, X_Forwarded_For=transmise)
        assert reponse.status_code == attendu, transmise


@pytest.mark.regle("2.1-1")
def test_une_adresse_n_essaie_pas_plus_de_cent_fois_meme_a_plusieurs(freine):
    noms = [f"t-{uuid.uuid4().hex[:8]}" for _ in range(120)]
    reponses = []
    for debut in range(0, len(noms), 30):
        lot = noms[debut : debut + 30]
        reponses += ensemble(
            [partial(essayer, freine, nom, "Printemps", X_Forwarded_For="2.2.2.77") for nom in lot]
        )
    assert statuts(reponses) == {400: 100, 429: 20}
    assert (
        essayer(freine, noms[0], "Printemps", X_Forwarded_For="2.2.2.78").status_code == 400
    )  # its neighbour
