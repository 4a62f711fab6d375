"""Swagger UI, as a visitor uses it: alone on its server, from a signalement's deposit to its closing."""

import os
from pathlib import Path

import httpx
from playwright.sync_api import Locator, expect

from app.demo.personnages import COMPTES
from tests.navigateur.fenetre import Fenetre, Ouvrir, SwaggerUI

IMAGE = Path(__file__).parents[2] / "docs" / "images" / "swagger.png"
MOTS_DE_PASSE = {identifiant: mot_de_passe for identifiant, mot_de_passe, *_ in COMPTES}


def photographier(fenetre: Fenetre, bloc: Locator) -> None:
    """Keep the image of an operation and its answer, without the curl command: it holds a token."""
    bloc.locator(".curl-command").evaluate("commande => { commande.style.display = 'none'; }")
    bloc.evaluate("bloc => scrollTo(0, bloc.getBoundingClientRect().top + scrollY - 12)")
    IMAGE.parent.mkdir(exist_ok=True)
    fenetre.page.screenshot(path=IMAGE)


def back_office(serveur: str) -> tuple[str, str]:
    """Register the application of a caisse, as the national operator does; return its identifier and secret."""
    connexion = {
        "grant_type": "password",
        "username": "n-operateur",
        "password": MOTS_DE_PASSE["n-operateur"],
    }
    with httpx.Client(base_url=serveur, trust_env=False, timeout=60) as client:
        jeton = client.post("/v1/oauth/token", data=connexion).raise_for_status().json()["access_token"]
        demande = {
            "client_name": "Back office de l'Orne",
            "grant_types": ["client_credentials"],
            "scope": "demandes:lire demandes:ecrire",
            "caisse": "611",
        }
        inscrite = client.post(
            "/v1/applications", json=demande, headers={"Authorization": f"Bearer {jeton}"}
        ).raise_for_status()
    return inscrite.json()["client_id"], inscrite.json()["client_secret"]


def test_un_signalement_du_depot_a_la_cloture(ouvrir: Ouvrir) -> None:
    """The technicien by the code flow, the agent by a password, the caisse's software by its own secret."""
    fenetre = ouvrir("/docs", hauteur=1400)
    swagger = SwaggerUI(fenetre)

    swagger.autoriser("t-cias", MOTS_DE_PASSE["t-cias"])
    depot = swagger.operation("Signalements", "deposer_signalement")
    statut, demande = swagger.executer(depot)
    assert (statut, demande["statut"], demande["agent"]) == (201, "deposee", None)
    if os.environ.get("EP_CAPTURES") == "1":
        photographier(fenetre, depot)

    swagger.deconnecter()
    swagger.connecter("a-orne", MOTS_DE_PASSE["a-orne"])
    prise = swagger.operation("Demandes", "prendre_en_charge")
    statut, demande = swagger.executer(prise, id=demande["id"])
    assert (statut, demande["statut"], demande["agent"]["nom_affiche"]) == (200, "en_cours", "Agnès LEMOINE")

    swagger.deconnecter()
    swagger.application(*back_office(fenetre.serveur))
    cloture = swagger.operation("Demandes", "cloturer_demande")
    statut, demande = swagger.executer(cloture, id=demande["id"])
    assert (statut, demande["statut"], demande["issue"]) == (200, "cloturee", "traitee")

    fenetre.sans_histoire()


def test_rien_n_est_rempli_d_avance_ni_garde(ouvrir: Ouvrir) -> None:
    fenetre = ouvrir("/docs")
    page, swagger = fenetre.page, SwaggerUI(fenetre)
    page.locator(".auth-wrapper .btn.authorize").click()
    expect(page.locator("#oauth_password")).to_be_visible()
    champs = page.locator(".modal-ux input:not([type=checkbox])").all()
    assert len(champs) >= 4
    assert {champ.input_value() for champ in champs} == {"", "swagger-ui"}
    expect(page.locator("#oauth_password")).to_have_value("")
    page.locator(".modal-ux .close-modal").click()

    swagger.connecter("t-cias", MOTS_DE_PASSE["t-cias"])
    expect(page.locator(".auth-wrapper .btn.authorize.locked")).to_have_count(1)
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    page.reload(wait_until="networkidle")
    expect(page.locator(".auth-wrapper .btn.authorize.unlocked")).to_have_count(1)
    fenetre.sans_histoire()


def test_la_page_de_nuit_et_sur_un_telephone(ouvrir: Ouvrir) -> None:
    fenetre = ouvrir("/docs", largeur=360, hauteur=740, sombre=True)
    expect(fenetre.page.locator("html.dark-mode[lang=fr]")).to_have_count(1)
    expect(fenetre.page.locator(".opblock").nth(20)).to_be_visible()
    assert not fenetre.deborde()
    assert fenetre.violations(".bandeau", ".mode-emploi") == []
    fenetre.sans_histoire()


def test_un_lien_profond_ouvre_son_operation(ouvrir: Ouvrir) -> None:
    fenetre = ouvrir("/docs#/Signalements/deposer_signalement")
    fenetre.page.locator("[id='operations-Signalements-deposer_signalement'] .execute").wait_for()
    fenetre.sans_histoire()
