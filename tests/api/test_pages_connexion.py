"""The pages where somebody signs in, accepts the CGU and consents (art. 2.1, 2.2.1, 4.1)."""

import re
import uuid
from html import unescape

import pytest

from app.config import settings
from app.kit.passwords import fingerprint
from tests.api.danse import Logiciel, Navigateur, danser, reponse, une_application
from tests.api.test_jetons import refuse
from tests.outils import MOT_DE_PASSE, Client, connexion

NOUVEAU = "Trois bouleaux près du lavoir"
CONSENTEMENT = "Autoriser une application"
PAS_OUVERTE = "Cette application n'est pas ouverte à votre profil"


@pytest.fixture
def technicien(fabrique):
    return fabrique.structure().techniciens[0]


@pytest.fixture
def connecte(api, technicien):
    navigateur = Navigateur(api)
    navigateur.aller("/connexion")
    navigateur.se_connecter(technicien)
    assert navigateur.titre == "Vous êtes connecté"
    return navigateur


@pytest.mark.regle("2.1-1")
def test_un_refus_de_connexion_est_le_meme_quel_que_soit_le_tort(api, base, fabrique):
    actif, inactif = (fabrique.compte("agent_caisse", caisse="611") for _ in range(2))
    base.ecrire(
        "UPDATE comptes SET statut = 'inactif', inactive_le = now() WHERE identifiant = :i", i=inactif
    )
    pages = set()
    for identifiant, mot_de_passe in (
        (actif, "mauvais-mot-de-passe"),
        ("t-inconnu00", MOT_DE_PASSE),
        (inactif, MOT_DE_PASSE),
        ("' OR 1=1 --", MOT_DE_PASSE),
        ("x" * 2000, MOT_DE_PASSE),
        (actif, ""),
        ("", ""),
    ):
        navigateur = Navigateur(api)
        navigateur.aller("/connexion")
        page = navigateur.se_connecter(identifiant, mot_de_passe)
        assert (page.status_code, navigateur.titre) == (400, "Se connecter")
        sans_valeurs = re.sub(r' value="[^"]*"| autofocus', "", page.text)
        pages.add(sans_valeurs)
        assert mot_de_passe == "" or mot_de_passe not in page.text
    assert len(pages) == 1
    assert "Identifiant ou mot de passe incorrect" in pages.pop()


def test_une_saisie_demesuree_recoit_une_page(api, technicien):
    """Somebody reads the answer of a form: never the JSON of a validation."""
    navigateur = Navigateur(api)
    for long_ in (5_000, 400_000):
        for champ in ("identifiant", "mot_de_passe", "anti_csrf"):
            navigateur.aller("/connexion")
            saisie = {"identifiant": technicien, "mot_de_passe": MOT_DE_PASSE} | {champ: "x" * long_}
            page = navigateur.envoyer(**saisie)
            assert (page.status_code, navigateur.titre) == (
                403 if champ == "anti_csrf" else 400,
                "Se connecter",
            )
    navigateur.aller("/connexion")
    navigateur.se_connecter(technicien)
    navigateur.aller("/mot-de-passe")
    navigateur.envoyer(actuel=MOT_DE_PASSE, nouveau="1" * 400_000, confirmation="1" * 400_000)
    assert "Au plus 128 caractères." in navigateur.page.text


def test_rien_de_dangereux_n_est_reimprime(api):
    navigateur = Navigateur(api)
    navigateur.aller("/connexion")
    page = navigateur.se_connecter('"><script>alert(1)</script>', "tonneau")
    assert "alert(1)" not in page.text
    assert "tonneau" not in page.text
    page = navigateur.aller('/connexion?client_id="><b>tonneau</b>')
    assert "tonneau" not in page.text


@pytest.mark.regle("4.1-1")
def test_la_session_d_un_navigateur_change_de_secret_a_la_connexion(api, base, technicien):
    navigateur = Navigateur(api)
    navigateur.http.cookies.set("ep_session", "s-pose-par-un-autre")
    navigateur.aller("/connexion")
    navigateur.se_connecter(technicien)
    assert navigateur.titre == "Vous êtes connecté"
    assert navigateur.http.cookies.jar
    secrets = {cookie.value for cookie in navigateur.http.cookies.jar if cookie.name == "ep_session"}
    nouveaux = {
        s
        for s in secrets
        if base.lignes("SELECT 1 FROM sessions_navigateur WHERE empreinte = :e", e=fingerprint(s))
    }
    assert len(nouveaux) == 1
    assert "s-pose-par-un-autre" not in nouveaux
    victime = Navigateur(api)
    victime.http.cookies.set("ep_session", "s-pose-par-un-autre")
    victime.aller("/connexion")
    assert victime.titre == "Se connecter"


def test_le_cookie_est_du_seul_hote_et_n_est_lu_par_aucun_script(api, connecte, monkeypatch):
    depart = Navigateur(api).aller("/connexion").headers["set-cookie"]
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(depart.split("; "))
    assert "domain" not in depart.lower()
    assert "secure" not in depart.lower()  # plain http, in development
    https = settings().model_copy(update={"base_url": "https://ep.example"})
    monkeypatch.setattr("app.portail.navigateur.settings", lambda: https)
    surete = Navigateur(api).aller("/connexion").headers["set-cookie"]
    assert surete.startswith("__Host-ep_session=")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(surete.split("; "))
    assert "domain" not in surete.lower()


@pytest.mark.regle("4.1-2")
def test_une_session_finit_avec_le_compte_le_mot_de_passe_et_la_sortie(api, base, fabrique):
    lui = "(SELECT id FROM comptes WHERE identifiant = :i)"
    for fin in (
        "comptes SET statut = 'inactif', inactive_le = now() WHERE identifiant = :i",
        "comptes SET epoque = epoque + 1 WHERE identifiant = :i",
        f"sessions_navigateur SET expire_le = now() - interval '1 second' WHERE compte_id = {lui}",
    ):
        navigateur, identifiant = Navigateur(api), fabrique.structure().techniciens[0]
        navigateur.aller("/connexion")
        navigateur.se_connecter(identifiant)
        assert navigateur.titre == "Vous êtes connecté"
        base.ecrire(f"UPDATE {fin}", i=identifiant)
        navigateur.aller("/connexion")
        assert navigateur.titre == "Se connecter"


def test_la_sortie_ferme_la_session_pour_de_bon(api, connecte):
    garde = connecte.secret
    connecte.aller("/connexion")
    connecte.envoyer("/deconnexion")
    assert connecte.titre == "Se connecter"
    assert connecte.secret != garde
    voleur = Navigateur(api)
    voleur.http.cookies.set("ep_session", garde)
    voleur.aller("/connexion")
    assert voleur.titre == "Se connecter"


def test_un_formulaire_d_ailleurs_ne_fait_rien(api, base, technicien, connecte):
    logiciel = Logiciel()
    connecte.demander(logiciel)
    assert connecte.titre == CONSENTEMENT
    adresse, jeton = str(connecte.page.request.url), connecte.cache()
    for entetes, csrf in (
        ({"Sec-Fetch-Site": "cross-site"}, jeton),
        ({"Sec-Fetch-Site": "same-site"}, jeton),
        ({"Sec-Fetch-Site": "none"}, jeton),
        ({"Sec-Fetch-Site": "same-origin"}, ""),
        ({"Sec-Fetch-Site": "same-origin"}, "0" * 64),
        ({"Origin": "https://ailleurs.example"}, jeton),
        ({"Origin": "null"}, jeton),
    ):
        corps = {"anti_csrf": csrf, "decision": "autoriser", "portees": "demandes:lire"}
        page = connecte.http.post(adresse, data=corps, headers=entetes)
        assert (page.status_code, "location" in page.headers) == (422, False), entetes
    autre = Navigateur(api)
    autre.aller("/connexion")
    page = connecte.http.post(
        adresse,
        data={"anti_csrf": autre.cache(), "decision": "autoriser"},
        headers={"Origin": settings().base_url},
    )
    assert page.status_code == 422
    compte = (
        "SELECT count(*) FROM consentements c JOIN comptes p ON p.id = c.compte_id WHERE p.identifiant = :i"
    )
    assert base.valeur(compte, i=technicien) == 0
    bien = {"anti_csrf": jeton, "decision": "autoriser", "portees": "demandes:lire"}
    assert connecte.http.post(adresse, data=bien, headers={"Origin": settings().base_url}).status_code == 303

    for chemin, corps in (
        ("/deconnexion", {}),
        ("/mot-de-passe", {"actuel": MOT_DE_PASSE, "nouveau": NOUVEAU}),
    ):
        connecte.http.post(
            chemin, data=corps | {"confirmation": NOUVEAU}, headers={"Sec-Fetch-Site": "cross-site"}
        )
    connecte.aller("/connexion")
    assert connecte.titre == "Vous êtes connecté"
    etranger = Navigateur(api)
    sans_jeton = etranger.http.post(
        "/connexion", data={"identifiant": technicien, "mot_de_passe": MOT_DE_PASSE}
    )
    assert sans_jeton.status_code == 403


def test_les_pages_ne_se_laissent_ni_encadrer_ni_garder(api, connecte):
    connecte.demander(Logiciel())
    for page in (
        connecte.page,
        Navigateur(api).aller("/connexion"),
        Navigateur(api).aller("/mot-de-passe-oublie"),
    ):
        politique = page.headers["content-security-policy"].split("; ")
        assert {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} <= set(politique)
        assert "unsafe" not in page.headers["content-security-policy"]
        assert page.headers["x-frame-options"] == "DENY"
        assert page.headers["referrer-policy"] == "same-origin"
        assert page.headers["cross-origin-opener-policy"] == "same-origin"
        assert page.headers["cache-control"] == "no-store"
        assert not re.search(r"<script|<style|\s(style|on[a-z]+)=|<img", page.text)
    assert "form-action 'self' http://127.0.0.1:51004" in connecte.page.headers["content-security-policy"]


@pytest.mark.regle("2.1-2")
def test_les_cgu_viennent_avant_le_consentement_et_leur_nouvelle_version_aussi(
    api, base, client_de, fabrique
):
    structure = fabrique.structure()
    identifiant = fabrique.compte("technicien", cgu=False, partenaire_id=structure.id)
    logiciel, navigateur = Logiciel(), Navigateur(api)
    navigateur.demander(logiciel)
    page = navigateur.se_connecter(identifiant)
    assert navigateur.titre == "Conditions générales d'utilisation"
    assert navigateur.cache("version") in page.text
    adresse = str(page.request.url)
    # Consent cannot be given first, nor the acceptance forged or left out.
    assert (
        navigateur.envoyer(adresse.replace("/cgu", "/consentement"), decision="autoriser").status_code == 200
    )
    assert navigateur.titre == "Conditions générales d'utilisation"
    assert navigateur.envoyer(version=navigateur.cache("version")).status_code == 422
    assert navigateur.envoyer(version="1999-01", accepte="oui").status_code == 422
    navigateur.envoyer(version=navigateur.cache("version"), accepte="oui")
    assert navigateur.titre == CONSENTEMENT
    jetons = logiciel.jetons(api, reponse(navigateur.autoriser())["code"]).json()
    assert jetons["scope"] == "comptes:lire demandes:lire"

    version = f"essai-{uuid.uuid4().hex[:8]}"
    operateur = client_de("n-operateur")
    try:
        operateur.post("/v1/cgu", {"version": version, "texte": "Nouvelles conditions <b>d'essai</b>."})
        page = navigateur.demander(logiciel)
        assert navigateur.titre == "Conditions générales d'utilisation"
        assert "Nouvelles conditions &lt;b&gt;" in page.text
        assert "code" in reponse(
            navigateur.envoyer(version=version, accepte="oui")
        )  # the consent is remembered
    finally:
        base.ecrire("UPDATE comptes SET cgu_version = NULL WHERE cgu_version = :v", v=version)
        base.ecrire("DELETE FROM versions_cgu WHERE version = :v", v=version)


@pytest.mark.regle("2.2.1-4")
def test_un_mot_de_passe_perime_se_change_a_la_connexion(api, base, technicien):
    base.ecrire(
        "UPDATE comptes SET mot_de_passe_change_le = now() - interval '400 days' WHERE identifiant = :i",
        i=technicien,
    )
    logiciel, navigateur = Logiciel(), Navigateur(api)
    navigateur.demander(logiciel)
    navigateur.se_connecter(technicien)
    assert navigateur.titre == "Changer votre mot de passe"
    avant = navigateur.secret
    for actuel, nouveau, confirmation, champ in (
        ("faux", NOUVEAU, NOUVEAU, "actuel"),
        (MOT_DE_PASSE, "court", "court", "nouveau"),
        (MOT_DE_PASSE, NOUVEAU, "autre", "confirmation"),
        (MOT_DE_PASSE, "lavoir 2 51 05 61 001 234 10", "lavoir 2 51 05 61 001 234 10", "nouveau"),
    ):
        page = navigateur.envoyer(actuel=actuel, nouveau=nouveau, confirmation=confirmation)
        assert page.status_code == 422
        assert re.findall(r'id="(\w+)-refus"', page.text) == [champ]
        assert nouveau not in page.text
    navigateur.envoyer(actuel=MOT_DE_PASSE, nouveau=NOUVEAU, confirmation=NOUVEAU)
    assert navigateur.titre == CONSENTEMENT
    assert navigateur.secret != avant
    assert "code" in reponse(navigateur.autoriser())
    assert connexion(api, technicien, MOT_DE_PASSE).status_code == 400
    voleur = Navigateur(api)
    voleur.http.cookies.set("ep_session", avant)
    voleur.aller("/connexion")
    assert voleur.titre == "Se connecter"


def test_un_consentement_se_restreint_se_refuse_et_se_retient(api, technicien):
    logiciel, navigateur = Logiciel(scope="demandes:lire demandes:ecrire comptes:lire"), Navigateur(api)
    navigateur.demander(logiciel)
    page = navigateur.se_connecter(technicien)
    assert unescape(re.search(r"<code>(.*?)</code>", page.text)[1]) == "127.0.0.1:51004"
    assert page.text.count(" checked") == 3
    assert navigateur.envoyer(decision="autoriser").status_code == 422  # nothing ticked
    assert " checked" not in navigateur.page.text  # nothing is ticked again behind one's back
    assert (
        navigateur.envoyer(decision="autoriser", portees=["webhooks:ecrire"]).status_code == 422
    )  # not asked
    refus = reponse(navigateur.envoyer(decision="refuser"))
    assert (refus["error"], refus["state"]) == ("access_denied", logiciel.state)

    navigateur.demander(logiciel)
    jetons = logiciel.jetons(api, reponse(navigateur.autoriser("demandes:lire"))["code"]).json()
    assert jetons["scope"] == "demandes:lire"
    client = Client(api, jetons["access_token"])
    assert client.get("/v1/demandes").status_code == 200
    assert client.post("/v1/signalements", {}).status_code in {403, 422}

    assert "code" in reponse(navigateur.demander(logiciel, scope="demandes:lire"))  # remembered
    navigateur.demander(logiciel)
    assert navigateur.titre == CONSENTEMENT  # more is asked
    navigateur.demander(logiciel, scope="demandes:lire", prompt="consent")
    assert navigateur.titre == CONSENTEMENT
    navigateur.demander(logiciel, scope="demandes:lire", prompt="login")
    assert navigateur.titre == "Se connecter"
    assert "code" in reponse(navigateur.se_connecter(technicien))


def test_une_application_ne_sert_que_les_profils_qu_elle_doit(api, base, fabrique):
    structure = fabrique.structure(gestionnaires=1)
    agent, agent_141 = (fabrique.compte("agent_caisse", caisse=caisse) for caisse in ("611", "141"))
    operateur = fabrique.compte("administrateur")
    de_structure = [*structure.techniciens, *structure.gestionnaires]
    with une_application(base, caisse="611") as de_la_caisse:
        for logiciel, servis in ((Logiciel(), de_structure), (de_la_caisse, [agent])):
            for identifiant in (*de_structure, agent, agent_141, operateur):
                navigateur = Navigateur(api)
                navigateur.demander(logiciel)
                navigateur.se_connecter(identifiant)
                attendu = CONSENTEMENT if identifiant in servis else PAS_OUVERTE
                assert navigateur.titre == attendu
                if identifiant not in servis:
                    navigateur.envoyer(decision="autoriser", portees=["demandes:lire"])
                    assert "location" not in navigateur.page.headers
                    refus = reponse(navigateur.envoyer(decision="refuser"))
                    assert refus["error"] == "access_denied"


def test_une_page_sans_application_ne_mene_nulle_part_ailleurs(api, technicien):
    """No parameter of a page is an address to go to: there is no open redirection."""
    navigateur = Navigateur(api)
    for piege in (
        "next=https://ailleurs.example",
        "redirect_uri=https://ailleurs.example",
        "suite=//ailleurs.example",
    ):
        page = navigateur.aller(f"/connexion?{piege}")
        assert page.status_code == 400
    navigateur.aller("/connexion")
    navigateur.se_connecter(technicien)
    for chemin in ("/connexion", "/cgu", "/consentement", "/mot-de-passe", "/v1/oauth/authorize"):
        page = navigateur.http.get(
            f"{chemin}?redirect_uri=https://ailleurs.example/&client_id=logiciel-social"
        )
        assert not page.headers.get("location", "").startswith(("http", "//"))


def test_un_mot_de_passe_oublie_se_demande_dans_la_page(api, base, technicien):
    pages = set()
    for identifiant in (technicien, "t-inconnu00"):
        navigateur = Navigateur(api)
        navigateur.aller("/mot-de-passe-oublie")
        page = navigateur.envoyer(identifiant=identifiant)
        assert page.status_code == 200
        pages.add(re.sub(r' value="[^"]*"', "", page.text))
    assert len(pages) == 1
    assert "un lien vient de partir" in pages.pop()


@pytest.mark.regle("2.1-1")
def test_le_frein_de_la_page_est_celui_du_guichet(api, base, technicien, monkeypatch):
    base.ecrire("DELETE FROM echecs_connexion")  # every test calls from the same address
    freine = settings().model_copy(update={"rate_limit": "on"})
    monkeypatch.setattr("app.acces.throttle.settings", lambda: freine)
    navigateur = Navigateur(api)
    navigateur.aller("/connexion")
    for _ in range(5):
        assert navigateur.se_connecter(technicien, "faux").status_code == 400
    page = navigateur.se_connecter(technicien)
    assert page.status_code == 429
    assert int(page.headers["retry-after"]) > 0
    assert "attendez avant de réessayer" in page.text
    assert connexion(api, technicien, MOT_DE_PASSE).status_code == 429


def test_le_frein_du_changement_de_mot_de_passe_dit_quand_revenir(api, base, connecte, monkeypatch):
    base.ecrire("DELETE FROM echecs_connexion")
    freine = settings().model_copy(update={"rate_limit": "on"})
    monkeypatch.setattr("app.acces.throttle.settings", lambda: freine)
    connecte.aller("/mot-de-passe")
    saisie = {"nouveau": NOUVEAU, "confirmation": NOUVEAU}
    for _ in range(5):
        assert connecte.envoyer(actuel="faux", **saisie).status_code == 422
    page = connecte.envoyer(actuel=MOT_DE_PASSE, **saisie)
    assert page.status_code == 429
    assert int(page.headers["retry-after"]) > 0
    assert "attendez avant de réessayer" in page.text


@pytest.mark.regle("4.1-2")
def test_retirer_un_consentement_ferme_tout_ce_qu_il_ouvrait(api, base, technicien):
    from app.acces import consentements, queries
    from app.comptes import queries as comptes
    from app.droits import Acteur, Role
    from app.kit.session import database

    logiciel, navigateur = Logiciel(), Navigateur(api)
    navigateur.demander(logiciel)
    navigateur.se_connecter(technicien)
    code = reponse(navigateur.autoriser())["code"]
    client = danser(api, technicien)
    autre = Client.connecte(api, technicien)

    async def retirer() -> None:
        async with database().transaction() as session:
            compte = await comptes.par_identifiant(session, technicien)
            application = await queries.application(session, logiciel.client_id)
            assert compte
            assert application
            await consentements.retirer(session, Acteur(compte.id, Role.TECHNICIEN), application, [compte.id])

    api.portal.call(retirer)
    refuse(client.get("/v1/moi"))
    assert logiciel.jetons(api, code).status_code == 400
    assert autre.get("/v1/moi").status_code == 200
    navigateur.demander(logiciel)
    assert navigateur.titre == CONSENTEMENT
