"""The pages that the links of the mails open (art. 2.2.1): a form, no script, and the same rules as the API."""

import re
from html import unescape

import pytest

from app.comptes.regles_mot_de_passe import PLUS_LONG_LU
from app.kit.passwords import fingerprint
from tests.api.courrier import courriers, jeton_de, ouvrir_un_compte, travailler
from tests.outils import connexion

NOUVEAU = "Trois bouleaux près du lavoir"
SUIVANT = "Quatre saules bleus du lavoir"


@pytest.fixture
def attente(client_de, api):
    return ouvrir_un_compte(client_de, api)


def envoyer(api, page, mot_de_passe, confirmation=None):
    saisie = {
        "mot_de_passe": mot_de_passe,
        "confirmation": mot_de_passe if confirmation is None else confirmation,
    }
    return api.post(page, data=saisie)


def refus_du_champ(reponse, champ):
    """The sentences printed beside a field, which the field itself designates."""
    (entree,) = re.findall(rf'<input id="{champ}".*?>', reponse.text, re.DOTALL)
    designe = (re.findall(r'aria-describedby="([^"]*)"', entree) or [""])[0]
    if f"{champ}-refus" not in designe.split():
        return []
    liste = re.search(rf'id="{champ}-refus">(.*?)</ul>', reponse.text, re.DOTALL)[1]
    return re.findall(r"<li>(.*?)</li>", unescape(liste))


@pytest.mark.regle("2.2.1-3")
def test_le_titulaire_active_son_compte_dans_la_page(api, attente, base):
    _, identifiant, adresse, jeton = attente
    page = f"/activation/{jeton}"
    for _ in range(3):  # a mail filter reads the page as well
        lue = api.get(page)
        assert (lue.status_code, "<form" in lue.text) == (200, True)
    utilise = "SELECT utilise_le FROM liens WHERE empreinte = :e"
    assert base.valeur(utilise, e=fingerprint(jeton)) is None

    differents = envoyer(api, page, NOUVEAU, SUIVANT)
    assert differents.status_code == 422
    assert refus_du_champ(differents, "confirmation") == ["Les deux saisies sont différentes."]
    faible = envoyer(api, page, "Quesnel-61-Quesnel")
    assert faible.status_code == 422
    assert refus_du_champ(faible, "mot_de_passe") == [
        "Il repose trop sur votre nom, votre adresse, votre identifiant ou le nom de votre structure."
    ]
    nir = envoyer(api, page, "lavoir 2 51 05 61 001 234 10")
    assert len(refus_du_champ(nir, "mot_de_passe")) == 1
    assert envoyer(api, page, "").status_code == 422
    assert base.valeur(utilise, e=fingerprint(jeton)) is None

    fait = envoyer(api, page, NOUVEAU)
    assert (fait.status_code, "Votre compte est activé." in fait.text) == (200, True)
    assert connexion(api, identifiant, NOUVEAU).status_code == 200
    for reponse in (api.get(page), envoyer(api, page, SUIVANT)):
        assert (reponse.status_code, "ne peut plus servir" in reponse.text) == (404, True)
    assert adresse not in lue.text + fait.text


@pytest.mark.regle("2.2.1-4")
def test_un_mot_de_passe_oublie_se_remplace_dans_la_page(api, attente):
    _, identifiant, adresse, jeton = attente
    assert envoyer(api, f"/activation/{jeton}", NOUVEAU).status_code == 200
    api.post("/v1/mots-de-passe-oublies", json={"identifiant": identifiant})
    travailler(api)
    page = f"/reinitialisation/{jeton_de(courriers(adresse)[-1], 'reinitialisation')}"
    assert api.get(page.replace("reinitialisation", "activation")).status_code == 404  # bound to its nature
    deja = envoyer(api, page, NOUVEAU)
    assert refus_du_champ(deja, "mot_de_passe") == [
        "C'est votre mot de passe actuel, ou l'un des 5 précédents."
    ]
    assert envoyer(api, page, SUIVANT).status_code == 200
    assert connexion(api, identifiant, SUIVANT).status_code == 200
    assert connexion(api, identifiant, NOUVEAU).status_code == 400


def test_une_page_ne_charge_que_sa_feuille_de_style_et_ne_se_garde_pas(api, attente):
    *_, jeton = attente
    for lien in (jeton, "4hTzJ0w8"):
        page = api.get(f"/activation/{lien}")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"
        directives = page.headers["content-security-policy"].split("; ")
        assert {
            "default-src 'none'",
            "style-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        } <= set(directives)
        assert "unsafe" not in page.headers["content-security-policy"]
        assert not re.search(r"<script|<style|\s(style|on[a-z]+)=|<img|http", page.text)
        assert re.findall(r'(?:href|src)="([^"]*)"', page.text) == ["/acces.css"]
        assert lien not in page.text
        assert "set-cookie" not in page.headers
    feuille = api.get("/acces.css")
    assert (feuille.status_code, feuille.headers["content-type"]) == (200, "text/css; charset=utf-8")


def test_rien_de_ce_qui_est_saisi_n_est_reimprime(api, attente):
    *_, jeton = attente
    saisi = '"><b>tonneau</b>'
    for reponse in (envoyer(api, f"/activation/{jeton}", saisi), envoyer(api, f"/activation/{saisi}", saisi)):
        assert "tonneau" not in reponse.text


def test_la_garde_ne_lit_pas_plus_d_une_saisie_que_l_api(api, attente, monkeypatch):
    """Nobody is known here: a megabyte of digits would keep the guard, and its process, for seconds."""
    *_, jeton = attente
    lus = []
    monkeypatch.setattr(
        "app.portail.routes_pages.check_texts", lambda corps: lus.append(len(corps.mot_de_passe))
    )
    trop = "1" * 400_000
    assert "Au plus 128 caractères." in envoyer(api, f"/activation/{jeton}", trop).text
    assert envoyer(api, "/activation/inconnu", trop).status_code == 404
    assert lus == [PLUS_LONG_LU] * 2


def test_les_pages_ne_sont_pas_du_contrat(api):
    chemins = api.get("/openapi.json").json()["paths"]
    assert {"/v1/activations/{jeton}", "/v1/moi/mot-de-passe"} <= set(chemins)
    assert not [
        chemin for chemin in chemins if chemin.startswith(("/activation", "/reinitialisation", "/acces"))
    ]
