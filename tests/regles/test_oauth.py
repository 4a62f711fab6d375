"""What an authorization request may be, and what a token may do: pure rules, without a database."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.acces.regles import Situation, decider
from app.acces.regles_oauth import LIBELLES, LOOPBACK, Answerable, Asked, read, same_redirect, sert
from app.comptes.regles import Etat
from app.droits import DROITS, Action, Fonctionnalite, Portee, Role
from app.erreurs import PermissionRefusee

DEMANDE = {
    "response_type": "code",
    "client_id": "c",
    "redirect_uri": "https://l.example/r",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}
PERMISES = [portee.value for portee in Portee]
A, B = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("demandee", "inscrite", "oui"),
    [
        ("https://l.example/r", "https://l.example/r", True),
        ("https://l.example/r/", "https://l.example/r", False),
        ("https://l.example/r?x", "https://l.example/r", False),
        ("https://l.example:443/r", "https://l.example/r", False),
        ("HTTPS://l.example/r", "https://l.example/r", False),
        ("http://127.0.0.1:1/r", "http://127.0.0.1/r", True),
        ("http://127.0.0.1/r", "http://127.0.0.1:9/r", True),
        ("http://[::1]:5/r", "http://[::1]/r", True),
        ("http://[::1]:5/r", "http://127.0.0.1/r", False),
        ("http://127.0.0.1:5/autre", "http://127.0.0.1/r", False),
        ("http://127.0.0.1:5", "http://127.0.0.1/r", False),
        ("http://127.0.0.1:5/r?x=1", "http://127.0.0.1/r", False),
        ("https://127.0.0.1:5/r", "http://127.0.0.1/r", False),
        ("http://localhost:5/r", "http://localhost/r", False),
        ("http://127.0.0.1:/r", "http://127.0.0.1/r", False),
        ("http://127.0.0.1:123456/r", "http://127.0.0.1/r", False),
        ("http://127.0.0.1:5@l.example/r", "http://127.0.0.1/r", False),
        ("http://127.0.0.1:5/r\n", "http://127.0.0.1/r", False),
        ("", "http://127.0.0.1/r", False),
    ],
)
def test_une_adresse_de_retour_est_exacte_au_port_local_pres(demandee, inscrite, oui):
    assert same_redirect(demandee, inscrite) is oui


@given(st.text(max_size=60))
def test_aucun_texte_ne_passe_pour_l_adresse_d_une_application_du_web(texte):
    assert same_redirect(texte, "https://l.example/r") is (texte == "https://l.example/r")
    if same_redirect(f"http://127.0.0.1{texte}", "http://127.0.0.1/r"):
        assert LOOPBACK.fullmatch(f"http://127.0.0.1{texte}")


@given(
    st.lists(
        st.tuples(st.sampled_from([*DEMANDE, "scope", "prompt", "state"]), st.text(max_size=50)), max_size=8
    )
)
def test_une_demande_quelconque_est_lue_ou_refusee_et_jamais_a_demi(parametres):
    lue = read([*DEMANDE.items(), *parametres], PERMISES)
    assert isinstance(lue, Asked | Answerable)
    if isinstance(lue, Asked):
        assert lue.scope <= set(PERMISES)
        assert len(lue.challenge) == 43


def test_sans_portee_demandee_toutes_celles_de_l_application():
    lue = read(list(DEMANDE.items()), ["demandes:lire", "une-ancienne"])
    assert isinstance(lue, Asked)
    assert lue.scope == {"demandes:lire"}


def test_chaque_portee_se_lit_en_francais():
    assert set(LIBELLES) == set(Portee)
    assert len(set(LIBELLES.values())) == len(LIBELLES)


@pytest.mark.regle("2.1-1")
@pytest.mark.parametrize(
    ("role", "caisse", "structure", "de", "oui"),
    [
        (Role.TECHNICIEN, None, A, {"caisse": None, "partenaire": None}, True),
        (Role.GESTIONNAIRE, None, A, {"caisse": None, "partenaire": None}, True),
        (Role.AGENT_CAISSE, "611", None, {"caisse": None, "partenaire": None}, False),
        (Role.ADMINISTRATEUR, None, None, {"caisse": None, "partenaire": None}, False),
        (Role.AGENT_CAISSE, "611", None, {"caisse": "611", "partenaire": None}, True),
        (Role.AGENT_CAISSE, "141", None, {"caisse": "611", "partenaire": None}, False),
        (Role.TECHNICIEN, None, A, {"caisse": "611", "partenaire": None}, False),
        (Role.ADMINISTRATEUR, None, None, {"caisse": "611", "partenaire": None}, False),
        (Role.TECHNICIEN, None, A, {"caisse": None, "partenaire": A}, True),
        (Role.TECHNICIEN, None, B, {"caisse": None, "partenaire": A}, False),
        (Role.AGENT_CAISSE, "611", None, {"caisse": None, "partenaire": A}, False),
    ],
)
def test_qui_une_application_sert(role, caisse, structure, de, oui):
    assert sert(role, caisse, structure, **de) is oui


def situation(role: Role, portees: set[str], *, personne: bool = True) -> Situation:
    return Situation(
        role=role,
        statut=Etat.ACTIF,
        famille_vivante=True,
        portees=frozenset(portees),
        personne=personne,
        cgu_acceptee="1",
        cgu_en_vigueur="1",
        mot_de_passe_expire_le=None,
        jour=date(2026, 11, 25),
        ouvertes={"611": frozenset(Fonctionnalite)},
    )


CASES = [(action, role) for action in Action if not DROITS[action].public for role in Role]


@pytest.mark.regle("4.1-1")
@pytest.mark.parametrize(("action", "role"), CASES, ids=lambda valeur: valeur.value)
def test_le_droit_effectif_est_le_profil_et_la_portee(action, role):
    """For every action of the table: role and scope, both, and neither gives what the other lacks."""
    droit, toutes = DROITS[action], {portee.value for portee in Portee}
    tout = decider(situation(role, toutes), action)
    assert (tout is None) is (role in droit.roles)
    if droit.portee is None:
        assert (decider(situation(role, set()), action) is None) is (role in droit.roles)
        return
    prive = situation(role, toutes - {droit.portee.value})
    assert isinstance(decider(prive, action), PermissionRefusee)
    seule = replace(prive, portees=frozenset({droit.portee.value}))
    assert (decider(seule, action) is None) is (role in droit.roles)


@pytest.mark.regle("4.1-1")
@pytest.mark.parametrize("action", [a for a in Action if not DROITS[a].public], ids=lambda a: a.value)
def test_sans_personne_l_application_d_une_structure_ne_fait_que_lire(action):
    """Named by hand, not by the rule: what a structure reads without anybody."""
    lectures = {a for a in Action if a.value.endswith((".lire", ".consulter", ".rechercher", ".telecharger"))}
    toutes = {portee.value for portee in Portee}
    for role in (Role.TECHNICIEN, Role.GESTIONNAIRE):
        personne = decider(situation(role, toutes), action)
        seule = decider(situation(role, toutes, personne=False), action)
        assert (seule is None) is (personne is None and action in lectures)
    caisse = situation(Role.AGENT_CAISSE, toutes)
    assert (decider(replace(caisse, personne=False), action) is None) is (decider(caisse, action) is None)
