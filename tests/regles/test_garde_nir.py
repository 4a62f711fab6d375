"""Rule 5-2: a NIR in free text is found in any layout, exactly where it stands; other numbers are not.

The numbers are made here: their communes (901 to 989 of a département) do not exist.
"""

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.garde.examen import Constat, Nature, examiner, nirs

pytestmark = pytest.mark.regle("5-2")
properties = settings(max_examples=30, deadline=None)
CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.jsonl"))

SEPARATEURS = [
    "", " ", ".", "-", "/", "_", ",", ", ", " - ", "\n", "\t", "\r\n", "  ", "\N{NO-BREAK SPACE}",
    "\N{NARROW NO-BREAK SPACE}", "\N{THIN SPACE}", "\N{EN DASH}", "\N{EM DASH}", "\N{NON-BREAKING HYPHEN}",
    "\N{MINUS SIGN}", "\N{ZERO WIDTH SPACE}", "\N{ZERO WIDTH NO-BREAK SPACE}", "\N{SOFT HYPHEN}", ";",
    ":", "|",
]  # fmt: skip
AVANT_CLE = [
    "", " ", " clé ", " cle : ", " CLE ", " clef ", " clé n° ", " (", "/", "-", " clé=", ", clé ",
    " (clé ", " avec la clé ",
]  # fmt: skip
AUTOUR = st.sampled_from(
    ["", "NIR", "n°", "sécu ", "Mme a le ", "(", "« ", "numéro:", "x;", "\n", "sœur… ½ "]
)
APRES = st.sampled_from(
    ["", " merci", ".", ")", " »", ";Dupont", "\n02 61 91 00 45", " tél 06 39 98 00 11", "x"]
)
ECRITURES = ["０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९"]


def cle_de(treize: str) -> str:
    return f"{97 - int(treize.replace('2A', '19').replace('2B', '18')) % 97:02}"


@st.composite
def parties(draw: st.DrawFn, sexes: str = "12", mois: st.SearchStrategy[int] | None = None) -> list[str]:
    """The six parts of a NIR."""
    departement = draw(
        st.one_of(
            st.integers(1, 95).filter(lambda d: d != 20).map("{:02}".format),
            st.sampled_from(["2A", "2B", "96", "97", "98", "99"]),
        )
    )
    return [
        draw(st.sampled_from(sexes)),
        f"{draw(st.integers(0, 99)):02}",
        f"{draw(st.integers(1, 12) if mois is None else mois):02}",
        departement,
        str(draw(st.integers(901, 989))),
        f"{draw(st.integers(1, 999)):03}",
    ]


def un_seul(texte: str, nir: str) -> None:
    debut = texte.index(nir)
    assert nirs(texte) == (Constat(Nature.NIR, debut, debut + len(nir)),), repr(texte)


@properties
@given(parties(), st.sampled_from(SEPARATEURS), st.sampled_from(AVANT_CLE), AUTOUR, APRES)
def test_avec_sa_cle_dans_toutes_les_mises_en_page(
    parts: list[str], separateur: str, avant_cle: str, avant: str, apres: str
) -> None:
    nir = separateur.join(parts) + avant_cle + cle_de("".join(parts))
    un_seul(avant + nir + apres, nir)


@properties
@given(parties(), st.lists(st.sampled_from(SEPARATEURS), min_size=5, max_size=5), AUTOUR)
def test_treize_caracteres_sans_cle(parts: list[str], separateurs: list[str], avant: str) -> None:
    nir = parts[0] + "".join(s + p for s, p in zip(separateurs, parts[1:], strict=True))
    un_seul(f"{avant}{nir} merci", nir)


@properties
@given(parties(), st.sampled_from(ECRITURES))
def test_chiffres_d_autres_ecritures(parts: list[str], chiffres: str) -> None:
    nir = ("".join(parts) + cle_de("".join(parts))).translate({48 + i: c for i, c in enumerate(chiffres)})
    un_seul(f"Voici : {nir}.", nir)


@properties
@given(parties(mois=st.sampled_from([20, *range(30, 43), *range(50, 100)])))
def test_mois_de_naissance_inconnu(parts: list[str]) -> None:
    nir = " ".join([*parts, cle_de("".join(parts))])
    un_seul(f"Enregistré {nir} et bloqué.", nir)
    un_seul(f"Numéro de sécu {''.join(parts)}.", "".join(parts))


@properties
@given(parties(sexes="3478"))
def test_numeros_provisoires(parts: list[str]) -> None:
    nir = " ".join([*parts, cle_de("".join(parts))])
    un_seul(f"Provisoire {nir}", nir)
    un_seul(f"Provisoire {''.join(parts)}", "".join(parts))


@properties
@given(parties(), st.sampled_from([" ", ".", "-"]), st.integers(1, 7))
def test_decoupe_n_importe_ou(parts: list[str], separateur: str, pas: int) -> None:
    tout = "".join(parts) + cle_de("".join(parts))
    if "A" in tout or "B" in tout:
        return
    nir = separateur.join(tout[i : i + pas] for i in range(0, len(tout), pas))
    un_seul(f"Bonjour, {nir}, merci", nir)


@properties
@given(parties())
def test_lettres_mises_pour_des_chiffres(parts: list[str]) -> None:
    nir = " ".join([*parts, cle_de("".join(parts))]).replace("0", "O", 2).replace("1", "l", 1)
    un_seul(f"Numéro {nir}, merci", nir)


@properties
@given(parties(), st.text("03456789", min_size=1, max_size=6))
def test_ne_se_cache_pas_dans_une_suite_de_chiffres(parts: list[str], colle: str) -> None:
    tout = "".join(parts) + cle_de("".join(parts))
    assert nirs(f"ref {colle}{tout}")
    assert nirs(f"ref {tout}{colle}")


@properties
@given(st.lists(parties(), min_size=2, max_size=4))
def test_plusieurs_dans_un_texte(tous: list[list[str]]) -> None:
    ecrits = [" ".join([*p, cle_de("".join(p))]) for p in tous]
    assert len(nirs(" et ".join(ecrits))) == len(ecrits)


def iban(banque: str) -> str:
    cle = 98 - int(banque + "152700") % 97
    brut = f"FR{cle:02}{banque}"
    return " ".join(brut[i : i + 4] for i in range(0, 27, 4))


@properties
@given(parties(), st.text("0123456789", min_size=8, max_size=8))
def test_un_iban_juste_n_est_pas_fouille(parts: list[str], debut: str) -> None:
    nir = "".join(parts) + cle_de("".join(parts))
    if nir.isdigit():
        compte = iban(debut + nir).replace(" ", "")
        assert nirs(f"RIB {compte}") == ()
        assert nirs(f"RIB {compte[4:]}") != ()


def chiffres(n: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=n, max_size=n)


AUTRES_NUMEROS = st.one_of(
    st.builds(lambda n: " ".join(f"0{n}"[i : i + 2] for i in range(0, 10, 2)), chiffres(9)),
    st.builds(lambda n: f"+33 {n}", chiffres(9)),
    st.builds(lambda n: f"SIRET {n}", chiffres(14)),
    st.builds(lambda n: f"SIRET {n[:3]} {n[3:6]} {n[6:9]} {n[9:]}", chiffres(14)),
    st.builds(iban, chiffres(23)),
    st.builds(lambda n: iban(n).replace(" ", ""), chiffres(23)),
    st.builds(lambda n: f"n° fiscal {n}", chiffres(13)),
    st.builds(lambda n: f"numéro fiscal {n[:2]} {n[2:4]} {n[4:7]} {n[7:10]} {n[10:]}", chiffres(13)),
    st.builds(lambda n: f"recommandé 1A {n[:3]} {n[3:6]} {n[6:10]} {n[10]}", chiffres(11)),
    st.dates().map(lambda d: d.strftime("%d/%m/%Y")),
    st.dates().map(lambda d: d.strftime("%Y%m%d")),
    st.decimals(0, 99999, places=2).map(lambda m: f"{m:,} €".replace(",", " ").replace(".", ",")),
)


@properties
@given(st.lists(AUTRES_NUMEROS, min_size=1, max_size=4))
@example(["FR76 3000 6000 0112 3456 7890 189"])
@example(["N° fiscal 14 51 745 210 883, alloc CAF 0412233, quotient 412"])
@example(["06 39 98 14 27 / 02 61 91 30 11 - 02 61 91 00 45"])
def test_les_autres_numeros_passent(numeros: list[str]) -> None:
    assert nirs(" puis ".join(numeros)) == ()


@pytest.mark.parametrize(
    "texte",
    [
        "dossier 295130000045217",  # an impossible month
        "réf. 184121487605510",  # fifteen characters, a wrong key
        "réf. 2025041771233",  # a reference that begins with a year
        "réf. 1841200876055",  # no département
        "réf. 1841214000055",  # no commune
        "réf. 1841214876000",  # no order
        "CEAM n° 80250000021234567890",
    ],
)
def test_ce_qui_n_est_pas_un_nir(texte: str) -> None:
    assert nirs(texte) == ()


@pytest.mark.parametrize(
    "avant", ["N° de sécu : ", "NIR ", "son numéro de sécurité sociale est ", "Insee n°", "SS: "]
)
def test_quinze_chiffres_dits_nir_le_sont_meme_mal_recopies(avant: str) -> None:
    un_seul(f"{avant}184121487605510, merci", "184121487605510")
    assert nirs(f"{avant}à demander. Numéro fiscal 184121487605510") == ()
    assert nirs(f"{avant}2951300000452179") == ()  # sixteen


@pytest.mark.parametrize("chemin", CORPUS, ids=lambda chemin: chemin.stem)
def test_corpus(chemin: Path) -> None:
    for cas in map(json.loads, chemin.read_text("utf-8").splitlines()):
        lieux = [(c.debut, c.fin) for c in nirs(cas["texte"])]
        attendus = [] if cas["label"] != "nir" else [cas["texte"].index(p) for p in cas["passages"]]
        assert [debut for debut, _ in lieux] == attendus, cas["id"]


@pytest.mark.parametrize(
    "motif", ["1", "1 ", "184121487605", "1 84 12 14 876 055 ", "2 2a ", "l", "fr76 ", "- ", "cle ", "12/"]
)
def test_un_texte_hostile_est_lu_jusqu_au_bout(motif: str) -> None:
    """A pattern that backtracks would never return; `make garde` gives the time, and its ratio to the length."""
    texte = (motif * 10_000)[:10_000]
    assert all(0 <= c.debut < c.fin <= len(texte) for c in examiner(texte))
