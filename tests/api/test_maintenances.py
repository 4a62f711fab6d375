"""Art. 3.2: a maintenance is announced; during it each call gets a 503 that names whom to reach."""

from datetime import timedelta

import pytest

from app.disponibilite.observation import OBSERVATEUR
from app.kit.clock import now
from app.kit.outage import MEMORY
from tests.api.courrier import courriers, travailler
from tests.outils import Client, connexion, un_signalement

CHEMIN = "/v1/maintenances"
REFERENT = {
    "nom": "Lemoine",
    "prenom": "Agnès",
    "fonction": "Référente",
    "telephone": "+33233000000",
    "email": "agnes@cpam-orne.example",
}


def instant(**delai):
    return (now() + timedelta(**delai)).isoformat().replace("+00:00", "Z")


def fenetre(debut=None, fin=None, **reste):
    corps = {
        "debut": debut or instant(days=3),
        "fin": fin or instant(days=3, hours=2),
        "message": "Mise à jour.",
    }
    return corps | reste


@pytest.fixture
def annoncer(client_de, base):
    """Announce windows, and leave none behind."""

    def faire(**changements):
        reponse = client_de("n-operateur").post(CHEMIN, fenetre(**changements))
        assert reponse.status_code == 201, reponse.text
        return reponse.json()

    yield faire
    base.ecrire("UPDATE maintenances SET annulee_le = now() WHERE annulee_le IS NULL")
    for window in list(MEMORY.windows):
        MEMORY.remove(window)


@pytest.fixture
def referents(client_de, api):
    client_de("a-orne").put("/v1/caisses/611/referents", [REFERENT])
    OBSERVATEUR.vue = OBSERVATEUR.vue.__class__()  # the slow look too is due
    api.portal.call(OBSERVATEUR.regarder)


@pytest.mark.regle("3.2-2")
def test_une_maintenance_s_annonce_par_l_api_l_evenement_et_le_courriel(
    api, client_de, annoncer, base, fabrique
):
    structure = fabrique.structure(gestionnaires=1)
    annoncee = annoncer()
    assert (annoncee["statut"], annoncee["urgente"], annoncee["annulee_le"]) == ("annoncee", False, None)
    lue = client_de("n-operateur").get(f"{CHEMIN}/{annoncee['id']}")
    assert (lue.json(), lue.headers["etag"]) == (annoncee, '"1"')
    assert annoncee in client_de("n-operateur").get(CHEMIN).json()["donnees"]
    evenements = base.lignes("SELECT type, caisse FROM evenements WHERE ressource_id = :i", i=annoncee["id"])
    assert [tuple(e) for e in evenements] == [("maintenance.annoncee", None)]
    api.portal.call(OBSERVATEUR.regarder)
    fenetres = api.get("/v1/statut").json()["maintenances"]
    assert [f["message"] for f in fenetres if f["debut"] == annoncee["debut"]] == ["Mise à jour."]
    travailler(api)
    for adresse in (f"{structure.gestionnaires[0]}@essai.example", "file@cpam-orne.example"):
        (mail,) = [
            m for m in courriers(adresse) if m["Subject"] == "Espace Partenaires : maintenance annoncée"
        ][-1:]
        assert "Mise à jour." in mail.get_content()
        assert "urgente" not in mail.get_content()
    assert client_de("t-cias").get("/v1/moi").status_code == 200


@pytest.mark.regle("3.2-2")
@pytest.mark.parametrize("qui", ["t-cias", "g-cias", "a-orne"])
def test_seul_l_administrateur_annonce_lit_et_annule(client_de, annoncer, qui):
    annoncee = annoncer()
    client = client_de(qui)
    for refus in (
        client.post(CHEMIN, fenetre()),
        client.get(CHEMIN),
        client.get(f"{CHEMIN}/{annoncee['id']}"),
        client.post(f"{CHEMIN}/{annoncee['id']}/annulation"),
    ):
        assert (refus.status_code, refus.json()["code"]) == (403, "permission-refusee")


@pytest.mark.regle("3.2-2")
@pytest.mark.regle("3.2-3")
def test_pendant_la_maintenance_chacun_recoit_un_503_avec_ses_referents(api, client_de, referents, annoncer):
    tous = {qui: client_de(qui) for qui in ("t-cias", "g-cias", "a-orne", "a-calvados")}
    annoncee = annoncer(debut=instant(), fin=instant(minutes=10))
    assert annoncee["urgente"] is True
    for qui, chemin in (("t-cias", "/v1/demandes"), ("g-cias", "/v1/techniciens"), ("a-orne", "/v1/moi")):
        refus = tous[qui].get(chemin)
        assert (refus.status_code, refus.json()["code"]) == (503, "maintenance")
        assert refus.headers["content-type"] == "application/problem+json"
        assert 500 < int(refus.headers["retry-after"]) <= 600
        de_l_orne = [r for r in refus.json()["referents"] if r["caisse"] == "611"]
        assert {k: de_l_orne[0][k] for k in REFERENT} == REFERENT
        assert "signalement" in de_l_orne[0]["fonctionnalites"]
    ailleurs = tous["a-calvados"].get("/v1/moi").json()["referents"]
    assert not [r for r in ailleurs if r["caisse"] == "611"]
    inconnu = api.get("/v1/demandes")
    assert (inconnu.status_code, inconnu.json()["code"]) == (503, "maintenance")
    assert REFERENT["nom"] in inconnu.text
    assert REFERENT["telephone"] not in inconnu.text
    assert REFERENT["email"] not in inconnu.text
    faux = api.get("/v1/demandes", headers={"Authorization": "Bearer x.y.z"})
    assert faux.json()["referents"] == inconnu.json()["referents"]


@pytest.mark.regle("3.2-3")
def test_une_fonctionnalite_fermee_n_est_pas_proposee_ailleurs(client_de, fabrique, referents, annoncer):
    structure = fabrique.structure(techniciens=1)
    fermer = client_de("a-orne").put(
        f"/v1/conventions/{structure.convention_id}/fonctionnalites", {"signalement": False}
    )
    assert fermer.status_code == 200
    technicien = client_de(structure.techniciens[0])
    annoncer(debut=instant(), fin=instant(minutes=10))
    (refus,) = technicien.get("/v1/moi").json()["referents"]
    assert "signalement" not in refus["fonctionnalites"]
    assert "contact" in refus["fonctionnalites"]


@pytest.mark.regle("3.2-2")
def test_rien_n_est_enregistre_pendant_la_maintenance_et_rien_n_y_echappe(api, client_de, base, annoncer):
    technicien, avant = client_de("t-cias"), base.valeur("SELECT count(*) FROM demandes")
    annoncer(debut=instant(), fin=instant(minutes=10))
    assert technicien.post("/v1/signalements", un_signalement()).status_code == 503
    assert base.valeur("SELECT count(*) FROM demandes") == avant
    for methode, chemin in (
        ("POST", "/v1/mots-de-passe-oublies"),
        ("POST", "/v1/activations/x"),
        ("GET", "/v1/inconnu"),
        ("GET", "/activation/x"),
        ("PUT", "/v1/moi/mot-de-passe"),
        ("GET", "/v1/statutaire"),
        ("GET", "//v1/demandes"),
        ("GET", "/v1/statut/../demandes"),
    ):
        assert api.request(methode, chemin).status_code == 503, chemin


@pytest.mark.regle("3.2-2")
def test_ce_qui_dit_l_etat_reste_ouvert(api, annoncer):
    annoncer(debut=instant(), fin=instant(minutes=10))
    for chemin in (
        "/health/live",
        "/health/ready",
        "/metrics",
        "/v1/statut",
        "/statut",
        "/",
        "/docs",
        "/openapi.json",
        "/problemes/maintenance",
        "/.well-known/jwks.json",
    ):
        assert api.get(chemin).status_code == 200, chemin
    assert api.get("/v1/statut").json()["statut"] == "maintenance"
    for chemin in ("/connexion", "/cgu", "/consentement", "/v1/oauth/authorize"):  # they end at the token
        assert api.get(chemin).status_code != 503, chemin


@pytest.mark.regle("3.2-2")
def test_seul_l_administrateur_se_connecte_et_travaille(api, client_de, demo, annoncer):
    annoncee = annoncer(debut=instant(), fin=instant(minutes=10))
    mots = {compte["identifiant"]: compte["mot_de_passe"] for compte in demo["comptes"]}
    refus = connexion(api, "t-cias", mots["t-cias"])
    assert (refus.status_code, refus.json()["error"]) == (503, "temporarily_unavailable")
    assert int(refus.headers["retry-after"]) > 500
    assert "access_token" not in refus.json()
    # A wrong password says no more than on any other day: who administers is not told.
    for nom in ("t-cias", "n-operateur", "personne"):
        assert connexion(api, nom, "faux-mot-de-passe-12").status_code == 400
    operateur = Client.connecte(api, "n-operateur", mots["n-operateur"])
    assert operateur.get("/v1/caisses").status_code == 200
    assert operateur.get(f"{CHEMIN}/{annoncee['id']}").json()["statut"] == "en_cours"


@pytest.mark.regle("3.2-2")
def test_un_jeton_de_rafraichissement_n_est_pas_use_par_une_maintenance(api, client_de, demo, annoncer):
    mots = {compte["identifiant"]: compte["mot_de_passe"] for compte in demo["comptes"]}
    technicien = Client.connecte(api, "t-cias-2", mots["t-cias-2"])
    demande = {"grant_type": "refresh_token", "refresh_token": technicien.rafraichissement}
    annoncee = annoncer(debut=instant(), fin=instant(minutes=10))
    assert api.post("/v1/oauth/token", data=demande).status_code == 503
    client_de("n-operateur").post(f"{CHEMIN}/{annoncee['id']}/annulation")
    assert api.post("/v1/oauth/token", data=demande).status_code == 200


def test_un_navigateur_voit_une_page(api, annoncer):
    annoncer(debut=instant(), fin=instant(minutes=10))
    page = api.get("/activation/x", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "Maintenance en cours" in page.text
    assert "retry-after" in page.headers
    assert api.get("/v1/moi", headers={"Accept": "text/html"}).json()["code"] == "maintenance"


@pytest.mark.regle("3.2-2")
def test_annuler_rend_le_service_et_previent(api, client_de, annoncer, base):
    technicien = client_de("t-cias")
    annoncee = annoncer(debut=instant(), fin=instant(minutes=10))
    assert technicien.get("/v1/moi").status_code == 503
    operateur, chemin = client_de("n-operateur"), f"{CHEMIN}/{annoncee['id']}"
    annulee = operateur.post(f"{chemin}/annulation", {"motif": "Reportée."}, If_Match='"1"')
    assert (annulee.status_code, annulee.json()["statut"]) == (200, "annulee")
    assert annulee.json()["motif_annulation"] == "Reportée."
    assert client_de("t-cias").get("/v1/moi").status_code == 200
    encore = operateur.post(f"{chemin}/annulation")
    assert (encore.status_code, encore.json()["code"], encore.json()["statut"]) == (
        409,
        "transition-interdite",
        "annulee",
    )
    assert operateur.post(f"{chemin}/annulation", If_Match='"1"').status_code == 412
    travailler(api)
    sujets = [m["Subject"] for m in courriers("file@cpam-orne.example")]
    assert "Espace Partenaires : maintenance annulée" in sujets
    types = base.lignes(
        "SELECT action FROM journal WHERE ressource_id = :i ORDER BY numero", i=annoncee["id"]
    )
    assert [t for (t,) in types] == ["maintenance.annoncee", "maintenance.annulee"]


@pytest.mark.parametrize(
    "dates",
    [
        {"fin": "2020-01-01T00:00:00Z"},
        {"debut": "2036-01-02T00:00:00Z", "fin": "2036-01-02T00:00:00Z"},
        {"debut": "2036-01-02T00:00:00Z", "fin": "2036-01-09T00:00:01Z"},
        {"fin": "2036-01-02T00:00:00"},
        {"debut": 0},
    ],
)
def test_une_fenetre_impossible_est_refusee(client_de, dates):
    refus = client_de("n-operateur").post(CHEMIN, fenetre() | dates)
    assert (refus.status_code, refus.json()["code"]) == (422, "validation")


def test_une_annonce_annulee_par_une_erreur_ne_ferme_rien(client_de, monkeypatch):
    """The windows of the process follow the commit, not the attempt."""

    async def casser(*_, **__):
        raise RuntimeError

    monkeypatch.setattr("app.disponibilite.maintenances.publier", casser)
    refus = client_de("n-operateur").post(CHEMIN, fenetre(debut=instant(), fin=instant(minutes=10)))
    assert refus.status_code == 500
    assert client_de("t-cias").get("/v1/moi").status_code == 200


@pytest.mark.regle("3.2-3")
def test_un_compte_ferme_entre_temps_n_apprend_rien_de_plus_qu_un_inconnu(
    client_de, fabrique, base, referents, annoncer
):
    structure = fabrique.structure(techniciens=1)
    technicien = client_de(structure.techniciens[0])
    base.ecrire(
        "UPDATE comptes SET statut = 'inactif', inactive_le = now() WHERE partenaire_id = :p", p=structure.id
    )
    annoncer(debut=instant(), fin=instant(minutes=10))
    refus = technicien.get("/v1/moi")
    assert refus.status_code == 503
    assert REFERENT["telephone"] not in refus.text
