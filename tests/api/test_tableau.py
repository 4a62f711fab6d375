"""Art. 4.2: the table of habilitations, up to date, in JSON and in CSV."""

import csv
import io
import uuid

import pytest

from app.habilitations.schemas_revue import LigneTableau
from app.kit.clock import today
from app.kit.csv import cell, wanted

CHEMIN = "/v1/tableau-habilitations"
COLONNES = list(LigneTableau.model_fields)


@pytest.fixture
def structure(fabrique):
    return fabrique.structure(
        techniciens=2, gestionnaires=1, raison_sociale=f"Structure {uuid.uuid4().hex[:8]}"
    )


def tout(client, **params):
    """Every line, page after page."""
    lignes, curseur = [], {}
    while True:
        page = client.get(CHEMIN, **params, **curseur).json()
        lignes += page["donnees"]
        if page["curseur_suivant"] is None:
            return lignes
        curseur = {"curseur": page["curseur_suivant"]}


def en_csv(client, accept="text/csv"):
    reponse = client.appel("GET", CHEMIN, entetes={"Accept": accept})
    assert reponse.status_code == 200
    assert reponse.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(reponse.content.decode("utf-8-sig"), newline=""), delimiter=";"))


@pytest.mark.regle("4.2-2")
def test_le_tableau_dit_a_tout_moment_chaque_compte_de_la_structure(client_de, structure, base):
    gestionnaire, technicien = client_de(structure.gestionnaires[0]), client_de(structure.techniciens[0])
    lignes = {ligne["identifiant"]: ligne for ligne in tout(gestionnaire)}
    assert set(lignes) == {*structure.techniciens, *structure.gestionnaires}
    assert all(list(ligne) == COLONNES for ligne in lignes.values())
    ligne = lignes[structure.techniciens[0]]
    assert (ligne["partenaire_id"], ligne["role"], ligne["statut"]) == (structure.id, "technicien", "actif")
    assert ligne["raison_sociale"].startswith("Structure ")
    assert ligne["derniere_connexion_le"]
    id_ = technicien.get("/v1/moi").json()["compte"]["id"]
    gestionnaire.post(f"/v1/techniciens/{id_}/inactivation", {"motif": "Départ"})
    base.ecrire(
        "UPDATE comptes SET fin_prevue_le = :j WHERE identifiant = :i", j=today(), i=structure.techniciens[1]
    )
    apres = {ligne["identifiant"]: ligne for ligne in tout(gestionnaire, limite=1)}
    inactif = apres[structure.techniciens[0]]
    assert (inactif["statut"], inactif["motif_inactivation"]) == ("inactif", "Départ")
    assert apres[structure.techniciens[1]]["statut"] == "inactif"
    base.ecrire("UPDATE comptes SET supprime_le = :j WHERE id = :id", j=today(), id=id_)
    assert {ligne["identifiant"] for ligne in tout(gestionnaire)} == set(lignes) - {structure.techniciens[0]}


@pytest.mark.regle("4.2-2")
def test_le_fichier_dit_la_meme_chose_que_la_liste(client_de, structure, base):
    gestionnaire = client_de(structure.gestionnaires[0])
    reponse = gestionnaire.appel("GET", CHEMIN, entetes={"Accept": "text/csv"})
    assert reponse.headers["content-type"] == "text/csv; charset=utf-8"
    nom = f"tableau-habilitations-{today().isoformat()}.csv"
    assert reponse.headers["content-disposition"] == f'attachment; filename="{nom}"'
    assert reponse.headers["vary"] == "Accept"
    assert reponse.content.decode("utf-8-sig").splitlines()[0] == ";".join(COLONNES)
    ecrits = {None: "", True: "true", False: "false"}
    attendus = [
        {cle: ecrits.get(valeur, valeur) for cle, valeur in ligne.items()} for ligne in tout(gestionnaire)
    ]
    par_nom = {ligne["identifiant"]: ligne for ligne in en_csv(gestionnaire)}
    assert par_nom == {ligne["identifiant"]: ligne for ligne in attendus}


@pytest.mark.regle("4.2-2")
def test_une_cellule_n_est_jamais_une_formule(client_de, structure, base):
    gestionnaire = client_de(structure.gestionnaires[0])
    pieges = {
        "nom": '=HYPERLINK("http://x";"y")',
        "prenom": "+1;2",
        "fonction": "@SUM(A1)",
        "motif_inactivation": '-1\r\nligne; "deux"',
    }
    base.ecrire(
        "UPDATE comptes SET statut = 'inactif', inactive_le = now(), nom = :nom, prenom = :prenom,"
        " fonction = :fonction, motif_inactivation = :motif_inactivation WHERE identifiant = :i",
        i=structure.techniciens[0],
        **pieges,
    )
    (ligne,) = (li for li in en_csv(gestionnaire) if li["identifiant"] == structure.techniciens[0])
    assert {cle: ligne[cle] for cle in pieges} == {cle: f"'{texte}" for cle, texte in pieges.items()}
    (ligne,) = (li for li in tout(gestionnaire) if li["identifiant"] == structure.techniciens[0])
    assert {cle: ligne[cle] for cle in pieges} == pieges


@pytest.mark.parametrize("debut", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_un_texte_qui_commence_comme_une_formule_est_neutralise(debut):
    assert cell(f"{debut}1") == f"'{debut}1"
    assert cell(f"1{debut}") == f"1{debut}"


@pytest.mark.regle("4.2-2")
def test_chaque_caisse_lit_ses_partenaires_et_personne_d_autre_ne_lit(client_de, structure, fabrique):
    ailleurs = fabrique.structure(caisse="141", gestionnaires=1)
    orne, calvados = client_de("a-orne"), client_de("a-calvados")
    siens, autres = {*structure.techniciens, *structure.gestionnaires}, {*ailleurs.techniciens}
    for lire in (en_csv, tout):
        vus = {ligne["identifiant"] for ligne in lire(orne)}
        assert siens <= vus
        assert not autres & vus
        vus = {ligne["identifiant"] for ligne in lire(calvados)}
        assert autres <= vus
        assert not siens & vus
        vus = {ligne["identifiant"] for ligne in lire(client_de(ailleurs.gestionnaires[0]))}
        assert vus == autres | {*ailleurs.gestionnaires}
    roles = {ligne["role"] for ligne in tout(orne, limite=200)}
    assert roles == {"technicien", "gestionnaire"}
    for client in (client_de(structure.techniciens[0]), client_de("n-operateur")):
        for accept in ("application/json", "text/csv"):
            refus = client.appel("GET", CHEMIN, entetes={"Accept": accept})
            assert refus.json()["code"] == "permission-refusee"


@pytest.mark.parametrize(
    ("accept", "attendu"),
    [
        ("text/csv", True),
        ("Text/CSV; charset=utf-8", True),
        ("text/*", True),
        ("text/csv, application/json;q=0.9", True),
        ("application/json;q=0.2, text/csv;q=0.3", True),
        ("text/csv, */*", True),
        ("text/csv;q=0.5, */*;q=0.1", True),
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("application/json, text/csv", False),
        ("application/json, text/csv;q=0.9", False),
        ("text/csv;q=0", False),
        ("text/csv;q=0, */*", False),
        ("text/csv;q=abc", False),
        ("text/html", False),
        ("text/csv;q=0.1, */*", False),
    ],
)
def test_l_entete_accept_choisit(accept, attendu):
    assert wanted(accept) is attendu


def test_une_page_de_navigateur_recoit_du_json(client_de, structure):
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    reponse = client_de(structure.gestionnaires[0]).appel("GET", CHEMIN, entetes={"Accept": accept})
    assert reponse.headers["content-type"] == "application/json"
