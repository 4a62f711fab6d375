"""Art. 3.1: what the antivirus did not see, nobody opens; what it refuses, nobody ever will."""

from types import SimpleNamespace

import pytest

from app.kit import antivirus
from app.pieces.jobs import analyser_en_attente
from tests.api import documents
from tests.api.clamd import Clamd
from tests.api.courrier import courriers, travailler
from tests.api.test_pieces import code, deposer
from tests.api.test_pieces_fichiers import fichier


@pytest.fixture(scope="module")
def clamd():
    serveur = Clamd()
    serveur.demarrer()
    yield serveur
    serveur.fermer()


@pytest.fixture
def branche(clamd, monkeypatch):
    """The application, with an antivirus."""
    monkeypatch.setattr("app.kit.antivirus.settings", lambda: SimpleNamespace(clamd_url=clamd.url))


@pytest.fixture
def demande(client_de):
    return client_de("t-cias").deposer(caisse="611")


async def morceaux(contenu, taille=100_000):
    for debut in range(0, len(contenu), taille):
        yield contenu[debut : debut + taille]


def evenements(base, piece_id):
    lignes = base.lignes("SELECT type FROM evenements WHERE ressource_id = :p ORDER BY numero", p=piece_id)
    return [ligne.type for ligne in lignes]


@pytest.mark.regle("3.1-2")
@pytest.mark.parametrize("adresse", ["url", "url_tcp"])
def test_clamd_repond_par_les_deux_prises(api, clamd, monkeypatch, adresse):
    reglages = SimpleNamespace(clamd_url=getattr(clamd, adresse))
    monkeypatch.setattr("app.kit.antivirus.settings", lambda: reglages)
    vu = [
        api.portal.call(antivirus.infected, morceaux(contenu))
        for contenu in (documents.pdf_texte(), documents.pdf_infecte(), bytes(10 * 2**20))
    ]
    assert vu == [False, True, False]
    with pytest.raises(antivirus.Unavailable):  # past its own limit it has not looked: that is not « clean »
        api.portal.call(antivirus.infected, morceaux(bytes(12 * 2**20)))


@pytest.mark.regle("3.1-2")
def test_une_piece_saine_est_acceptee(client_de, demande, branche):
    piece = deposer(client_de("t-cias"), demande).json()
    assert (piece["statut"], piece["antivirus"]) == ("acceptee", "saine")


@pytest.mark.regle("3.1-2")
def test_une_piece_infectee_est_refusee_journalisee_et_son_deposant_prevenu(
    api, client_de, demande, branche, base
):
    technicien, agent = client_de("t-cias"), client_de("a-orne")
    refus = deposer(technicien, demande, documents.pdf_infecte())
    assert code(refus) == (422, "piece-infectee")
    (piece,) = agent.get(f"/v1/demandes/{demande['id']}/pieces").json()["donnees"]
    assert (piece["statut"], piece["motif_refus"], piece["antivirus"]) == ("refusee", "infectee", "infectee")
    assert not fichier(piece).exists()
    for client in (technicien, agent):
        contenu = client.get(f"/v1/demandes/{demande['id']}/pieces/{piece['id']}/contenu")
        assert (*code(contenu), contenu.json()["statut"]) == (409, "piece-indisponible", "refusee")
    assert evenements(base, piece["id"]) == ["piece.deposee", "piece.refusee"]
    actions = base.lignes("SELECT action FROM journal WHERE ressource_id = :p ORDER BY numero", p=piece["id"])
    assert [a.action for a in actions] == ["piece.deposee", "piece.refusee"]
    travailler(api)
    siens = [m for m in courriers("t-cias@cias.example") if demande["reference"] in m["Subject"]]
    (mail,) = [m for m in siens if "pièce refusée" in m["Subject"]]
    assert demande["assure"]["nom"] not in mail.get_content()


@pytest.mark.regle("3.1-2")
@pytest.mark.parametrize("infectee", [False, True])
def test_sans_antivirus_la_piece_attend_illisible_puis_est_jugee(
    api, client_de, demande, clamd, branche, base, infectee
):
    technicien, agent = client_de("t-cias"), client_de("a-orne")
    contenu = documents.pdf_infecte() if infectee else documents.pdf_texte()
    clamd.arreter()
    try:
        piece = deposer(technicien, demande, contenu).json()
        assert (piece["statut"], piece["antivirus"]) == ("en_analyse", "en_attente")
        chemin = f"/v1/demandes/{demande['id']}/pieces/{piece['id']}"
        for client in (technicien, agent):
            assert code(client.get(f"{chemin}/contenu")) == (409, "piece-indisponible")
        api.portal.call(analyser_en_attente, 0)  # still away: nothing is decided
        assert agent.get(chemin).json()["statut"] == "en_analyse"
        assert evenements(base, piece["id"]) == ["piece.deposee"]
    finally:
        clamd.demarrer()
    api.portal.call(analyser_en_attente, 0)
    lue = agent.get(chemin).json()
    assert lue["analysee_le"]
    assert agent.get(chemin).headers["etag"] != '"1"'
    if infectee:
        assert (lue["statut"], lue["motif_refus"]) == ("refusee", "infectee")
        assert code(agent.get(f"{chemin}/contenu")) == (409, "piece-indisponible")
        travailler(api)
        assert not fichier(piece).exists()
        assert evenements(base, piece["id"]) == ["piece.deposee", "piece.refusee"]
    else:
        assert (lue["statut"], lue["antivirus"]) == ("acceptee", "saine")
        assert agent.get(f"{chemin}/contenu").content == contenu
        assert evenements(base, piece["id"]) == ["piece.deposee", "piece.acceptee"]


@pytest.mark.regle("3.1-2")
def test_une_piece_effacee_pendant_son_attente_n_est_plus_jugee(
    api, client_de, demande, monkeypatch, base, clamd
):
    technicien = client_de("t-cias")
    absent = SimpleNamespace(clamd_url="unix:///nulle/part")
    monkeypatch.setattr("app.kit.antivirus.settings", lambda: absent)
    piece = deposer(technicien, demande).json()
    technicien.post(f"/v1/demandes/{demande['id']}/retrait-consentement", {"date": "2026-02-01"})
    monkeypatch.setattr("app.kit.antivirus.settings", lambda: SimpleNamespace(clamd_url=clamd.url))
    api.portal.call(analyser_en_attente, 0)
    travailler(api)
    assert evenements(base, piece["id"]) == ["piece.deposee", "piece.effacee"]
