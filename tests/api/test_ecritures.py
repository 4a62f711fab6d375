"""What people and their software write: line ends of Windows, letters of every script, characters that nobody sees."""

import pytest

from tests.outils import un_signalement

ILLISIBLES = {
    "sans lettre": "---",
    "dessin": "\N{SMILING FACE WITH OPEN MOUTH}",
    "espace sans largeur seule": "\N{ZERO WIDTH SPACE}",
    "espace sans largeur": "Mar\N{ZERO WIDTH SPACE}tin",
    "césure": "Mar\N{SOFT HYPHEN}tin",
    "lu à rebours": "Martin\N{RIGHT-TO-LEFT OVERRIDE}nitraM",
    "fin de ligne d'Unicode": "Mar\N{LINE SEPARATOR}tin",
    "fin de ligne de Windows": "Mar\r\ntin",
    "contrôle de Latin-1": "Mar\x85tin",
    "marque d'ordre": "\N{ZERO WIDTH NO-BREAK SPACE}Martin",
}
ADMIS = [
    "O\N{RIGHT SINGLE QUOTATION MARK}Brien",
    "Lefe\N{COMBINING GRAVE ACCENT}vre",
    "محمد",
    "Nguyễn",
    "Иванова",
    "王",
]
TEXTES = ["Une ligne.\r\nUne autre.\rEt une.", "a\n\tb", "Merci \N{PERSON WITH FOLDED HANDS}", "شكرا جزيلا"]


def nomme(nom):
    corps = un_signalement()
    return corps | {"assure": corps["assure"] | {"nom": nom}}


@pytest.mark.regle("5-1")
@pytest.mark.parametrize("nom", ILLISIBLES.values(), ids=ILLISIBLES)
def test_un_nom_que_personne_ne_lirait_ni_ne_retrouverait_est_refuse(client_de, nom):
    refus = client_de("t-cias").post("/v1/signalements", nomme(nom))
    assert (refus.status_code, refus.json()["code"]) == (422, "validation")
    assert [erreur["champ"] for erreur in refus.json()["erreurs"]] == ["/assure/nom"]


@pytest.mark.regle("5-1")
@pytest.mark.parametrize("nom", ADMIS)
def test_un_nom_s_ecrit_dans_toutes_les_ecritures(client_de, fabrique, nom):
    technicien = client_de(fabrique.structure().techniciens[0])
    depot = technicien.post("/v1/signalements", nomme(nom))
    assert depot.status_code == 201, depot.text
    assert depot.json()["assure"]["nom"] == nom
    colle = {"nom": f"\N{ZERO WIDTH NO-BREAK SPACE}{nom}\N{ZERO WIDTH SPACE}"}  # as a spreadsheet copies it
    trouvees = technicien.post("/v1/demandes/recherche", colle).json()["donnees"]
    assert [d["id"] for d in trouvees] == [depot.json()["id"]]


@pytest.mark.parametrize("texte", TEXTES)
def test_un_texte_garde_ses_fins_de_ligne_et_son_ecriture(client_de, texte):
    depot = client_de("t-cias").post("/v1/signalements", un_signalement(commentaire=texte))
    assert depot.status_code == 201, depot.text
    assert depot.json()["commentaire"] == texte


@pytest.mark.parametrize("texte", ["a\0b", "a\x1b[31mb", "a\x7fb", "a\x9bb"])
def test_un_texte_ne_contient_pas_de_commande(client_de, texte):
    refus = client_de("t-cias").post("/v1/signalements", un_signalement(commentaire=texte))
    assert refus.json()["erreurs"][0] | {"message": None} == {
        "champ": "/commentaire",
        "code": "ep_caractere",
        "message": None,
    }
