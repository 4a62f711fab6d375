"""Applications (contract, « Applications »): registered by the operator, read by their owners, ended at once."""

import base64
import itertools
import json
import uuid
from datetime import timedelta

import pytest

from app import cycle_de_vie
from app.kit.clock import today
from app.kit.ids import new_id
from tests.api.courrier import courriers, travailler
from tests.outils import MOT_DE_PASSE, Client, connexion

_rangs = itertools.count(1)


def corps(**changements):
    """A back office of the Orne, under a name of its own."""
    depot = {
        "client_name": f"Outil {'abcdefghijklmnopqrstuvwxyz'[next(_rangs) % 26]}",
        "grant_types": ["client_credentials"],
        "scope": "demandes:lire demandes:ecrire",
        "caisse": "611",
        "contacts": [f"outil-{uuid.uuid4().hex[:8]}@cpam-orne.example"],
    }
    return {cle: valeur for cle, valeur in (depot | changements).items() if valeur is not ...}


PUBLIQUE = {
    "grant_types": ["authorization_code", "refresh_token"],
    "redirect_uris": ["http://127.0.0.1/retour"],
    "token_endpoint_auth_method": "none",
    "caisse": None,
}


@pytest.fixture(scope="module")
def operateur(client_de):
    return client_de("n-operateur")


def enregistrer(operateur, **changements):
    reponse = operateur.post("/v1/applications", corps(**changements))
    assert reponse.status_code == 201, reponse.text
    return reponse.json()


def applications_de(base, operateur, nom, partenaire_id, compte_id):
    """The ids of an application of the Orne, of one of a structure, and of the consent that an account gave to it."""
    titulaires = ({"caisse": "611"}, {"caisse": None, "partenaire_id": partenaire_id})
    ids = [
        enregistrer(operateur, client_name=nom, scope="demandes:lire", **titulaire)["id"]
        for titulaire in titulaires
    ]
    return [*ids, consentir(base, ids[1], compte_id)]


def consentir(base, application_id, compte_id) -> str:
    """Write the consent that the page writes, and return its id."""
    id_ = str(new_id())
    base.ecrire(
        "INSERT INTO consentements (id, version, compte_id, application_id, scope, accorde_le)"
        " VALUES (cast(:id AS uuid), 1, cast(:c AS uuid), cast(:a AS uuid), '{demandes:lire}', now())",
        id=id_,
        c=compte_id,
        a=application_id,
    )
    return id_


def autorisees(gestionnaire, application):
    """What a structure sees of an application: one row, or none. Its accounts also sign in through Swagger UI."""
    lues = gestionnaire.get("/v1/applications-autorisees").json()["donnees"]
    return [lue for lue in lues if lue["id"] == application["id"]]


def jeton(api, application, secret=None, **reste):
    """Ask for a token in the name of an application."""
    demande = {"grant_type": "client_credentials"} | reste
    return api.post(
        "/v1/oauth/token",
        data=demande,
        auth=(application["client_id"], secret or application["client_secret"]),
    )


def file_de_la_caisse(api, application) -> int:
    return Client(api, jeton(api, application).json()["access_token"]).get("/v1/demandes").status_code


@pytest.fixture
def ailleurs(api, monkeypatch):
    return lambda adresse: monkeypatch.setattr(api._transport, "client", (adresse, 50000))


@pytest.mark.regle("4.1-1")
def test_une_application_enregistree_agit_et_son_secret_n_est_montre_qu_une_fois(
    api, base, operateur, client_de
):
    cle = str(uuid.uuid4())
    depot = corps()
    reponse = operateur.post("/v1/applications", depot, Idempotency_Key=cle)
    creee = reponse.json()
    assert (reponse.status_code, reponse.headers["location"]) == (201, f"/v1/applications/{creee['id']}")
    secret = creee["client_secret"]
    assert len(base64.urlsafe_b64decode(f"{secret}=")) == 32
    assert file_de_la_caisse(api, creee) == 200
    rejouee = operateur.post("/v1/applications", depot, Idempotency_Key=cle)
    assert rejouee.headers["idempotency-replayed"] == "true"
    assert rejouee.json() == creee | {"client_secret": None}
    lue = operateur.get(f"/v1/applications/{creee['id']}")
    assert "client_secret" not in lue.json()
    assert lue.json()["derniere_utilisation_le"] == today().isoformat()
    for lecteur in (operateur, client_de("a-orne")):
        assert creee["id"] in lecteur.get("/v1/applications").text
    for (table,) in base.lignes("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        assert secret not in str(base.lignes(f'SELECT * FROM "{table}"')), table


def test_chacun_ne_voit_que_les_applications_de_sa_caisse(operateur, client_de):
    orne = enregistrer(operateur)
    for nom, attendu in (("a-orne", 200), ("a-calvados", 404)):
        lecteur = client_de(nom)
        assert lecteur.get(f"/v1/applications/{orne['id']}").status_code == attendu
        assert (orne["id"] in lecteur.get("/v1/applications", limite=200).text) is (attendu == 200)
    for nom in ("t-cias", "g-cias"):
        assert client_de(nom).get("/v1/applications").status_code == 403
        assert client_de(nom).get(f"/v1/applications/{orne['id']}").status_code == 403
    ecritures = (
        ("POST", "/v1/applications", corps()),
        ("PATCH", f"/v1/applications/{orne['id']}", {"client_name": "Autre"}),
        ("POST", f"/v1/applications/{orne['id']}/rotation-secret", {}),
        ("POST", f"/v1/applications/{orne['id']}/fin", None),
    )
    for nom, (methode, chemin, envoi) in itertools.product(("t-cias", "g-cias", "a-orne"), ecritures):
        reponse = client_de(nom).appel(methode, chemin, json=envoi)
        assert (reponse.status_code, reponse.json()["code"]) == (403, "permission-refusee")


@pytest.mark.parametrize(
    ("changements", "champ"),
    [
        ({"partenaire_id": str(uuid.uuid4())}, "/partenaire_id"),
        ({"caisse": "998"}, "/caisse"),
        ({"caisse": None}, "/caisse"),
        ({"caisse": None, "partenaire_id": str(uuid.uuid4()), "scope": "demandes:lire"}, "/partenaire_id"),
        ({"token_endpoint_auth_method": "none"}, "/token_endpoint_auth_method"),
        ({"redirect_uris": ["https://outil.example/retour"]}, "/redirect_uris"),
        (PUBLIQUE | {"redirect_uris": []}, "/redirect_uris"),
        ({"grant_types": ["client_credentials", "refresh_token"]}, "/grant_types"),
        ({"grant_types": ["password"]}, "/grant_types/0"),
        ({"grant_types": []}, "/grant_types"),
        ({"scope": "demandes:lire administrer"}, "/scope"),
        ({"scope": " "}, "/scope"),
        (PUBLIQUE | {"scope": "conventions:ecrire"}, "/scope"),
        ({"caisse": None, "partenaire_id": ..., "scope": "demandes:ecrire"}, "/caisse"),
        ({"reseaux": ["10.0.0.1/8"]}, "/reseaux/0"),
        ({"reseaux": ["0.0.0.0/0"]}, "/reseaux/0"),
        ({"reseaux": ["partout"]}, "/reseaux/0"),
        ({"contacts": ["pas une adresse"]}, "/contacts/0"),
        ({"client_secret": "choisi-par-moi"}, "/client_secret"),
    ],
)
def test_ce_qui_ne_tient_pas_est_refuse_a_sa_place(operateur, changements, champ):
    reponse = operateur.post("/v1/applications", corps(**changements))
    assert (reponse.status_code, reponse.json()["code"]) == (422, "validation")
    assert champ in [erreur["champ"] for erreur in reponse.json()["erreurs"]]


@pytest.mark.parametrize(
    "uri",
    [
        "http://outil.example/retour",
        "http://localhost/retour",
        "https://outil.example/retour#ici",
        "https://*.outil.example/retour",
        "https://outil.example/*",
        "https://quelqu-un@outil.example/retour",
        "https://outil.example/a/../retour",
        "https://outil.example\\@ailleurs.example/",
        "https://outil.example:port/",
        "https://outil/retour",
        "https:///retour",
        "javascript:alert(1)",
        "app.logiciel:/retour",
        "//outil.example/retour",
        "https://outil.example/ retour",
        "https://outil.example/\nretour",
        "https://127.0.0.1/retour/..",
        "https://outil.example/a/%2e%2E/retour",
        "https://outil.example/a/..?etape=1",
        "https://outil.example/retour?code=1",
        "https://outil.example/retour?etape=1&state",
        "",
    ],
)
def test_une_adresse_de_retour_douteuse_est_refusee(operateur, uri):
    reponse = operateur.post("/v1/applications", corps(**PUBLIQUE | {"redirect_uris": [uri]}))
    assert (reponse.status_code, reponse.json()["code"]) == (422, "validation")
    assert [erreur["champ"] for erreur in reponse.json()["erreurs"]] == ["/redirect_uris/0"]


@pytest.mark.parametrize(
    "uri",
    ["http://127.0.0.1/retour", "http://[::1]:8123/retour", "https://outil.example:8443/retour?etape=1"],
)
def test_une_adresse_de_retour_sure_est_acceptee(operateur, uri):
    assert enregistrer(operateur, **PUBLIQUE | {"redirect_uris": [uri]})["client_secret"] is None


def test_un_partenaire_sans_personne_ne_fait_que_lire(operateur, fabrique):
    titulaire = {"caisse": None, "partenaire_id": fabrique.structure().id}
    refus = operateur.post("/v1/applications", corps(**titulaire))
    assert [erreur["champ"] for erreur in refus.json()["erreurs"]] == ["/scope"]
    assert enregistrer(operateur, **titulaire, scope="demandes:lire comptes:lire")["client_secret"]


@pytest.mark.regle("4.1-1")
def test_la_rotation_garde_l_ancien_secret_le_temps_du_chevauchement(api, base, operateur):
    application = enregistrer(operateur)
    chemin, premier = f"/v1/applications/{application['id']}", application["client_secret"]
    second = operateur.post(f"{chemin}/rotation-secret", {}).json()["client_secret"]
    troisieme = operateur.post(f"{chemin}/rotation-secret", {"chevauchement_heures": 1}).json()[
        "client_secret"
    ]
    statuts = {nom: jeton(api, application, nom).status_code for nom in (premier, second, troisieme)}
    assert statuts == {premier: 200, second: 401, troisieme: 200}  # an answer that was lost cuts nobody
    base.ecrire(
        "UPDATE applications SET ancien_secret_expire_le = now() - interval '1 second' WHERE id = :id",
        id=application["id"],
    )
    refus = jeton(api, application, premier)
    assert (refus.status_code, refus.json()["code"]) == (401, "secret-expire")
    assert jeton(api, application, troisieme).status_code == 200
    quatrieme = operateur.post(f"{chemin}/rotation-secret", {"chevauchement_heures": 0}).json()
    assert quatrieme["ancien_secret_expire_le"] is None
    assert jeton(api, application, troisieme).json()["code"] == "client-invalide"
    assert jeton(api, application, quatrieme["client_secret"]).status_code == 200


def test_une_rotation_ne_prolonge_pas_un_secret_qui_finit(api, base, operateur):
    application = enregistrer(operateur)
    base.ecrire(
        "UPDATE applications SET secret_expire_le = :j WHERE id = :id",
        j=today() - timedelta(1),
        id=application["id"],
    )
    refus = jeton(api, application)
    assert (refus.status_code, refus.json()["error"], refus.json()["code"]) == (
        401,
        "invalid_client",
        "secret-expire",
    )
    assert jeton(api, application, "faux").json()["code"] == "client-invalide"  # told to its owner alone
    nouveau = operateur.post(f"/v1/applications/{application['id']}/rotation-secret", {}).json()
    assert jeton(api, application).status_code == 401
    assert jeton(api, application, nouveau["client_secret"]).status_code == 200


def test_une_application_publique_n_a_pas_de_secret_a_changer(operateur):
    application = enregistrer(operateur, **PUBLIQUE)
    reponse = operateur.post(f"/v1/applications/{application['id']}/rotation-secret", {})
    assert (reponse.status_code, reponse.json()["code"]) == (422, "validation")


@pytest.mark.regle("4.1-1")
def test_les_reseaux_valent_au_jeton_et_a_chaque_appel(api, operateur, ailleurs):
    application = enregistrer(operateur, reseaux=["192.0.2.0/24", "2001:db8::/32"])
    ailleurs("198.51.100.7")
    refus = jeton(api, application)
    assert (refus.status_code, refus.json()["code"]) == (401, "reseau-non-autorise")
    assert jeton(api, application, "faux").json()["code"] == "client-invalide"
    ailleurs("192.0.2.7")
    client = Client(api, jeton(api, application).json()["access_token"])
    assert client.get("/v1/demandes").status_code == 200
    ailleurs("2001:db8::7")
    assert client.get("/v1/demandes").status_code == 200
    ailleurs("198.51.100.7")
    refus = client.get("/v1/demandes")
    assert (refus.status_code, refus.json()["code"]) == (403, "reseau-non-autorise")
    ailleurs("192.0.2.7")
    operateur.patch(f"/v1/applications/{application['id']}", {"reseaux": ["203.0.113.0/24"]})
    assert client.get("/v1/demandes").status_code == 403
    operateur.patch(f"/v1/applications/{application['id']}", {"reseaux": []})
    assert client.get("/v1/demandes").status_code == 200


def par_le_logiciel(api, base, identifiant, application) -> Client:
    """Sign a person in through an application."""
    reponse = connexion(api, identifiant, MOT_DE_PASSE).json()
    charge = reponse["access_token"].split(".")[1]
    famille = json.loads(base64.urlsafe_b64decode(charge + "=" * (-len(charge) % 4)))["sid"]
    base.ecrire(
        "UPDATE familles_jetons SET client_id = :c, application_id = cast(:a AS uuid)"
        " WHERE id = cast(:f AS uuid)",
        c=application["client_id"],
        a=application["id"],
        f=famille,
    )
    return Client(api, reponse["access_token"], reponse["refresh_token"])


@pytest.mark.regle("4.1-1")
def test_les_reseaux_valent_pour_la_personne_que_le_logiciel_connecte(
    api, base, operateur, fabrique, ailleurs
):
    application = enregistrer(operateur, **PUBLIQUE | {"reseaux": ["192.0.2.0/24"]})
    client = par_le_logiciel(api, base, fabrique.structure().techniciens[0], application)
    refus = client.get("/v1/demandes")
    assert (refus.status_code, refus.json()["code"]) == (403, "reseau-non-autorise")
    ailleurs("192.0.2.9")
    assert client.get("/v1/demandes").status_code == 200


@pytest.mark.regle("4.1-1")
def test_la_fin_coupe_aussitot_tous_ses_jetons(api, base, operateur, fabrique):
    seule, logiciel = enregistrer(operateur), enregistrer(operateur, **PUBLIQUE)
    back_office = Client(api, jeton(api, seule).json()["access_token"])
    personne = par_le_logiciel(api, base, fabrique.structure().techniciens[0], logiciel)
    assert (back_office.get("/v1/demandes").status_code, personne.get("/v1/demandes").status_code) == (
        200,
        200,
    )
    for application in (seule, logiciel):
        for _ in range(2):  # twice changes nothing
            fin = operateur.post(f"/v1/applications/{application['id']}/fin")
            assert (fin.status_code, fin.json()["statut"]) == (200, "terminee")
    assert (back_office.get("/v1/demandes").status_code, personne.get("/v1/demandes").status_code) == (
        401,
        401,
    )
    assert jeton(api, seule).json()["code"] == "client-invalide"
    for methode, chemin in (("PATCH", ""), ("POST", "/rotation-secret")):
        refus = operateur.appel(methode, f"/v1/applications/{seule['id']}{chemin}", json={})
        assert (refus.status_code, refus.json()["code"]) == (409, "application-terminee")
    fins = base.valeur(
        "SELECT count(*) FROM evenements WHERE type = 'application.terminee' AND ressource_id = :i",
        i=seule["id"],
    )
    assert fins == 1


def test_une_portee_retiree_ferme_les_sessions_qui_la_tiennent(api, operateur):
    application = enregistrer(operateur)
    client = Client(api, jeton(api, application).json()["access_token"])
    chemin = f"/v1/applications/{application['id']}"
    lue = operateur.get(chemin)
    reponse = operateur.patch(chemin, {"scope": "demandes:lire"}, If_Match=lue.headers["etag"])
    assert (reponse.status_code, reponse.json()["scope"]) == (200, "demandes:lire")
    assert client.get("/v1/demandes").status_code == 401
    assert jeton(api, application, scope="demandes:ecrire").json()["error"] == "invalid_scope"
    perime = operateur.patch(chemin, {"client_name": "Tard"}, If_Match=lue.headers["etag"])
    assert (perime.status_code, perime.json()["code"]) == (412, "version-perimee")


@pytest.mark.regle("4.1-1")
def test_le_titulaire_est_prevenu_un_mois_une_semaine_et_un_jour_avant(api, base, operateur, fabrique):
    contact = f"outil-{uuid.uuid4().hex[:8]}@cpam-orne.example"
    application = enregistrer(operateur, contacts=[contact])
    fin = today() + timedelta(365)
    recus = []
    for reste in (31, 30, 29, 8, 7, 6, 2, 1, 0, -1):
        api.portal.call(cycle_de_vie.vivre, fin - timedelta(reste))
        travailler(api)
        recus.append(len(courriers(contact)))
    assert recus == [0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    mail = courriers(contact)[0].get_content()
    assert f"vaut jusqu'au {fin:%d/%m/%Y} inclus" in mail
    assert application["client_id"] in mail
    evenements = base.lignes(
        "SELECT caisse FROM evenements WHERE type = 'application.secret_a_renouveler' AND ressource_id = :i",
        i=application["id"],
    )
    assert [caisse for (caisse,) in evenements] == ["611"] * 3


def test_sans_contact_la_caisse_ou_les_gestionnaires_sont_prevenus(api, base, operateur, fabrique):
    structure = fabrique.structure(gestionnaires=1)
    enregistrer(operateur, contacts=[])
    enregistrer(operateur, contacts=[], caisse=None, partenaire_id=structure.id, scope="demandes:lire")
    sujet = "Espace Partenaires : secret d'application à renouveler"
    adresses = ("file@cpam-orne.example", f"{structure.gestionnaires[0]}@essai.example")
    travailler(api)
    avant = [len([m for m in courriers(a) if m["Subject"] == sujet]) for a in adresses]
    api.portal.call(cycle_de_vie.vivre, today() + timedelta(365 - 7))
    travailler(api)
    apres = [len([m for m in courriers(a) if m["Subject"] == sujet]) for a in adresses]
    assert [b > a for a, b in zip(avant, apres, strict=True)] == [True, True]


@pytest.mark.regle("4.1-1")
def test_un_gestionnaire_voit_et_finit_les_applications_de_sa_structure(
    api, base, operateur, fabrique, client_de
):
    une, autre = fabrique.structure(techniciens=2, gestionnaires=1), fabrique.structure(gestionnaires=1)
    logiciel = enregistrer(operateur, **PUBLIQUE)
    siens = [par_le_logiciel(api, base, nom, logiciel) for nom in une.techniciens]
    ailleurs = par_le_logiciel(api, base, autre.techniciens[0], logiciel)
    gestionnaire, voisin = client_de(une.gestionnaires[0]), client_de(autre.gestionnaires[0])
    (lue,) = autorisees(gestionnaire, logiciel)
    assert (lue["client_id"], lue["comptes"], lue["de_la_structure"]) == (logiciel["client_id"], 2, False)
    assert lue["derniere_utilisation_le"] == today().isoformat()
    for nom in ("a-orne", "n-operateur", une.techniciens[0]):
        assert client_de(nom).get("/v1/applications-autorisees").status_code == 403
        assert client_de(nom).post(f"/v1/applications-autorisees/{logiciel['id']}/fin").status_code == 403
    assert gestionnaire.post(f"/v1/applications-autorisees/{logiciel['id']}/fin").status_code == 204
    assert [client.get("/v1/demandes").status_code for client in siens] == [401, 401]
    assert ailleurs.get("/v1/demandes").status_code == 200
    assert autorisees(gestionnaire, logiciel) == []
    assert gestionnaire.post(f"/v1/applications-autorisees/{logiciel['id']}/fin").status_code == 404
    assert autorisees(voisin, logiciel)[0]["comptes"] == 1
    assert operateur.get(f"/v1/applications/{logiciel['id']}").json()["statut"] == "active"


def test_l_application_de_la_structure_finit_toute_entiere(operateur, fabrique, client_de):
    structure, autre = fabrique.structure(gestionnaires=1), fabrique.structure(gestionnaires=1)
    sienne = enregistrer(operateur, caisse=None, partenaire_id=structure.id, scope="demandes:lire")
    gestionnaire, voisin = client_de(structure.gestionnaires[0]), client_de(autre.gestionnaires[0])
    (lue,) = autorisees(gestionnaire, sienne)
    assert (lue["id"], lue["comptes"], lue["de_la_structure"]) == (sienne["id"], 0, True)
    assert voisin.post(f"/v1/applications-autorisees/{sienne['id']}/fin").status_code == 404
    assert gestionnaire.post(f"/v1/applications-autorisees/{sienne['id']}/fin").status_code == 204
    assert operateur.get(f"/v1/applications/{sienne['id']}").json()["statut"] == "terminee"


@pytest.mark.regle("4.1-1")
def test_une_personne_reprend_le_consentement_qu_elle_a_donne(api, base, operateur, fabrique, client_de):
    logiciel = enregistrer(operateur, **PUBLIQUE)
    structure = fabrique.structure(techniciens=2, gestionnaires=1)
    une, autre = (par_le_logiciel(api, base, nom, logiciel) for nom in structure.techniciens)
    ids = [client.get("/v1/moi").json()["compte"]["id"] for client in (une, autre)]
    sien, celui_de_l_autre = (consentir(base, logiciel["id"], id_) for id_ in ids)
    (lu,) = une.get("/v1/moi/consentements").json()["donnees"]
    assert (lu["id"], lu["client_id"], lu["scope"]) == (sien, logiciel["client_id"], "demandes:lire")
    back_office = Client(api, jeton(api, enregistrer(operateur)).json()["access_token"])
    for etranger in (une, back_office, operateur, client_de("a-orne"), client_de(structure.gestionnaires[0])):
        assert celui_de_l_autre not in etranger.get("/v1/moi/consentements").text
        refus = etranger.appel("DELETE", f"/v1/moi/consentements/{celui_de_l_autre}")
        assert (refus.status_code, refus.json()["code"]) == (404, "introuvable")
    assert une.appel("DELETE", f"/v1/moi/consentements/{sien}").status_code == 204
    assert [client.get("/v1/moi").status_code for client in (une, autre)] == [401, 200]
    elle = client_de(structure.techniciens[0])  # signed in without that software
    assert elle.get("/v1/moi/consentements").json()["donnees"] == []
    assert elle.appel("DELETE", f"/v1/moi/consentements/{sien}").status_code == 404


@pytest.mark.regle("4.1-1")
def test_un_consentement_sans_session_se_voit_et_se_finit_pour_la_structure(
    base, operateur, fabrique, client_de
):
    logiciel = enregistrer(operateur, **PUBLIQUE)
    structure = fabrique.structure(gestionnaires=1)
    gestionnaire = client_de(structure.gestionnaires[0])
    consentir(base, logiciel["id"], client_de(structure.techniciens[0]).get("/v1/moi").json()["compte"]["id"])
    (lue,) = autorisees(gestionnaire, logiciel)
    assert (lue["id"], lue["comptes"], lue["derniere_utilisation_le"]) == (logiciel["id"], 1, None)
    assert gestionnaire.post(f"/v1/applications-autorisees/{logiciel['id']}/fin").status_code == 204
    assert autorisees(gestionnaire, logiciel) == []
    assert client_de(structure.techniciens[0]).get("/v1/moi/consentements").json()["donnees"] == []
