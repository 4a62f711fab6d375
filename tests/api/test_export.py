"""`GET /v1/demandes` as CSV: all that the filters keep, streamed, and nothing of anybody else."""

import csv
import io


def fichier(client, **params):
    reponse = client.appel("GET", "/v1/demandes", params=params, entetes={"Accept": "text/csv"})
    assert reponse.status_code == 200
    assert reponse.headers["content-type"] == "text/csv; charset=utf-8"
    assert reponse.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(reponse.content.decode("utf-8-sig")), delimiter=";"))


def test_l_historique_se_telecharge_entier_dans_l_ordre_de_la_liste(client_de, fabrique):
    structure = fabrique.structure()
    technicien = client_de(structure.techniciens[0])
    deposes = [technicien.deposer()["reference"] for _ in range(7)]
    lignes = fichier(technicien, limite=2)
    assert [ligne["reference"] for ligne in lignes] == deposes[::-1]
    assert lignes[0]["prenom"] == "Ginette"
    assert lignes[0]["statut"] == "deposee"
    assert lignes[0]["auteur"] == "Camille ESSAI"
    assert fichier(technicien, statut="cloturee") == []
    chez_l_agent = [ligne["reference"] for ligne in fichier(client_de("a-orne"))]
    assert set(deposes) <= set(chez_l_agent)
    assert not set(deposes) & {ligne["reference"] for ligne in fichier(client_de("t-asso"))}


def test_une_cellule_ne_devient_pas_une_formule(client_de, fabrique):
    technicien = client_de(fabrique.structure().techniciens[0])
    technicien.deposer(commentaire="=HYPERLINK(1)")
    assert fichier(technicien)[0]["commentaire"] == "'=HYPERLINK(1)"


def test_sans_droit_de_lire_pas_de_fichier(client_de):
    refus = client_de("g-cias").appel("GET", "/v1/demandes", entetes={"Accept": "text/csv"})
    assert (refus.status_code, refus.json()["code"]) == (403, "permission-refusee")
