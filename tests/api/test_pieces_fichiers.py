"""Art. 3.1, 5.5: the files of the pieces: sealed, deleted after their rows, swept, their keys rotated."""

import asyncio
import os
import time
import uuid
from types import SimpleNamespace

import pytest
from moto.server import ThreadedMotoServer

from app.config import settings
from app.kit import sealing, storage
from app.pieces import fichiers
from tests.api import documents
from tests.api.courrier import travailler
from tests.api.test_pieces import code, deposer

TRAME = sealing.FRAME + sealing.TAG


def fichier(piece):
    return settings().data_dir / "pieces" / piece["id"]


def chemin(piece):
    return f"/v1/demandes/{piece['demande_id']}/pieces/{piece['id']}"


@pytest.fixture
def technicien(client_de):
    return client_de("t-cias")


@pytest.fixture
def piece(technicien):
    """A piece of several frames."""
    image = documents.photo(documents.feuille((1240, 1754)))
    return deposer(technicien, technicien.deposer(caisse="611"), documents.jpeg(image, 95)).json()


def vieillir(fichier_, heures=2):
    passe = time.time() - heures * 3600
    os.utime(fichier_, (passe, passe))


@pytest.mark.regle("5-2")
@pytest.mark.regle("5-6")
def test_rien_n_est_en_clair_sur_le_disque(technicien):
    """A document may hold a NIR: nothing but its readers may read it, nor the name of its file."""
    nir = b"2570361001003 42"
    demande = technicien.deposer(caisse="611")
    piece = deposer(technicien, demande, documents.pdf_clair(nir), nom="257036100100342.pdf").json()
    assert technicien.get(f"{chemin(piece)}/contenu").content == documents.pdf_clair(nir)
    assert "257036100100342" not in str(technicien.get(chemin(piece)).json())
    for dossier in ("pieces", "depots", "mails"):
        for trouve in (settings().data_dir / dossier).rglob("*"):
            scelle = trouve.is_file() and not trouve.name.startswith(storage.PUBLIC)  # a guide is everybody's
            contenu = trouve.read_bytes() if scelle else b""
            assert nir not in contenu
            assert b"%PDF" not in contenu
    assert list((settings().data_dir / "depots").iterdir()) == []
    for dossier in ("pieces", "depots"):
        assert (settings().data_dir / dossier).stat().st_mode & 0o077 == 0


def trames(octets):
    return [octets[debut : debut + TRAME] for debut in range(0, len(octets), TRAME)]


ALTERATIONS = {
    "un bit": lambda t: [bytes([t[0][0] ^ 1]) + t[0][1:], *t[1:]],
    "la fin coupée": lambda t: t[:-1],
    "le milieu coupé": lambda t: [*t[:-1], t[-1][:-1]],
    "deux trames échangées": lambda t: [t[1], t[0], *t[2:]],
    "une trame répétée": lambda t: [t[0], *t],
    "une trame ôtée": lambda t: t[1:],
    "rien": lambda t: [],
}


@pytest.mark.parametrize("alterer", ALTERATIONS.values(), ids=ALTERATIONS)
@pytest.mark.parametrize("taille", [3 * sealing.FRAME, 2 * sealing.FRAME + 5])
def test_des_trames_alterees_ne_s_ouvrent_pas(taille, alterer):
    """A flow that ends early is an error, not a shorter document, even when it is cut between two frames."""
    cle, nom, clair = sealing.new_key(), uuid.uuid4().bytes, os.urandom(taille)

    async def flux(*morceaux):
        for morceau in morceaux:
            yield morceau

    async def ouvrir(scelle):
        return b"".join([trame async for trame in sealing.unseal(cle, nom, flux(*scelle))])

    async def sceller():
        return [trame async for trame in sealing.seal(cle, nom, flux(clair))]

    scelle = asyncio.run(sceller())
    assert asyncio.run(ouvrir(scelle)) == clair
    with pytest.raises(sealing.Altered):
        asyncio.run(ouvrir(alterer(scelle)))


@pytest.mark.parametrize("alterer", ALTERATIONS.values(), ids=ALTERATIONS)
def test_un_contenu_altere_ne_se_lit_pas_jusqu_au_bout(technicien, piece, alterer):
    entier = fichier(piece).read_bytes()
    assert len(trames(entier)) > 2
    fichier(piece).write_bytes(b"".join(alterer(trames(entier))))
    reponse = technicien.get(f"{chemin(piece)}/contenu")
    assert reponse.status_code == 503 or len(reponse.content) < piece["taille"]
    fichier(piece).write_bytes(entier)
    assert len(technicien.get(f"{chemin(piece)}/contenu").content) == piece["taille"]


def test_le_contenu_d_une_piece_n_ouvre_pas_sous_le_nom_d_une_autre(technicien, piece, base):
    autre = deposer(technicien, technicien.deposer(caisse="611")).json()
    entier, cle = fichier(autre).read_bytes(), "SELECT cle FROM pieces WHERE id = :id"
    sienne = base.valeur(cle, id=autre["id"])
    fichier(autre).write_bytes(fichier(piece).read_bytes())
    base.ecrire(  # even with its key
        "UPDATE pieces SET cle = (SELECT cle FROM pieces WHERE id = :une) WHERE id = :autre",
        une=piece["id"],
        autre=autre["id"],
    )
    assert code(technicien.get(f"{chemin(autre)}/contenu")) == (503, "service-indisponible")
    base.ecrire("UPDATE pieces SET cle = :cle WHERE id = :id", cle=sienne, id=autre["id"])
    fichier(autre).write_bytes(entier)
    assert technicien.get(f"{chemin(autre)}/contenu").status_code == 200


def test_un_fichier_absent_est_signale_une_fois_et_la_lecture_refusee(api, technicien, piece, base):
    entier = fichier(piece).read_bytes()
    fichier(piece).unlink()
    assert code(technicien.get(f"{chemin(piece)}/contenu")) == (503, "service-indisponible")
    bilans = [api.portal.call(fichiers.balayer) for _ in range(2)]
    assert [uuid.UUID(piece["id"]) in bilan.absents for bilan in bilans] == [True, True]
    lignes = base.lignes(
        "SELECT role FROM journal WHERE ressource_id = :p AND action = 'piece.fichier_absent'", p=piece["id"]
    )
    assert [ligne.role for ligne in lignes] == ["systeme"]
    fichier(piece).write_bytes(entier)
    assert uuid.UUID(piece["id"]) not in api.portal.call(fichiers.balayer).absents


def test_le_balayage_supprime_ce_que_personne_ne_veut_et_rien_d_autre(api, technicien, piece):
    dossier = settings().data_dir / "pieces"
    inconnu, recent, etranger = (
        dossier / str(uuid.uuid4()),
        dossier / str(uuid.uuid4()),
        dossier / "notes.txt",
    )
    inacheve = dossier / f"{uuid.uuid4()}#1"
    for trouve in (inconnu, recent, etranger, inacheve):
        trouve.write_bytes(b"x")
    for trouve in (inconnu, etranger, inacheve, fichier(piece)):
        vieillir(trouve)

    def a_blanc():
        return fichiers.balayer(a_blanc=True)

    annonces = api.portal.call(a_blanc).orphelins
    assert {str(inconnu.name), "notes.txt"} <= set(annonces)
    assert inconnu.exists()
    api.portal.call(fichiers.balayer)
    assert [f.exists() for f in (inconnu, etranger, inacheve, recent, fichier(piece))] == [
        False,
        False,
        False,
        True,
        True,
    ]
    recent.unlink()


def test_le_balayage_finit_un_effacement_que_son_travail_a_laisse(api, technicien, piece, base):
    technicien.post(f"/v1/demandes/{piece['demande_id']}/retrait-consentement", {"date": "2026-02-01"})
    base.ecrire("DELETE FROM procrastinate_jobs WHERE task_name = 'pieces.supprimer_fichier'")
    assert fichier(piece).exists()
    api.portal.call(fichiers.balayer)
    assert not fichier(piece).exists()
    api.portal.call(fichiers.balayer)
    travailler(api)
    efface = "SELECT count(*) FROM evenements WHERE ressource_id = :p AND type = 'piece.effacee'"
    assert base.valeur(efface, p=piece["id"]) == 1


def test_les_cles_tournent_sans_toucher_aux_fichiers(api, technicien, piece, base, monkeypatch):
    avant, octets = (
        base.valeur("SELECT kid FROM pieces WHERE id = :p", p=piece["id"]),
        fichier(piece).read_bytes(),
    )
    trousseau = sealing.Keyring([b"n" * 40, sealing.derived("pieces")])
    for module in ("app.pieces.contenus", "app.pieces.fichiers"):
        monkeypatch.setattr(f"{module}.keyring", lambda: trousseau)
    assert technicien.get(f"{chemin(piece)}/contenu").status_code == 200  # the former one still opens
    rotation = api.portal.call(fichiers.tourner_les_cles)
    assert rotation.faites >= 1
    assert rotation.perdues == 0
    apres = base.valeur("SELECT kid FROM pieces WHERE id = :p", p=piece["id"])
    assert (apres != avant, apres) == (True, trousseau.current)
    assert fichier(piece).read_bytes() == octets
    neuf = sealing.Keyring([b"n" * 40])
    monkeypatch.setattr("app.pieces.contenus.keyring", lambda: neuf)
    assert len(technicien.get(f"{chemin(piece)}/contenu").content) == piece["taille"]
    assert technicien.get(chemin(piece)).headers["etag"] == '"1"'
    seul = sealing.Keyring([b"z" * 40])  # a key that was lost: told, and nothing is changed
    monkeypatch.setattr("app.pieces.fichiers.keyring", lambda: seul)
    perdues = api.portal.call(fichiers.tourner_les_cles)
    assert (perdues.faites, perdues.perdues >= 1) == (0, True)
    retour = sealing.Keyring([sealing.derived("pieces"), b"n" * 40])
    monkeypatch.setattr("app.pieces.fichiers.keyring", lambda: retour)
    assert api.portal.call(fichiers.tourner_les_cles).perdues == 0


@pytest.fixture
def seau(monkeypatch):
    """A bucket of S3, on the loopback."""
    serveur = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    serveur.start()
    hote, port = serveur.get_host_and_port()
    reglages = {
        "AWS_ENDPOINT_URL": f"http://{hote}:{port}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "essai",
        "AWS_SECRET_ACCESS_KEY": "essai",
        "AWS_REGION": "us-east-1",
    }
    for nom, valeur in reglages.items():
        monkeypatch.setenv(nom, valeur)
    adresse = SimpleNamespace(storage_url="s3://pieces/ep", data_dir=settings().data_dir)
    monkeypatch.setattr("app.kit.storage.settings", lambda: adresse)
    storage.store.cache_clear()
    import httpx

    assert httpx.put(f"http://{hote}:{port}/pieces", trust_env=False).status_code == 200
    yield serveur
    storage.store.cache_clear()
    serveur.stop()


def test_le_meme_parcours_dans_un_seau_s3(api, technicien, seau, monkeypatch, base):
    grande = documents.jpeg(documents.photo(documents.feuille((2480, 3508))), 98)
    demande = technicien.deposer(caisse="611")
    piece = deposer(technicien, demande, grande).json()
    assert not fichier(piece).exists()
    assert technicien.get(f"{chemin(piece)}/contenu").content == grande
    technicien.post(f"/v1/demandes/{demande['id']}/retrait-consentement", {"date": "2026-02-01"})
    travailler(api)

    async def noms():
        return [nom async for nom, _ in storage.listed()]

    assert api.portal.call(noms) == []
    api.portal.call(storage.ping)
    assert api.portal.call(noms) == []
    seau.stop()  # the store is away: refused, and nothing is written
    assert code(deposer(technicien, technicien.deposer(caisse="611"))) == (503, "service-indisponible")


def test_un_seau_qui_n_existe_pas_n_est_pas_joignable(api, seau, monkeypatch):
    ailleurs = SimpleNamespace(storage_url="s3://inconnu", data_dir=settings().data_dir)
    monkeypatch.setattr("app.kit.storage.settings", lambda: ailleurs)
    storage.store.cache_clear()
    with pytest.raises(storage.Unreachable):
        api.portal.call(storage.ping)
