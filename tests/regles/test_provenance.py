"""The territory, the software and the networks, without a database."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.applications.regles import avis_du, redirection_permise
from app.provenance.regles import (
    AUTRE,
    EUROPE,
    NAVIGATEURS,
    SYSTEMES,
    Reglage,
    Territoire,
    a_signaler,
    abonne,
    dans_un_reseau,
    lire_adresse,
    logiciel,
    refuse,
    reseau,
    signature,
    territoire,
)


@pytest.mark.regle("3.1-4")
def test_le_territoire_est_celui_de_la_regle():
    """Twenty-seven, the EEA's three, Åland, and the twelve of the French overseas territories; nobody else."""
    assert len(EUROPE) == 27 + 3 + 1 + 12
    for dehors in ("GB", "CH", "MC", "AD", "US", "MA", "UA", "TR", "RS", "GI", "GL", "CW", "SX"):
        assert dehors not in EUROPE
    publique = ip_address("2.2.2.2")
    assert territoire(publique, "FR") is Territoire.EUROPE
    assert territoire(publique, "GB") is Territoire.AILLEURS
    assert territoire(publique, None) is Territoire.INCONNU


@pytest.mark.regle("3.1-4")
@pytest.mark.parametrize(
    "texte", ["127.0.0.1", "10.1.2.3", "192.168.0.9", "169.254.1.1", "::1", "fe80::1%eth0", "x", ""]
)
def test_une_adresse_privee_n_est_dans_aucun_pays(texte):
    assert territoire(lire_adresse(texte), "MA") is Territoire.PRIVE


@pytest.mark.regle("3.1-4")
def test_seul_ce_qui_est_connu_pour_etre_ailleurs_est_refuse():
    refuses = {(r, t) for r in Reglage for t in Territoire if refuse(r, t)}
    signales = {(r, t) for r in Reglage for t in Territoire if a_signaler(r, t)}
    assert refuses == {(Reglage.REFUSER, Territoire.AILLEURS)}
    dits = {Territoire.AILLEURS, Territoire.INCONNU}
    assert signales == {(r, t) for r in (Reglage.SIGNALER, Reglage.REFUSER) for t in dits}


MOTS = {AUTRE} | {
    f"{n} sous {s}" if s else n for _, n in NAVIGATEURS for s in ("", *(systeme for _, systeme in SYSTEMES))
}


@given(st.text())
def test_le_nom_d_un_logiciel_est_dit_avec_nos_mots(agent):
    assert logiciel(agent) in MOTS
    assert len(signature(agent)) <= 40


def test_un_logiciel_reste_le_meme_d_une_version_a_l_autre():
    for avant, apres in (("Firefox/139.0", "Firefox/140.0"), ("outil-social/3.2", "Outil-Social/4.0 (x)")):
        assert signature(avant) == signature(apres)
    assert signature("outil-social/3.2") != signature("autre-outil/3.2")


@given(st.ip_addresses())
def test_une_adresse_est_dans_son_propre_reseau(adresse):
    assert dans_un_reseau(str(adresse), [reseau(str(adresse))])
    assert dans_un_reseau(str(adresse), [])


@pytest.mark.parametrize("texte", ["", "testclient", "1.2.3", "::g"])
def test_ce_qui_n_est_pas_une_adresse_n_est_dans_aucun_reseau(texte):
    assert not dans_un_reseau(texte, ["0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1"])


def test_une_adresse_ecrite_en_ipv6_est_la_meme():
    assert dans_un_reseau("::ffff:192.0.2.7", ["192.0.2.0/24"])
    assert reseau("::ffff:192.0.2.7") == reseau("192.0.2.7") == "192.0.2.0/24"


def test_un_abonne_est_une_adresse_ou_le_reseau_entier_qu_on_lui_donne():
    assert abonne("2001:db8:1:2::1") == abonne("2001:DB8:1:2:ffff::9%eth0") != abonne("2001:db8:1:3::1")
    assert abonne("::ffff:192.0.2.7") == abonne("192.0.2.7") != abonne("192.0.2.8")
    assert abonne("testclient") == "testclient"


@given(st.text())
def test_aucun_texte_ne_fait_echouer_la_lecture_d_une_adresse_de_retour(texte):
    assert redirection_permise(texte) in {True, False}
    assert not redirection_permise(f"https://outil.example/{texte}#{texte}")
    assert not redirection_permise(f"https://{texte}@outil.example/")


@pytest.mark.regle("4.1-1")
def test_chaque_avis_part_une_fois_et_le_plus_proche_seul():
    envoyes, dernier = [], None
    for reste in range(40, -3, -1):
        if avis := avis_du(reste, dernier):
            envoyes.append((reste, avis))
            dernier = avis
    assert envoyes == [(30, 30), (7, 7), (1, 1)]
    assert avis_du(5, None) == 7  # after days of stop
    assert avis_du(0, 7) == 1
    assert avis_du(-1, None) is None
