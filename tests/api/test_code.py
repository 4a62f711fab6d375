"""The code flow from the first page to the tokens (art. 2.1; RFC 6749, 7636, 8252, 9207)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.config import settings
from app.kit.passwords import fingerprint
from tests.api.danse import CLIENT, RETOUR, Logiciel, Navigateur, danser, reponse, une_application
from tests.api.faux_jetons import parties, signe
from tests.api.test_jetons import demander, rafraichir, refuse
from tests.outils import Client, un_signalement


@pytest.fixture
def technicien(fabrique):
    return fabrique.structure().techniciens[0]


def code_pour(api, identifiant, logiciel):
    navigateur = Navigateur(api)
    navigateur.demander(logiciel)
    page = navigateur.se_connecter(identifiant)
    if navigateur.titre == "Autoriser une application":
        page = navigateur.autoriser()
    return reponse(page)["code"]


@pytest.mark.regle("2.1-1")
def test_de_la_premiere_page_aux_jetons(api, base, technicien):
    logiciel, navigateur = Logiciel(), Navigateur(api)
    page = navigateur.demander(logiciel)
    assert (page.status_code, navigateur.titre) == (200, "Se connecter")
    assert "Logiciel social de démonstration" in page.text
    page = navigateur.se_connecter(technicien)
    assert navigateur.titre == "Autoriser une application"
    assert technicien in page.text
    assert "Structure d&#39;essai" in page.text
    assert "Lire les demandes" in page.text

    page = navigateur.autoriser()
    recu = reponse(page)
    assert page.headers["location"].startswith(f"{RETOUR}?")
    assert set(recu) == {"code", "state", "iss"}
    assert (recu["state"], recu["iss"]) == (logiciel.state, settings().base_url)
    assert "no-store" in page.headers["cache-control"]
    assert page.headers["referrer-policy"] == "no-referrer"
    assert (
        base.valeur(
            "SELECT count(*) FROM codes_autorisation WHERE empreinte = :e", e=fingerprint(recu["code"])
        )
        == 1
    )
    assert (
        base.valeur("SELECT count(*) FROM codes_autorisation c WHERE c::text LIKE :c", c=f"%{recu['code']}%")
        == 0
    )

    jetons = logiciel.jetons(api, recu["code"]).json()
    assert (jetons["token_type"], jetons["scope"]) == ("Bearer", "comptes:lire demandes:lire")
    _, claims, _ = parties(jetons["access_token"])
    assert (claims["client_id"], claims["role"]) == (CLIENT, "technicien")
    client = Client(api, jetons["access_token"])
    assert client.get("/v1/moi").json()["compte"]["identifiant"] == technicien
    assert client.get("/v1/demandes").status_code == 200


def test_un_code_sert_une_fois_et_sa_reprise_ferme_ce_qu_il_a_ouvert(api, technicien):
    logiciel = Logiciel()
    code = code_pour(api, technicien, logiciel)
    jetons = logiciel.jetons(api, code).json()
    client = Client(api, jetons["access_token"], jetons["refresh_token"])
    assert client.get("/v1/moi").status_code == 200
    repris = logiciel.jetons(api, code)
    assert (repris.status_code, repris.json()["error"]) == (400, "invalid_grant")
    refuse(client.get("/v1/moi"))
    assert rafraichir(api, client.rafraichissement, client_id=CLIENT).status_code == 400


def test_un_code_echange_plusieurs_fois_a_la_fois_ne_laisse_rien_d_ouvert(api, technicien):
    logiciel = Logiciel()
    code = code_pour(api, technicien, logiciel)
    with ThreadPoolExecutor(6) as fils:
        reponses = list(fils.map(lambda _: logiciel.jetons(api, code), range(6)))
    obtenus = [r.json()["access_token"] for r in reponses if r.status_code == 200]
    assert len(obtenus) == 1
    refuse(Client(api, obtenus[0]).get("/v1/moi"))


def test_un_code_est_lie_a_son_application_son_adresse_et_sa_preuve(api, base, technicien):
    with une_application(base) as autre:
        for changement in (
            {"code_verifier": "x" * 43},
            {"code_verifier": ...},
            {"code_verifier": "trop court"},
            {"redirect_uri": "http://127.0.0.1:51005/retour"},
            {"redirect_uri": ...},
            {"client_id": autre.client_id, "client_secret": autre.secret},
        ):
            logiciel = Logiciel()
            code = code_pour(api, technicien, logiciel)
            refus = logiciel.jetons(api, code, **changement)
            assert (refus.status_code, refus.json()["error"]) == (400, "invalid_grant"), changement
        # A wrong proof has used the code: whoever guesses has one guess.
        logiciel = Logiciel()
        code = code_pour(api, technicien, logiciel)
        assert logiciel.jetons(api, code, code_verifier="y" * 64).status_code == 400
        assert logiciel.jetons(api, code).status_code == 400


def test_un_code_ne_dure_qu_une_minute(api, base, technicien):
    logiciel = Logiciel()
    code = code_pour(api, technicien, logiciel)
    reste = "SELECT extract(epoch FROM expire_le - now()) FROM codes_autorisation WHERE empreinte = :e"
    assert 0 < base.valeur(reste, e=fingerprint(code)) <= 60
    perimer = "UPDATE codes_autorisation SET expire_le = now() - interval '1 second' WHERE empreinte = :e"
    base.ecrire(perimer, e=fingerprint(code))
    assert logiciel.jetons(api, code).json()["code"] == "code-invalide"


@pytest.mark.regle("4.1-1")
def test_un_code_ne_survit_ni_a_l_inactivation_ni_au_changement_de_mot_de_passe(api, base, technicien):
    for ecriture, inverse in (
        ("statut = 'inactif', inactive_le = now()", "statut = 'actif', inactive_le = NULL"),
        ("epoque = epoque + 1", "epoque = epoque"),
    ):
        logiciel = Logiciel()
        code = code_pour(api, technicien, logiciel)
        base.ecrire(f"UPDATE comptes SET {ecriture} WHERE identifiant = :i", i=technicien)
        assert logiciel.jetons(api, code).status_code == 400
        base.ecrire(f"UPDATE comptes SET {inverse} WHERE identifiant = :i", i=technicien)


def test_une_application_a_secret_le_montre_a_l_echange(api, base, technicien):
    with une_application(base) as logiciel:
        for sans_preuve in ({"code_challenge": ...}, {"code_challenge_method": "plain"}):
            refus = reponse(Navigateur(api).demander(logiciel, **sans_preuve))
            assert refus["error"] == "invalid_request"  # a secret does not stand for PKCE
        for faux in (..., "faux", ""):
            code = code_pour(api, technicien, logiciel)
            refus = logiciel.jetons(api, code, client_secret=faux)
            assert (refus.status_code, refus.json()["error"]) == (401, "invalid_client")
        corps = logiciel.echange(code, client_id=..., client_secret=...)
        jetons = api.post("/v1/oauth/token", data=corps, auth=(logiciel.client_id, logiciel.secret)).json()
        assert Client(api, jetons["access_token"]).get("/v1/demandes").status_code == 200
        deux = api.post(
            "/v1/oauth/token", data=logiciel.echange(code), auth=(logiciel.client_id, logiciel.secret)
        )
        assert deux.json()["error"] == "invalid_request"  # credentials twice (RFC 6749, 2.3)


def test_le_rafraichissement_d_une_application_publique_tourne_et_sa_reprise_ferme_tout(api, technicien):
    client = danser(api, technicien)
    assert rafraichir(api, client.rafraichissement).status_code == 401  # whose it is must be said
    assert rafraichir(api, client.rafraichissement, client_id="swagger-ui").status_code == 400
    suivant = rafraichir(api, client.rafraichissement, client_id=CLIENT).json()
    assert suivant["refresh_token"] != client.rafraichissement
    assert rafraichir(api, client.rafraichissement, client_id=CLIENT).status_code == 400
    for jeton in (client.jeton, suivant["access_token"]):
        refuse(Client(api, jeton).get("/v1/moi"))


def test_une_application_terminee_ne_sert_plus_aussitot(api, base, technicien):
    with une_application(base) as logiciel:
        client = danser(api, technicien, logiciel)
        code = code_pour(api, technicien, logiciel)
        base.ecrire("UPDATE applications SET fin_le = now() WHERE client_id = :c", c=logiciel.client_id)
        refuse(client.get("/v1/moi"))
        assert logiciel.jetons(api, code).status_code == 401
        assert Navigateur(api).demander(logiciel).status_code == 400


SUR_UNE_PAGE = (
    {"client_id": ...},
    {"client_id": "inconnue"},
    {"client_id": "back-office-611"},  # no code flow
    {"client_id": "é" * 80},
    {"redirect_uri": ...},
    {"redirect_uri": "http://127.0.0.1/retour/"},
    {"redirect_uri": "http://127.0.0.1/retour?x=1"},
    {"redirect_uri": "http://127.0.0.1:51004/Retour"},
    {"redirect_uri": "http://127.0.0.1@ailleurs.example/retour"},
    {"redirect_uri": "http://127.0.0.1.ailleurs.example/retour"},
    {"redirect_uri": "http://127.0.0.1:51004\\@ailleurs.example/retour"},
    {"redirect_uri": "http://127.0.0.1:80@ailleurs.example/retour"},
    {"redirect_uri": "http://localhost:51004/retour"},
    {"redirect_uri": "http://[::1]:51004/retour"},
    {"redirect_uri": "https://127.0.0.1:51004/retour"},
    {"redirect_uri": "http://127.0.0.1:51004/retour#f"},
    {"redirect_uri": "http://127.0.0.1:51004/retour\r\nX: y"},
    {"redirect_uri": "javascript:alert(1)"},
    {"redirect_uri": "https://ailleurs.example/"},
    {"redirect_uri": ["http://127.0.0.1/retour", "http://127.0.0.1/retour"]},
    {"client_id": [CLIENT, CLIENT]},
)


@pytest.mark.parametrize("changement", SUR_UNE_PAGE, ids=str)
def test_ce_qui_n_est_pas_de_confiance_est_dit_sur_une_page_et_jamais_redirige(api, changement):
    page = Navigateur(api).demander(Logiciel(), **changement)
    assert page.status_code == 400
    assert "location" not in page.headers
    assert "Rien n'a été transmis" in page.text
    assert "ailleurs.example" not in page.text


A_L_APPLICATION = (
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "code token"}, "unsupported_response_type"),
    ({"response_type": ...}, "invalid_request"),
    ({"response_type": ["code", "code"]}, "invalid_request"),
    ({"code_challenge": ...}, "invalid_request"),
    ({"code_challenge": "court"}, "invalid_request"),
    ({"code_challenge": "é" * 43}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": ...}, "invalid_request"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"response_mode": "form_post"}, "invalid_request"),
    ({"scope": "demandes:lire administrateur"}, "invalid_scope"),
    ({"scope": "cgu"}, "invalid_scope"),
    ({"scope": ["demandes:lire", "comptes:lire"]}, "invalid_request"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"prompt": "select_account"}, "invalid_request"),
    ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
    ({"request_uri": "https://ailleurs.example/r"}, "request_uri_not_supported"),
    ({"nonce": "x" * 3000}, "invalid_request"),
    ({"prompt": "none"}, "login_required"),
)


@pytest.mark.parametrize(("changement", "erreur"), A_L_APPLICATION, ids=str)
def test_le_reste_est_dit_a_l_application_a_son_adresse(api, changement, erreur):
    logiciel = Logiciel()
    page = Navigateur(api).demander(logiciel, **changement)
    assert page.headers["location"].startswith(f"{RETOUR}?")
    recu = reponse(page)
    assert (recu["error"], recu["state"], recu["iss"]) == (erreur, logiciel.state, settings().base_url)
    assert recu["error_description"].isascii()
    assert "code" not in recu


def test_un_etat_illisible_n_est_pas_rendu(api):
    for etat in (["a", "b"], "x" * 3000, "a\nb"):
        recu = reponse(Navigateur(api).demander(Logiciel(), state=etat))
        assert recu["error"] == "invalid_request"
        assert "state" not in recu


def test_un_parametre_repete_au_guichet_est_refuse(api, technicien):
    logiciel = Logiciel()
    corps = logiciel.echange(code_pour(api, technicien, logiciel))
    for nom, valeur in corps.items():
        refus = api.post("/v1/oauth/token", data=corps | {nom: [valeur, valeur]})
        assert (refus.status_code, refus.json()["error"]) == (400, "invalid_request"), nom
    assert logiciel.jetons(api, corps["code"]).status_code == 200


def test_sans_deranger_l_application_apprend_ce_qui_manque(api, base, fabrique, client_de):
    structure = fabrique.structure()
    sans_cgu = fabrique.compte("technicien", cgu=False, partenaire_id=structure.id)
    logiciel, navigateur = Logiciel(), Navigateur(api)
    navigateur.aller("/connexion")
    navigateur.se_connecter(sans_cgu)
    assert reponse(navigateur.demander(logiciel, prompt="none"))["error"] == "interaction_required"

    navigateur = Navigateur(api)
    navigateur.aller("/connexion")
    navigateur.se_connecter(structure.techniciens[0])
    assert reponse(navigateur.demander(logiciel, prompt="none"))["error"] == "consent_required"
    navigateur.demander(logiciel)
    navigateur.autoriser()
    assert "code" in reponse(navigateur.demander(logiciel, prompt="none"))
    plus = reponse(navigateur.demander(logiciel, prompt="none", scope="demandes:lire demandes:ecrire"))
    assert plus["error"] == "consent_required"

    navigateur = Navigateur(api)
    navigateur.aller("/connexion")
    navigateur.se_connecter(fabrique.compte("agent_caisse", caisse="611"))
    assert reponse(navigateur.demander(logiciel, prompt="none"))["error"] == "access_denied"


def test_les_metadonnees_annoncent_ce_qui_est_fait_et_rien_d_autre(api):
    annonce = api.get("/.well-known/oauth-authorization-server").json()
    base = settings().base_url
    assert annonce["issuer"] == base
    assert annonce["code_challenge_methods_supported"] == ["S256"]
    assert annonce["response_types_supported"] == ["code"]
    assert annonce["response_modes_supported"] == ["query"]
    assert annonce["authorization_response_iss_parameter_supported"] is True
    assert (annonce["request_parameter_supported"], annonce["request_uri_parameter_supported"]) == (
        False,
        False,
    )
    assert set(annonce["grant_types_supported"]) == {
        "authorization_code",
        "client_credentials",
        "password",
        "refresh_token",
    }
    for nom in ("token_endpoint", "revocation_endpoint", "introspection_endpoint"):
        assert api.post(annonce[nom].removeprefix(base)).status_code in {400, 401}, nom
    assert api.get(annonce["authorization_endpoint"].removeprefix(base)).status_code == 400
    assert api.get(annonce["jwks_uri"].removeprefix(base)).json()["keys"]
    for grant in annonce["grant_types_supported"]:
        refus = api.post("/v1/oauth/token", data={"grant_type": grant}).json()
        assert refus["error"] != "unsupported_grant_type", grant


@pytest.mark.regle("2.1-1")
def test_sans_personne_l_application_d_une_structure_ne_fait_que_lire(api, base, fabrique, client_de):
    structure, autre = fabrique.structure(), fabrique.structure()
    technicien = client_de(structure.techniciens[0])
    demande, ailleurs = technicien.deposer(), client_de(autre.techniciens[0]).deposer()
    portees = ["demandes:lire", "demandes:ecrire", "comptes:lire", "conventions:lire"]
    flux = {"grant_types": ["client_credentials"], "scope": portees, "partenaire_id": structure.id}
    with une_application(base, **flux) as logiciel:
        cle = logiciel.client_id, logiciel.secret
        jeton = demander(api, cle).json()["access_token"]
        seule = Client(api, jeton)
        tete, claims, _ = parties(jeton)
        assert (claims["role"], claims["partenaire_id"], claims["caisse"]) == (
            "technicien",
            structure.id,
            None,
        )
        assert seule.get("/v1/moi").json()["compte"] is None
        assert [d["id"] for d in seule.get("/v1/demandes").json()["donnees"]] == [demande["id"]]
        assert seule.get(f"/v1/demandes/{demande['id']}").status_code == 200
        assert seule.get(f"/v1/demandes/{ailleurs['id']}").status_code == 404
        for methode, chemin, corps in (
            ("POST", "/v1/signalements", un_signalement()),
            ("POST", f"/v1/demandes/{demande['id']}/messages", {"texte": "Bonjour."}),
            ("POST", f"/v1/demandes/{demande['id']}/annulation", {"motif": "Essai."}),
        ):
            refus = seule.appel(methode, chemin, json=corps)
            assert (refus.status_code, refus.json()["code"]) == (403, "permission-refusee"), chemin
        assert technicien.get(f"/v1/demandes/{demande['id']}").json()["statut"] == "deposee"

        # Even well signed, the name of another structure or profile opens nothing.
        for nom, valeur in (
            ("partenaire_id", autre.id),
            ("role", "gestionnaire"),
            ("role", "agent_caisse"),
            ("caisse", "611"),
        ):
            refuse(Client(api, signe(tete, claims | {nom: valeur})).get("/v1/moi"))
        finie = "tacite_reconduction = false, signee_partenaire_le = '2020-01-12', signee_caisse_le = '2020-01-20'"
        base.ecrire(f"UPDATE conventions SET {finie} WHERE partenaire_id = :p", p=structure.id)
        assert demander(api, cle).json()["error"] == "unauthorized_client"
        refuse(seule.get("/v1/demandes"))
