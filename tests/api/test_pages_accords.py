"""The page of the applications that act in one's name: seen, ended at once, and by nobody else (art. 4.1)."""

import pytest

from tests.api.danse import Navigateur, danser
from tests.api.test_jetons import refuse
from tests.outils import Client

TITRE = "Vos applications autorisées"


@pytest.fixture
def technicien(fabrique):
    return fabrique.structure().techniciens[0]


def ouvrir(api, identifiant):
    navigateur = Navigateur(api)
    navigateur.aller("/connexion")
    navigateur.se_connecter(identifiant)
    navigateur.aller("/consentements")
    assert navigateur.titre == TITRE
    return navigateur


@pytest.mark.regle("4.1-1")
def test_une_personne_finit_une_application_dans_la_page(api, technicien):
    navigateur = ouvrir(api, technicien)
    assert "Vous n'en avez autorisé aucune." in navigateur.page.text
    client, directe = danser(api, technicien), Client.connecte(api, technicien)
    navigateur.aller("/consentements")
    assert "<h2>Logiciel social de démonstration</h2>" in navigateur.page.text
    assert "<li>Lire les demandes</li><li>Lire les comptes</li>" in navigateur.page.text
    page = navigateur.envoyer(accord=navigateur.cache("accord"))
    assert page.status_code == 200
    assert "n'agit plus en votre nom" in page.text
    assert "<h2>" not in page.text
    refuse(client.get("/v1/moi"))
    assert directe.get("/v1/moi").status_code == 200
    assert directe.get("/v1/moi/consentements").json()["donnees"] == []


def test_personne_ne_finit_l_accord_d_un_autre_ni_par_un_formulaire_d_ailleurs(api, fabrique, technicien):
    client = danser(api, technicien)
    autre = ouvrir(api, fabrique.structure().techniciens[0])
    accord = client.get("/v1/moi/consentements").json()["donnees"][0]["id"]
    autre.aller("/connexion")
    jeton = autre.cache()
    for faux in (accord, "", "x", "é"):
        assert autre.envoyer("/consentements", anti_csrf=jeton, accord=faux).status_code == 200
        assert "agit plus" not in autre.page.text
    sien = ouvrir(api, technicien)
    for entetes, jeton in (({"Sec-Fetch-Site": "cross-site"}, sien.cache()), ({}, "0" * 64)):
        sien.aller("/consentements")
        page = sien.envoyer(accord=accord, anti_csrf=jeton, entetes=entetes)
        assert (page.status_code, "Erreur : " in page.text) == (403, True)
    assert client.get("/v1/moi").status_code == 200


def test_la_page_veut_quelqu_un_qui_a_accepte_les_conditions(api, fabrique):
    navigateur = Navigateur(api)
    navigateur.aller("/consentements")
    assert navigateur.titre == "Se connecter"
    navigateur.se_connecter(fabrique.compte("technicien", cgu=False, partenaire_id=fabrique.structure().id))
    navigateur.aller("/consentements")
    assert navigateur.titre == "Conditions générales d'utilisation"
