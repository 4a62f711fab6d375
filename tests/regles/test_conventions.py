"""Art. 8, on values: from when to when, worked by hand."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.conventions.regles import (
    FINIES,
    VIVANTES,
    Changement,
    Jalon,
    StatutConvention,
    Termes,
    fin_de_periode,
    fin_de_vie,
    manquement_permis,
    periodes,
    prochain_jalon,
    resiliable_le,
    se_chevauchent,
    statut,
    structure_close,
    survenus,
    tacite_reconduction,
    termes_au,
)

UN_JOUR = timedelta(days=1)


def jour(texte: str) -> date:
    return date.fromisoformat(texte)


def termes(debut: str = "2025-04-18", **reste) -> Termes:
    return Termes(jour(debut), jour("2020-01-01"), **reste)


@pytest.mark.regle("8.1-1")
def test_elle_entre_en_vigueur_a_la_derniere_des_deux_signatures():
    une = Termes(jour("2025-04-18"), None)
    assert (statut(une, jour("2030-01-01")), fin_de_periode(une, jour("2030-01-01"))) == (
        StatutConvention.A_VENIR,
        None,
    )
    deux = Termes(jour("2025-04-02"), jour("2025-04-18"))
    assert statut(deux, jour("2025-04-17")) is StatutConvention.A_VENIR
    assert statut(deux, jour("2025-04-18")) is StatutConvention.EN_VIGUEUR


@pytest.mark.regle("8.1-2")
def test_un_an_puis_une_nouvelle_annee():
    assert fin_de_periode(termes(), jour("2026-04-17")) == jour("2026-04-17")
    assert fin_de_periode(termes(), jour("2026-04-18")) == jour("2027-04-17")
    assert survenus(termes(), jour("2026-04-18")) == [Jalon.RENOUVELEE]
    assert survenus(termes(), jour("2026-04-17")) == []


@pytest.mark.parametrize(
    ("debut", "fins"),
    [
        ("2024-02-29", ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-28", "2029-02-28"]),
        ("2023-03-01", ["2024-02-29", "2025-02-28"]),
        ("2025-01-01", ["2025-12-31", "2026-12-31"]),
    ],
)
def test_les_annees_bissextiles(debut, fins):
    lues = [p.fin.isoformat() for p, _ in zip(periodes(termes(debut)), fins, strict=False)]
    assert lues == fins


def test_sans_reconduction_elle_expire_le_lendemain_de_sa_fin():
    une = termes(tacite_reconduction=False)
    assert statut(une, jour("2026-04-17")) is StatutConvention.EN_VIGUEUR
    assert statut(une, jour("2026-04-18")) is StatutConvention.EXPIREE
    assert survenus(une, jour("2026-04-18")) == [Jalon.EXPIREE]
    assert prochain_jalon(une, jour("2026-04-18")) is None


def test_denoncee_elle_est_en_vigueur_jusqu_a_la_fin_de_sa_periode():
    une = termes(denoncee_le=jour("2026-06-01"))
    assert [statut(une, jour(j)).value for j in ("2026-05-31", "2026-06-01", "2027-04-17", "2027-04-18")] == [
        "en_vigueur",
        "denoncee",
        "denoncee",
        "expiree",
    ]


def test_une_resiliation_met_fin_ce_jour_la_et_rien_apres_l_expiration():
    assert statut(termes(resiliee_le=jour("2025-06-01")), jour("2025-05-31")) is StatutConvention.EN_VIGUEUR
    assert statut(termes(resiliee_le=jour("2025-06-01")), jour("2025-06-01")) is StatutConvention.RESILIEE
    assert fin_de_periode(termes(resiliee_le=jour("2025-06-01")), jour("2031-01-01")) == jour("2026-04-17")
    trop_tard = termes(tacite_reconduction=False, resiliee_le=jour("2026-04-18"))
    assert statut(trop_tard, jour("2026-04-18")) is StatutConvention.EXPIREE
    assert fin_de_vie(trop_tard) == jour("2026-04-18")


@pytest.mark.regle("8.3-1")
def test_un_avenant_deplace_la_fin_et_les_annees_comptent_du_lendemain():
    une = termes(changements=(Changement(jour("2025-09-01"), fin_le=jour("2025-12-31")),))
    assert [p.fin.isoformat() for p, _ in zip(periodes(une), range(3), strict=False)] == [
        "2025-12-31",
        "2026-12-31",
        "2027-12-31",
    ]
    avant = termes_au(une, jour("2025-08-31"))
    assert fin_de_periode(avant, jour("2025-08-31")) == jour("2026-04-17")


@pytest.mark.regle("8.3-1")
def test_un_avenant_change_la_reconduction_a_partir_de_son_jour():
    une = termes(changements=(Changement(jour("2026-09-01"), tacite_reconduction=False),))
    assert tacite_reconduction(une, jour("2026-08-31"))
    assert not tacite_reconduction(une, jour("2026-09-01"))
    assert fin_de_vie(une) == jour("2027-04-18")
    trop_tard = termes(
        tacite_reconduction=False, changements=(Changement(jour("2026-04-18"), tacite_reconduction=True),)
    )
    assert statut(trop_tard, jour("2026-04-18")) is StatutConvention.EXPIREE


@pytest.mark.regle("8.2-2")
def test_trente_jours_apres_la_reception_ce_jour_compris():
    recue = jour("2025-11-03")
    assert resiliable_le(recue) == jour("2025-12-03")
    assert not manquement_permis(recue, None, jour("2025-12-02"))
    assert manquement_permis(recue, None, jour("2025-12-03"))
    assert not manquement_permis(recue, jour("2025-11-20"), jour("2025-12-03"))


jours = st.dates(jour("2020-01-01"), jour("2027-12-31"))
ecarts = st.integers(0, 900)


@st.composite
def des_termes(draw) -> Termes:
    debut = draw(jours)
    apres = ecarts.map(lambda n: debut + timedelta(days=n))
    changements = []
    for le in sorted(draw(st.lists(apres, max_size=4))):
        fin = draw(st.none() | ecarts.map(lambda n, le=le: le + timedelta(days=n)))
        changements.append(Changement(le, draw(st.none() | st.booleans()), fin))
    return Termes(
        debut,
        debut,
        draw(st.booleans()),
        denoncee_le=draw(st.none() | apres),
        resiliee_le=draw(st.none() | apres),
        changements=tuple(changements),
    )


@settings(deadline=None)
@given(des_termes(), ecarts)
def test_l_avenir_ne_change_pas_ce_qu_un_jour_est(t, ecart):
    j = t.signee_caisse_le + timedelta(days=ecart)
    assert statut(termes_au(t, j), j) is statut(t, j)


@settings(deadline=None)
@given(des_termes())
def test_les_periodes_se_suivent_sans_trou(t):
    lues = [p for p, _ in zip(periodes(t), range(8), strict=False)]
    assert all(p.debut <= p.fin for p in lues)
    assert all(b.debut == a.fin + UN_JOUR for a, b in itertools.pairwise(lues))


# No deadline: the machine may be busy, and nothing here is timed.
@settings(deadline=None, max_examples=50)
@given(des_termes())
def test_les_jalons_sont_les_seuls_jours_qui_apportent_quelque_chose(t):
    debut = t.signee_caisse_le
    attendus = [j for n in range(1, 1000) if survenus(t, j := debut + timedelta(days=n))]
    vus, le = [], debut
    while (le := prochain_jalon(t, le)) and le < debut + timedelta(days=1000):
        vus += [le] if survenus(t, le) else []
    assert vus == attendus


@settings(deadline=None)
@given(des_termes(), des_termes())
def test_deux_conventions_se_chevauchent_quand_un_jour_les_voit_toutes_deux_vivantes(une, autre):
    fin = fin_de_vie(une)
    if fin and fin <= une.signee_caisse_le:
        assert not se_chevauchent(une, autre)
        return
    debut = max(une.signee_caisse_le, autre.signee_caisse_le)
    ensemble = statut(une, debut) in VIVANTES and statut(autre, debut) in VIVANTES
    assert se_chevauchent(une, autre) is ensemble


@settings(deadline=None)
@given(des_termes(), st.lists(des_termes(), max_size=2), jours)
def test_une_structure_est_close_quand_tout_ce_qui_a_commence_est_fini(une, autres, j):
    statuts = [statut(t, j) for t in (une, *autres)]
    commencees = [s for s in statuts if s is not StatutConvention.A_VENIR]
    assert structure_close([une, *autres], j) is (bool(commencees) and all(s in FINIES for s in commencees))
