"""The pages that explain errors, in a browser: narrow, at night, by the keyboard, and for axe-core."""

import pytest
from playwright.sync_api import expect

from tests.navigateur.fenetre import Ouvrir

PAGES = ["/", "/statut", "/problemes", "/problemes/nir-interdit", "/problemes/validation"]


@pytest.mark.parametrize("sombre", [False, True], ids=["jour", "nuit"])
def test_les_pages_tiennent_sur_un_telephone_et_sont_accessibles(ouvrir: Ouvrir, *, sombre: bool) -> None:
    fenetre = ouvrir("/", largeur=360, hauteur=740, sombre=sombre)
    for chemin in PAGES:
        fenetre.aller(chemin)
        assert not fenetre.deborde(), chemin
        assert fenetre.violations() == [], chemin
    fenetre.sans_histoire()


def test_de_la_liste_a_une_erreur(ouvrir: Ouvrir) -> None:
    fenetre = ouvrir("/problemes")
    page = fenetre.page
    page.get_by_role("link", name="Numéro de sécurité sociale interdit").click()
    expect(page).to_have_url(f"{fenetre.serveur}/problemes/nir-interdit")
    expect(page).to_have_title("Numéro de sécurité sociale interdit (422) · Espace Partenaires")
    for titre in ("Ce qui s'est passé", "Que faire", "Exemple de réponse"):
        expect(page.get_by_role("heading", name=titre)).to_be_visible()
    expect(page.locator("pre")).to_contain_text(f'"type": "{fenetre.serveur}/problemes/nir-interdit"')
    fenetre.sans_histoire()


def test_au_clavier(ouvrir: Ouvrir) -> None:
    fenetre = ouvrir("/problemes")
    page = fenetre.page
    page.keyboard.press("Tab")
    saut = page.get_by_role("link", name="Aller au contenu")
    expect(saut).to_be_focused()
    expect(saut).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    premier = page.locator("main a").first
    expect(premier).to_be_focused()
    assert premier.evaluate("lien => getComputedStyle(lien).outlineStyle") == "solid"
