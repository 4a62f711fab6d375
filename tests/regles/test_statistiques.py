"""Art. D-2: what is measured, and what is left unsaid so that nobody finds it by subtraction."""

from collections import defaultdict
from datetime import date
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.demandes.regles_mesures import Mesures, attendre, clore, prendre
from app.statistiques.regles import SEUIL, Cle, Effectif, taire

ORNE = "61"
VENDREDI, LUNDI, MARDI = date(2026, 4, 24), date(2026, 4, 27), date(2026, 4, 28)
APRES_LE_PREMIER_MAI = date(2026, 5, 4)  # a Monday: Friday 1 May is a holiday


@pytest.mark.regle("D-2")
def test_un_delai_compte_les_jours_ouvres_de_la_caisse():
    prises = prendre(Mesures(), VENDREDI, LUNDI, ORNE)
    assert prises.prise_en_charge == 1
    assert clore(prises, VENDREDI, APRES_LE_PREMIER_MAI, ORNE).cloture == 5  # Monday to Thursday, Monday
    assert clore(Mesures(), VENDREDI, VENDREDI, ORNE) == Mesures(0, None, 0, 0)


@pytest.mark.regle("D-2")
def test_le_temps_d_attente_de_la_structure_est_ote_et_montre_a_part():
    mesures = attendre(prendre(Mesures(), VENDREDI, VENDREDI, ORNE), LUNDI, ORNE, attendu=True)
    assert attendre(mesures, MARDI, ORNE, attendu=True) == mesures
    mesures = attendre(mesures, APRES_LE_PREMIER_MAI, ORNE, attendu=False)
    assert (mesures.attente, mesures.attendu_depuis) == (4, None)
    assert clore(mesures, VENDREDI, date(2026, 5, 5), ORNE).cloture == 6 - 4
    assert prendre(mesures, VENDREDI, MARDI, ORNE) == mesures  # taken once


FAITS = st.lists(
    st.tuples(
        st.sampled_from("AB"),
        st.sampled_from(["signalement", "contact"]),
        st.sampled_from(["ouverte", "traitee", "rejetee"]),
        st.sampled_from(["2025-11", "2025-12", "2026-01"]),
        st.integers(0, 14),
    ),
    min_size=1,
    max_size=90,
)


def les_groupes(faits):
    """Each group and each margin, with its requests: written from the definition, apart from the code."""
    groupes = defaultdict(list)
    for partenaire, type_, sort, mois, personne in faits:
        periodes = [(None, None), (mois[:4], None), (mois[:4], mois)]
        for p, t, s, (a, m) in product((partenaire, None), (type_, None), (sort, None), periodes):
            groupes[Cle(p, t, s, a, m)].append(personne)
    return groupes


def les_egalites(groupes):
    """Each « a group is the sum of its parts »: by structure, by type, by fate, by year, by month."""
    egalites = defaultdict(list)
    for cle in groupes:
        for axe in ("partenaire", "type", "sort"):
            if getattr(cle, axe):
                egalites[axe, cle._replace(**{axe: None})].append(cle)
        if cle.mois:
            egalites["mois", cle._replace(mois=None)].append(cle)
        elif cle.annee:
            egalites["annee", cle._replace(annee=None)].append(cle)
    return [(parent, enfants) for (_, parent), enfants in egalites.items()]


def deduits(groupes, tus):
    """What an arithmetician finds of the hidden groups: each whose value follows from what is shown."""
    rangs = {cle: rang for rang, cle in enumerate(sorted(tus, key=str))}
    lignes = []
    for parent, enfants in les_egalites(groupes):
        ligne = defaultdict(Fraction)
        for cle, signe in [(parent, -1), *((enfant, 1) for enfant in enfants)]:
            if cle in tus:
                ligne[rangs[cle]] += signe
        if any(ligne.values()):
            lignes.append(dict(ligne))
    pivots: dict[int, dict[int, Fraction]] = {}
    for depart in lignes:
        reste = moins(depart, {})
        while reste and min(reste) in pivots:
            reste = moins(reste, pivots[min(reste)], reste[min(reste)])
        if reste:
            pivots[min(reste)] = {colonne: valeur / reste[min(reste)] for colonne, valeur in reste.items()}
    for tete in sorted(pivots, reverse=True):
        autres = {autre: ligne for autre, ligne in pivots.items() if autre != tete}
        for autre, ligne in autres.items():
            pivots[autre] = moins(ligne, pivots[tete], ligne.get(tete, Fraction(0)))
    noms = {rang: cle for cle, rang in rangs.items()}
    return {noms[tete] for tete, ligne in pivots.items() if set(ligne) == {tete}}


def moins(ligne, autre, facteur=Fraction(0)):
    """A line less so many times another, without its zeros."""
    reste = {c: ligne.get(c, Fraction(0)) - facteur * autre.get(c, Fraction(0)) for c in {*ligne, *autre}}
    return {colonne: valeur for colonne, valeur in reste.items() if valeur}


@pytest.mark.regle("D-2")
@given(FAITS)
@settings(max_examples=60, deadline=None)
def test_rien_ne_se_retrouve_par_soustraction(faits):
    groupes = les_groupes(faits)
    cube = {cle: Effectif(len(p), len(set(p))) for cle, p in groupes.items()}
    tus = taire(cube)
    assert {cle for cle, e in cube.items() if e.personnes < SEUIL} <= tus
    assert {cle for cle in deduits(groupes, tus) if cube[cle].personnes < SEUIL} == set()
    for parent, enfants in les_egalites(groupes):
        caches = {personne for cle in enfants if cle in tus for personne in groupes[cle]}
        assert parent in tus or not caches or len(caches) >= SEUIL


@pytest.mark.regle("D-2")
def test_un_petit_groupe_en_fait_taire_un_second_et_pas_plus():
    faits = [
        ("A", "signalement", "traitee", mois, personne)
        for mois in ("2026-01", "2026-02")
        for personne in range(9)
    ]
    faits += [("A", "signalement", "traitee", "2026-03", personne) for personne in range(3)]
    cube = {cle: Effectif(len(p), len(set(p))) for cle, p in les_groupes(faits).items()}
    par_mois = {cle.mois for cle in taire(cube) if cle.mois}
    assert par_mois == {"2026-01", "2026-03"}
    assert Cle(annee="2026") not in taire(cube)
