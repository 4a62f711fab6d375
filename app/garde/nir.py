"""Art. 5 of the convention (rule 5-2): a NIR has no place in a free-text field.

A NIR: sex, year, month, département, commune, order, in 13 characters; then, or not, a key of two.
What convinces, from the strongest to the weakest: a right key; the layout of the card
(1 22 22 22 333 333); 13 characters that stand alone. Fifteen glued digits with a wrong key, unless they are
said to be one, or an impossible month, are somebody's file number.
"""

import re
from collections.abc import Iterator
from itertools import chain

from app.garde.iban import ibans

_SEP = r"(?:[^\w€%@]|_){0,6}"
_MOT_CLE = (
    r"[\W_]{0,6}(?:(?:et|avec|sa|la)[\W_]{1,3}){0,2}cle?f?[\W_]{0,4}"
    r"(?:(?:n|no|num|numero|de controle|est|secu)[\W_]{0,4}){0,2}"
)


def _motif(chiffre: str, sexe: str) -> re.Pattern[str]:
    c, s = chiffre, _SEP
    return re.compile(
        rf"({sexe})({s})({c}{{2}})({s})({c}{{2}})({s})({c}{{2}}|2[\W_]?[ab])({s})({c}{{3}})({s})({c}{{3}})"
        rf"(?:({_MOT_CLE}|{s})({c}{{2}}))?"
    )


_CHIFFRES = _motif("[0-9]", "[1-478]")
_LETTRES = _motif("[0-9oil]", "(?<![a-z0-9])[1-478il]")
_GROUPES = (1, 3, 5, 7, 9, 11)
_SEPARATEURS = (2, 4, 6, 8, 10)
_LETTRES_POUR_CHIFFRES = str.maketrans("oil", "011")
# INSEE: real months, then those given when the month of birth is not known.
_MOIS_REELS = frozenset(range(1, 13))
_MOIS_ADMIS = _MOIS_REELS | {20} | set(range(30, 43)) | set(range(50, 100))
_DIT_NIR = re.compile(r"nir\b|secu|securite sociale|\bss\b|immatricul|provisoire|attente|\binsee\b|assure")
_DIT_SANS_DOUTE = re.compile(r"nir\b|secu|\bss\b|\binsee\b")
_DIT_FISCAL = re.compile(r"fisca|impot|\bspi\b")
_RECUL = 40
_SANS_CLE, _AVEC_CLE = 13, 15
_VRAIS_CHIFFRES = 10  # at least so many, when letters stand for others
_PLUS_LONG_GROUPE = 5
# « 2025041771233 »: a reference that begins with a year would have one of the months of the unknown.
_ANNEE = re.compile("19[5-9][0-9]|20[0-4][0-9]")


def passages_nir(normal: str) -> list[tuple[int, int]]:
    """Give the passages of a plain text that hold a NIR, in order (positions in the plain text)."""
    if sum(map(normal.count, "0123456789")) < _VRAIS_CHIFFRES:
        return []
    pris = bytearray(len(normal))
    for debut, fin in ibans(normal):
        pris[debut:fin] = b"1" * (fin - debut)
    trouves = []
    for debut, fin in chain(
        _groupes(normal, _CHIFFRES), _groupes(normal, _LETTRES), _decoupages_libres(normal)
    ):
        if not any(pris[debut:fin]):
            pris[debut:fin] = b"1" * (fin - debut)
            trouves.append((debut, fin))
    return sorted(trouves)


def cle(treize: str) -> int:
    """Compute the key of 13 characters (INSEE: 97 minus the rest by 97; 2A counts 19 and 2B 18)."""
    return 97 - int(treize[:_SANS_CLE].replace("2a", "19").replace("2b", "18")) % 97


def plausible(treize: str, mois: frozenset[int] | set[int] = _MOIS_ADMIS) -> bool:
    """Tell whether 13 characters have the parts of a NIR; communes are not checked against a list."""
    departement = treize[5:7]
    corse = departement in ("2a", "2b")
    if not (treize[:5].isdigit() and treize[7:].isdigit() and (corse or departement.isdigit())):
        return False
    return (
        treize[0] in "123478"
        and int(treize[3:5]) in mois
        and departement != "00"
        and treize[7:10] != "000"
        and treize[10:] != "000"
    )


def _groupes(normal: str, motif: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Find the NIRs whose separators, if any, stand between the parts."""
    position = 0
    while trouve := motif.search(normal, position):
        fin = _fin_du_nir(normal, trouve, en_lettres=motif is _LETTRES)
        if fin:
            yield trouve.start(), fin
        position = fin or trouve.start() + 1


def _fin_du_nir(normal: str, trouve: re.Match[str], *, en_lettres: bool) -> int:
    """Decide; 0 when it is no NIR, else where it ends."""
    treize = "".join(trouve.group(i) for i in _GROUPES)
    if en_lettres:
        if not 0 < sum(map(treize.count, "oil")) <= _SANS_CLE - _VRAIS_CHIFFRES:
            return 0
        treize = treize.translate(_LETTRES_POUR_CHIFFRES)
    treize = re.sub(r"[\W_]", "", treize)
    if not plausible(treize):
        return 0
    debut, fin_treize, fin = trouve.start(), trouve.end(11), trouve.end()
    borne = not _chiffre(normal, debut - 1)
    donnee = (trouve.group(13) or "").translate(_LETTRES_POUR_CHIFFRES)
    if donnee and int(donnee) == cle(treize):
        isole = borne and not _chiffre(normal, fin)
        return fin if isole or (treize[0] in "12" and plausible(treize, _MOIS_REELS)) else 0
    dit_cle = bool(donnee) and ("cl" in trouve.group(12) or _annonces(normal, trouve))
    suivi = (_chiffre(normal, fin_treize) and not dit_cle) or (en_lettres and _lettre(normal, fin_treize))
    if not borne or suivi or not (dit_cle or _seul(normal, trouve, treize)):
        return 0
    return fin if dit_cle else fin_treize


def _annonces(normal: str, trouve: re.Match[str]) -> bool:
    """Tell whether fifteen digits in a row are said to be a NIR, beyond doubt: their key was miscopied."""
    if trouve.group(12) or _chiffre(normal, trouve.end()):
        return False
    avant = normal[max(0, trouve.start() - _RECUL) : trouve.start()]
    return _derniere(_DIT_SANS_DOUTE, avant) > _derniere(_DIT_FISCAL, avant)


def _seul(normal: str, trouve: re.Match[str], treize: str) -> bool:
    """Tell whether 13 characters without a right key are a NIR all the same."""
    avant = normal[max(0, trouve.start() - _RECUL) : trouve.start()]
    fiscal, dit = _derniere(_DIT_FISCAL, avant), _derniere(_DIT_NIR, avant)
    if fiscal > dit:
        return False
    if all(trouve.group(i) for i in _SEPARATEURS) or dit >= 0:
        return True
    return treize[0] in "12" and (plausible(treize, _MOIS_REELS) or not _ANNEE.match(treize))


_JETON = re.compile(r"[0-9]+(?:[ab](?![a-z])[0-9]*)?|(?<=2[\W_])[ab](?=[\W_][0-9])")
_ENTRE = re.compile(r"(?:[^\w€%@]|_){1,3}")


def _decoupages_libres(normal: str) -> Iterator[tuple[int, int]]:
    """Find the NIRs cut anywhere: digit by digit, by pairs, by threes."""
    suite: list[re.Match[str]] = []
    for jeton in _JETON.finditer(normal):
        if suite and not _ENTRE.fullmatch(normal, suite[-1].end(), jeton.start()):
            yield from _dans_la_suite(suite)
            suite = []
        suite.append(jeton)
    yield from _dans_la_suite(suite)


def _dans_la_suite(suite: list[re.Match[str]]) -> Iterator[tuple[int, int]]:
    if len(suite) == 1:
        return
    for premier, jeton in enumerate(suite):
        texte = ""
        for dernier in suite[premier : premier + _AVEC_CLE]:
            texte += dernier.group()
            if (
                len(texte) == _AVEC_CLE
                and plausible(texte[:_SANS_CLE])
                and texte[_SANS_CLE:] == f"{cle(texte):02}"
            ):
                yield jeton.start(), dernier.end()
            if len(texte) >= _AVEC_CLE:
                break
    entier = "".join(jeton.group() for jeton in suite[: _SANS_CLE + 1])
    isole = len(entier) == _SANS_CLE and _regulier([len(jeton.group()) for jeton in suite])
    if isole and entier[0] in "12" and plausible(entier, _MOIS_REELS):
        yield suite[0].start(), suite[-1].end()


def _regulier(longueurs: list[int]) -> bool:
    *tous, dernier = longueurs
    return len(set(tous)) == 1 and dernier <= tous[0] <= _PLUS_LONG_GROUPE


def _derniere(motif: re.Pattern[str], texte: str) -> int:
    return max((trouve.start() for trouve in motif.finditer(texte)), default=-1)


def _chiffre(texte: str, position: int) -> bool:
    return 0 <= position < len(texte) and texte[position] in "0123456789"


def _lettre(texte: str, position: int) -> bool:
    return 0 <= position < len(texte) and texte[position].isalpha()
