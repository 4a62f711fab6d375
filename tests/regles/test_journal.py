"""Art. 9: whatever is done to a chain, the walk names it. Chains invented here, without a database."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.journal.regles import (
    Bouts,
    Maillon,
    Marche,
    Nature,
    a_sceller,
    limite_de_conservation,
    promesses_non_tenues,
    texte_scelle,
)


def empreinte(numero: int, precedente: str | None, quoi: str = "") -> str:
    return hashlib.sha256(f"{numero}/{precedente}/{quoi}".encode()).hexdigest()


def chaine(numeros: list[int], precedente: str | None = None) -> list[Maillon]:
    maillons = []
    for numero in numeros:
        maillons.append(Maillon(numero, precedente, empreinte(numero, precedente), intacte=True))
        precedente = maillons[-1].empreinte
    return maillons


def bouts(maillons: list[Maillon]) -> Bouts:
    return Bouts(len(maillons), maillons[-1].numero, maillons[-1].empreinte)


def purger(maillons: list[Maillon], parties: int) -> tuple[list[Maillon], Bouts]:
    derniere = maillons[parties - 1]
    reste = replace(
        bouts(maillons), purgees=parties, ancre_numero=derniere.numero, ancre_empreinte=derniere.empreinte
    )
    return maillons[parties:], reste


def marcher(maillons, fins, scelles=()):
    marche = Marche("611", fins, {s.numero: s for s in scelles})
    vues = [a for maillon in maillons for a in marche.avancer(maillon)]
    return {a.nature for a in (*vues, *marche.finir(), *promesses_non_tenues("611", fins, scelles))}


NUMEROS = st.lists(st.integers(1, 10**6), min_size=3, max_size=30, unique=True).map(sorted)


@pytest.mark.regle("9-1")
@given(NUMEROS, st.data())
def test_une_chaine_entiere_ou_purgee_ne_dit_rien(numeros, data):
    toute = chaine(numeros)
    scelle = bouts(toute[: data.draw(st.integers(1, len(toute)))])
    assert marcher(toute, bouts(toute), [scelle]) == set()
    reste, fins = purger(toute, data.draw(st.integers(1, len(toute))))
    assert marcher(reste, fins, [scelle, fins]) == set()


@pytest.mark.regle("9-1")
@given(NUMEROS, st.data())
def test_une_ligne_retiree_inseree_ou_alteree_se_voit_ou_qu_elle_soit_meme_apres_une_purge(numeros, data):
    reste, fins = purger(chaine(numeros), data.draw(st.integers(1, len(numeros) - 2)))
    rang = data.draw(st.integers(0, len(reste) - 1))
    assert marcher(reste[:rang] + reste[rang + 1 :], fins)
    assert marcher([*reste[:rang], replace(reste[rang], intacte=False), *reste[rang + 1 :]], fins)
    intruse = chaine([0], reste[rang].precedente)[0]
    assert marcher([*reste[:rang], intruse, *reste[rang:]], fins)
    assert marcher(reste[:-1], fins) == {Nature.FIN_MANQUANTE, Nature.COMPTE_FAUX}
    assert marcher([], fins) == {Nature.FIN_MANQUANTE, Nature.COMPTE_FAUX}


@pytest.mark.regle("9-1")
@given(NUMEROS, st.data())
def test_une_chaine_refaite_par_qui_possede_la_base_contredit_ses_sceaux(numeros, data):
    """Every hash and both ends made again: without the seals, nothing would show."""
    toute = chaine(numeros)
    scelle = bouts(toute)
    rang = data.draw(st.integers(0, len(toute) - 1))
    refaite = chaine([n for n in numeros if n != numeros[rang]])
    assert marcher(refaite, bouts(refaite)) == set()
    assert marcher(refaite, bouts(refaite), [scelle])
    courte, fins = purger(toute, data.draw(st.integers(1, len(toute) - 1)))
    assert marcher(courte, fins) == set()
    assert marcher(courte, fins, [scelle]) == {Nature.DEBUT_MANQUANT}


def test_un_sceau_ne_blanchit_pas_une_chaine_refaite():
    toute = chaine([1, 2, 3, 4])
    avant = bouts(toute[:3])
    juste = bouts(toute)
    assert a_sceller(avant, juste, toute[2].empreinte, purge=False) == juste
    assert a_sceller(avant, juste, "autre", purge=False) == avant
    assert a_sceller(avant, None, None, purge=False) == avant
    assert a_sceller(juste, avant, None, purge=False) == juste
    _, purgee = purger(toute, 2)
    assert a_sceller(avant, purgee, toute[2].empreinte, purge=False) == avant
    assert a_sceller(avant, purgee, toute[2].empreinte, purge=True) == purgee
    _, videe = purger(toute, 4)
    assert a_sceller(avant, videe, None, purge=True) == videe
    assert a_sceller(None, purgee, None, purge=False).purgees == 0
    assert a_sceller(None, juste, None, purge=False) == juste


def test_le_texte_scelle_ne_depend_pas_de_l_ordre_et_depend_de_tout():
    le = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    dit = texte_scelle(1, le, {"a": {"x": 1, "y": 2}}, None)
    assert dit == texte_scelle(1, le, {"a": {"y": 2, "x": 1}}, None)
    autres = [(2, le, {"a": {}}, None), (1, le.replace(minute=31), {}, None), (1, le, {}, "p")]
    assert len({dit, *(texte_scelle(*autre) for autre in autres)}) == 4


@pytest.mark.regle("5-5")
@pytest.mark.parametrize(
    ("jour", "mois", "limite"),
    [
        (date(2026, 11, 25), 12, date(2025, 11, 25)),
        (date(2026, 8, 31), 6, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
    ],
)
def test_la_conservation_se_compte_en_mois_calendaires(jour, mois, limite):
    assert limite_de_conservation(jour, mois) == limite
