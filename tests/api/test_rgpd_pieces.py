"""Art. 5, 7.1: the pieces follow their person: in the export, in the erasure, and sooner in the retention."""

import io
import json
import zipfile
from datetime import date, timedelta

import pytest

from app.config import settings
from tests.api import documents
from tests.api.test_conservation import ancienne, vivre
from tests.api.test_nir_nulle_part import travailler
from tests.api.test_pieces import deposer as joindre
from tests.api.test_rgpd import deposer as deposer_pour
from tests.api.test_rgpd import effacer, mot

assert ancienne, vivre  # fixtures


@pytest.fixture
def personne() -> dict[str, str]:
    return {"nom": mot(), "prenom": mot(), "date_naissance": "1957-03-08"}


def ranges(id_: str) -> list[str]:
    """Return the files of the store that belong to a piece."""
    return [str(f) for f in (settings().data_dir / "pieces").rglob("*") if f.is_file() and id_ in str(f)]


@pytest.mark.regle("5-5")
def test_l_export_contient_les_pieces_en_clair_et_l_effacement_les_emporte(api, client_de, base, personne):
    technicien, agent = client_de("t-cias"), client_de("a-orne")
    demande, contenu = deposer_pour(technicien, personne), documents.pdf_texte()
    piece = joindre(technicien, demande, contenu).json()
    autre = joindre(technicien, deposer_pour(technicien, personne | {"prenom": mot()})).json()
    with zipfile.ZipFile(io.BytesIO(agent.post("/v1/assures/export", personne).content)) as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == {"assure.json", f"pieces/{piece['id']}.pdf"}
        assert archive.read(f"pieces/{piece['id']}.pdf") == contenu
        (lue,) = json.loads(archive.read("assure.json"))["demandes"]
    (decrite,) = lue["pieces"]
    assert (decrite["id"], decrite["sha256"]) == (piece["id"], piece["sha256"])
    assert "cle" not in decrite
    lignes = "SELECT count(*) FROM journal WHERE action = 'piece.telechargee' AND ressource_id = :id"
    assert base.valeur(lignes, id=piece["id"]) == 1
    assert ranges(piece["id"])
    assert effacer(agent, personne).status_code == 200
    api.portal.call(travailler)
    assert ranges(piece["id"]) == []
    assert ranges(autre["id"])
    for client in (agent, technicien):
        contenu_lu = client.get(f"/v1/demandes/{demande['id']}/pieces/{piece['id']}/contenu")
        assert contenu_lu.status_code in {404, 409}
    reste = base.lignes("SELECT sha256, cle, taille FROM pieces WHERE id = :id", id=piece["id"])
    assert [tuple(ligne) for ligne in reste] == [(None, None, None)]
    assert base.valeur("SELECT sha256 FROM pieces WHERE id = :id", id=autre["id"])


@pytest.mark.regle("5-5")
@pytest.mark.regle("7-1")
def test_les_pieces_partent_avant_la_personne_et_jamais_avant_la_fin_de_l_annee(
    vivre, client_de, base, ancienne
):
    id_, nom = ancienne("2019-04-18", "2019-06-03", piece=True)
    jour = date(2021, 4, 17)  # a year from the end of the convention's year, on 17 April 2020
    sha = "SELECT sha256 FROM pieces WHERE demande_id = :id"
    assert id_ not in vivre(jour - timedelta(days=1))
    assert base.valeur(sha, id=id_)
    assert id_ in vivre(jour)
    assert base.valeur(sha, id=id_) is None
    assert client_de("a-orne").get(f"/v1/demandes/{id_}").json()["assure"]["nom"] == nom
    assert id_ not in vivre(jour)
