"""Art. 2.2.1: the rules of a password, read alone."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.comptes.mots_de_passe import courants
from app.comptes.regles_mot_de_passe import MAXIMUM, MINIMUM, noyau, noyaux, refus, unite

NOMS = ["Lemoine", "Agnès", "agnes.lemoine@cias-aigle", "t-7kq3m9xz", "CIAS du Pays de l'Aigle"]


def codes(mot_de_passe):
    return [regle.code for regle in refus(mot_de_passe, NOMS, courants())]


@pytest.mark.regle("2.2.1-4")
@pytest.mark.parametrize(
    "mot_de_passe",
    [
        "trois bouleaux près du lavoir",
        "lanterne-mirabelle-tandem",
        "x9!Kd#2pQz7&mWb",
        "忘れられない朝の長い散歩と古い駅の時計",
        "Lemoine et ses bouleaux du lavoir",  # a name among other words proves nothing
        "la caisse à outils du grenier bleu",
        "🦊🌲🚲 renard bouleau vélo",
        "é" * 3 + "bouleau-lavoir-velo",
    ],
)
def test_un_mot_de_passe_long_sans_lien_avec_la_personne_passe(mot_de_passe):
    assert codes(mot_de_passe) == []


@pytest.mark.regle("2.2.1-4")
@pytest.mark.parametrize(
    ("mot_de_passe", "code"),
    [
        ("bouleau-lavoir", "trop_court"),
        ("bouleau " * 17, "trop_long"),
        ("x" * 100_000, "trop_long"),
        ("motdepasse123456", "courant"),
        ("M0td3p@sse!!!!!!!!", "courant"),
        ("passwordpassword", "courant"),
        ("P@ssw0rdP@ssw0rd1", "courant"),
        ("20262026Azerty20262026", "courant"),
        ("azertyuiopqsdfghjklm", "courant"),
        ("Jetaimeplusquetout", "courant"),
        ("Je t'aime plus que tout", "courant"),
        ("lemoine2026lemoine", "construit_sur_un_nom"),
        ("AGNÈS-LEMOINE-61300", "construit_sur_un_nom"),
        ("L3m0ine4gnes!!!", "construit_sur_un_nom"),
        ("t-7kq3m9xz-t-7kq3m9xz", "construit_sur_un_nom"),
        ("cias du pays de l'aigle", "construit_sur_un_nom"),
        ("espace-partenaires-2026", "construit_sur_le_service"),
        ("ameli-cpam-caisse-61", "construit_sur_le_service"),
    ],
)
def test_un_mot_de_passe_refuse_dit_pourquoi(mot_de_passe, code):
    assert code in codes(mot_de_passe)


def test_un_nom_et_le_service_sont_nommes_tous_deux():
    assert codes("lemoine.cpam.2026") == ["construit_sur_un_nom", "construit_sur_le_service"]


@pytest.mark.regle("2.2.1-4")
def test_la_longueur_se_compte_en_caracteres_composes():
    mot = "é" * 7 + "brouillard-"[: MINIMUM - 7]
    assert len(mot) == MINIMUM
    for forme in ("NFC", "NFD"):
        assert "trop_court" not in codes(unicodedata.normalize(forme, mot))
        assert "trop_court" in codes(unicodedata.normalize(forme, mot[1:]))
    assert "trop_long" not in codes("ab cd ef gh" + "🦊" * (MAXIMUM - 11))
    assert "trop_long" in codes("ab cd ef gh" + "🦊" * (MAXIMUM - 10))


@pytest.mark.parametrize(
    ("texte", "attendu"), [("abcabcab", "abc"), ("soleils", "soleils"), ("aaaa", "a"), ("", "")]
)
def test_une_repetition_se_ramene_a_ce_qui_se_repete(texte, attendu):
    assert unite(texte) == attendu


def test_les_variantes_d_un_mot_le_retrouvent():
    for variante in (
        "Password",
        "p4ssw0rd",
        "pa$$word99",
        "!!PASSWORD!!",
        "passwordpasswordpass",
        "1password1",
    ):
        assert "password" in noyaux(variante)


def test_les_mots_de_passe_courants_sont_ranges_comme_on_les_cherche():
    assert len(courants()) > 30_000
    assert {mot for mot in courants() if noyau(mot) != mot} == set()


@given(st.text(max_size=200))
def test_aucun_texte_ne_fait_echouer_les_regles(texte):
    assert refus(texte, NOMS, courants()) is not None
