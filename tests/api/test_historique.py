"""The history: pages that neither skip nor repeat, filters, search by a body."""

import pytest

from tests.outils import un_signalement


def parcourir(client, chemin, limite, **params):
    vus, curseur = [], None
    while True:
        page = client.get(chemin, limite=limite, **params, **({"curseur": curseur} if curseur else {}))
        assert page.status_code == 200, page.text
        vus += [d["id"] for d in page.json()["donnees"]]
        curseur = page.json()["curseur_suivant"]
        assert ('rel="next"' in page.headers.get("link", "")) == bool(curseur)
        if not curseur:
            return vus


def test_les_pages_se_suivent_sans_trou_ni_doublon_pendant_qu_on_depose(client_de, fabrique):
    structure = fabrique.structure()
    technicien = client_de(structure.techniciens[0])
    deposes = [technicien.deposer()["id"] for _ in range(9)]
    premiere = technicien.get("/v1/demandes", limite=4).json()
    technicien.deposer()
    vus = [d["id"] for d in premiere["donnees"]]
    suite = premiere
    while suite["curseur_suivant"]:
        suite = technicien.get("/v1/demandes", limite=4, curseur=suite["curseur_suivant"]).json()
        vus += [d["id"] for d in suite["donnees"]]
    assert vus == deposes[::-1]
    assert parcourir(technicien, "/v1/signalements", 3)[1:] == deposes[::-1]


@pytest.mark.parametrize("limite", [0, 201, -1, "beaucoup", 10**30])
def test_une_limite_hors_bornes_est_refusee(client_de, limite):
    refus = client_de("t-cias").get("/v1/demandes", limite=limite)
    assert (refus.status_code, refus.json()["erreurs"][0]["champ"]) == (422, "/limite")


def test_un_curseur_altere_ou_d_ailleurs_est_refuse(client_de, fabrique):
    structure = fabrique.structure(techniciens=2)
    un, autre = (client_de(t) for t in structure.techniciens)
    for _ in range(3):
        un.deposer()
    curseur = un.get("/v1/demandes", limite=1).json()["curseur_suivant"]
    assert un.get("/v1/demandes", limite=2, curseur=curseur).status_code == 200
    essais = (
        (un, "/v1/demandes", {"curseur": curseur[:-4] + "AAAA"}),
        (un, "/v1/demandes", {"curseur": "x"}),
        (un, "/v1/demandes", {"curseur": curseur, "statut": "deposee"}),
        (un, "/v1/signalements", {"curseur": curseur}),
        (autre, "/v1/demandes", {"curseur": curseur}),
    )
    for client, chemin, params in essais:
        refus = client.get(chemin, **params)
        assert (refus.status_code, refus.json()["code"]) == (400, "curseur-invalide")


def test_chaque_filtre_garde_ce_qu_il_dit(client_de, fabrique, base):
    structure = fabrique.structure(techniciens=2)
    un, autre = (client_de(t) for t in structure.techniciens)
    a, b = un.deposer(difficultes=["numerique"]), autre.deposer(difficultes=["carte_vitale"])
    client_de("a-orne").post(f"/v1/demandes/{b['id']}/prise-en-charge")
    base.ecrire("UPDATE demandes SET deposee_le = '2026-03-31T22:30:00Z' WHERE id = :id", id=a["id"])
    filtres = {
        "statut": ("en_cours", [b]),
        "theme": ("numerique", [a]),
        "type": ("contact", []),
        "caisse": ("141", []),
        "auteur": (a["auteur"]["id"], [a]),
        "q": (b["reference"].lower(), [b]),
        "modifiee_depuis": (a["deposee_le"], [a, b]),
        "deposee_depuis": ("2026-04-02", [b]),
        # 22:30 UTC on 31 March is 1 April in Paris: days are inclusive there.
        "deposee_jusqua": ("2026-04-01", [a]),
    }
    for nom, (valeur, attendues) in filtres.items():
        lues = {d["id"] for d in un.get("/v1/demandes", **{nom: valeur}).json()["donnees"]}
        assert lues == {d["id"] for d in attendues}, nom
    assert un.get("/v1/demandes", deposee_jusqua="2026-03-31").json()["donnees"] == []
    futur = un.get("/v1/demandes", modifiee_depuis="2099-01-01T00:00:00Z").json()["donnees"]
    assert futur == []


@pytest.mark.parametrize("filtre", ["deposee_depuis", "deposee_jusqua"])
@pytest.mark.parametrize("jour", ["9999-12-31", "0001-01-01"])
def test_un_jour_hors_du_temps_des_demandes_est_refuse(client_de, filtre, jour):
    refus = client_de("t-cias").get("/v1/demandes", **{filtre: jour})
    assert (refus.status_code, refus.json()["erreurs"][0]["code"]) == (422, "ep_date_lointaine")


def test_la_recherche_ignore_accents_et_casse_et_prend_le_debut_des_mots(client_de, fabrique):
    technicien = client_de(fabrique.structure().techniciens[0])
    assure = un_signalement()["assure"] | {
        "nom": "Le Bœuf-D'Haucourt",
        "prenom": "Anaïs",
        "date_naissance": "1948-07-02",
    }
    cible = technicien.deposer(assure=assure)["id"]
    technicien.deposer()
    trouvent = (
        {"nom": "le boeuf"},
        {"nom": "HAUCOURT"},
        {"prenom": "ana"},
        {"nom": "boe", "date_naissance": "1948-07-02"},
    )
    for recherche in trouvent:
        lues = technicien.post("/v1/demandes/recherche", recherche).json()["donnees"]
        assert [d["id"] for d in lues] == [cible], recherche
    for recherche in (
        {"nom": "oeuf"},
        {"nom": "boeuf", "statut": "cloturee"},
        {"nom": "%"},
        {"nom": "_oeuf"},
    ):
        lues = technicien.post("/v1/demandes/recherche", recherche).json()["donnees"]
        assert lues == [], recherche
    assert client_de("t-asso").post("/v1/demandes/recherche", {"nom": "haucourt"}).json()["donnees"] == []
    assert cible in [
        d["id"]
        for d in client_de("a-orne").post("/v1/demandes/recherche", {"nom": "haucourt"}).json()["donnees"]
    ]


def test_le_signalement_se_lit_sous_les_deux_adresses(client_de):
    technicien = client_de("t-cias")
    depose = technicien.deposer()
    assert (
        technicien.get(f"/v1/signalements/{depose['id']}").json()
        == technicien.get(f"/v1/demandes/{depose['id']}").json()
    )
