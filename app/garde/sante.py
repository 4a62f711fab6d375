"""Art. 5 of the convention (rule 5-3): health data has no place in a free-text field.

Health data in the sense of RGPD art. 4(15): whatever tells or lets deduce the state of health, good
or bad, past or present, of anybody. The lists say which words; this sheet says where they do not
count: a surname, an address, an expression of the domain or of everyday speech.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from app.garde.lexique import Element, Lexique, Regle, groupe, lexique_de_caisse, lexiques
from app.garde.texte import Mot, Plain, mots

_ECART = 3  # words a « .. » may jump
_AVANT, _APRES = 9, 7  # how far a word that cancels, or is asked for, may stand
_NOM, _RUE = 3, 5  # how many words a surname, a street name may have
_EN_CAPITALES = 8  # from how many capitals on a text is said to be all in capitals
_HAUTES = re.compile("[A-Z\u00c0-\u00de]")
_BASSES = re.compile("[a-z\u00df-\u00ff]")
_COUPURE = re.compile(r"[,;:!?()\n]")
_LIEN = re.compile(r"\.?[ '-]*")  # what may stand between a civility and a name, or two names
_RECUL = 9  # a lawful expression that covers a finding goes at most so many words beyond it

_Trouve = tuple[int, int, Regle]


@dataclass(frozen=True)
class _Lecture:
    """A text cut into words, with what capitals tell."""

    normal: Plain
    mots: list[Mot]

    @cached_property
    def crie(self) -> bool:
        """Nearly all is in capitals: capitals tell nothing."""
        source = self.normal.source
        hautes, basses = len(_HAUTES.findall(source)), len(_BASSES.findall(source))
        return hautes > max(_EN_CAPITALES, 3 * basses)

    def d_une_traite(self, debut: int, fin: int) -> bool:
        """Tell whether no comma, bracket or other stop stands between these words."""
        if self.mots[debut].phrase != self.mots[fin - 1].phrase:
            return False
        return not _COUPURE.search(self.normal.texte, self.mots[debut].fin, self.mots[fin - 1].debut)

    def ecrit(self, i: int) -> str:
        debut, fin = self.normal.origine(self.mots[i].debut, self.mots[i].fin)
        return self.normal.source[debut:fin]

    def capitales(self, i: int) -> bool:
        return not self.crie and self.ecrit(i).isupper()

    def majuscule(self, i: int) -> bool:
        return not self.crie and self.ecrit(i)[:1].isupper()

    def majuscule_seule(self, i: int) -> bool:
        return self.majuscule(i) and not self.capitales(i)


def passages_sante(normal: Plain, termes: Collection[str] = ()) -> list[tuple[int, int]]:
    """Give the passages of a plain text that look like health data, in order, without overlap."""
    lecture = _Lecture(normal, mots(normal.texte))
    sensible, licite = lexiques()
    trouves = _trouver(lecture, sensible, range(len(lecture.mots)))
    if trouves:
        trouves = _sans_les_licites(lecture, licite, trouves)
    zones = [(debut, fin) for debut, fin, _ in trouves]
    if termes:
        ajoutes = _trouver(lecture, lexique_de_caisse(frozenset(termes)), range(len(lecture.mots)))
        zones += [(debut, fin) for debut, fin, _ in ajoutes]
    return [(lecture.mots[debut].debut, lecture.mots[fin - 1].fin) for debut, fin in _fondre(zones)]


def _sans_les_licites(lecture: _Lecture, licite: Lexique, trouves: list[_Trouve]) -> list[_Trouve]:
    """Drop what lies inside a lawful expression, a place name or a surname."""
    proches = sorted(
        {
            i
            for debut, fin, _ in trouves
            for i in range(max(0, debut - _RECUL), min(fin + _RECUL, len(lecture.mots)))
        }
    )
    couverts = [
        (debut, fin)
        for debut, fin, _ in _trouver(lecture, licite, proches)
        if lecture.d_une_traite(debut, fin)
    ]
    couverts += [*_noms_de_lieux(lecture), *_noms_propres(lecture)]
    # For each word, how far the lawful expressions that began at it or before it go.
    portee = [0] * (len(lecture.mots) + 1)
    for debut, fin in couverts:
        portee[debut] = max(portee[debut], fin)
    portee = list(accumulate(portee, max))
    return [
        (debut, fin, regle)
        for debut, fin, regle in trouves
        if portee[debut] < fin and not _au_figure(lecture.mots, fin)
    ]


def _au_figure(tous: list[Mot], suivant: int) -> bool:
    """Tell whether the next word makes it a figure of speech: « une allergie administrative »."""
    return suivant < len(tous) and groupe("@figure").accepte(tous[suivant].forme)


def _trouver(lecture: _Lecture, ou: Lexique, rangs: Iterable[int]) -> list[_Trouve]:
    tous, trouves = lecture.mots, []
    for i in rangs:
        for regle in ou.candidates(tous[i].forme):
            debut = i - regle.ancre
            fin = _lire_regle(lecture, regle, debut)
            if fin and _en_contexte(tous, regle, debut, fin):
                trouves.append((debut, fin, regle))
    return trouves


def _lire_regle(lecture: _Lecture, regle: Regle, i: int) -> int:
    """Follow a rule from word i; 0 when the text leaves it, else one past its last word."""
    tous, tete = lecture.mots, regle.tete
    if i < 0 or i + len(tete) > len(tous):
        return 0
    for element in tete:
        if not element.accepte(tous[i].forme) or (element.capitales and not lecture.capitales(i)):
            return 0
        i += 1
    return _lire(lecture, regle.elements, len(tete), i) if len(tete) < len(regle.elements) else i


def _lire(lecture: _Lecture, elements: tuple[Element, ...], rang: int, i: int) -> int:
    """Follow the rest of an expression from word i, jumping what may be jumped."""
    if rang == len(elements):
        return i
    element = elements[rang]
    if element.ecart:
        for saut in range(_ECART + 1):
            if i + saut >= len(lecture.mots) or lecture.mots[i + saut].phrase != lecture.mots[i - 1].phrase:
                return 0
            if fin := _lire(lecture, elements, rang + 1, i + saut):
                return fin
        return 0
    if (
        i < len(lecture.mots)
        and element.accepte(lecture.mots[i].forme)
        and (not element.capitales or lecture.capitales(i))
        and (fin := _lire(lecture, elements, rang + 1, i + 1))
    ):
        return fin
    return _lire(lecture, elements, rang + 1, i) if element.facultatif else 0


def _en_contexte(tous: list[Mot], regle: Regle, debut: int, fin: int) -> bool:
    if regle.sauf is None and regle.avec is None:
        return True
    avant, apres = tous[max(0, debut - _AVANT) : debut], tous[fin : fin + _APRES]
    if regle.sauf is not None:
        phrase = tous[debut].phrase
        proches = (*_jusqu_a_la_borne(reversed(avant), phrase), *_jusqu_a_la_borne(apres, phrase))
        if regle.sauf.rencontre(proches):
            return False
    return regle.avec is None or regle.avec.rencontre([mot.forme for mot in (*avant, *apres)])


def _jusqu_a_la_borne(suite: Iterable[Mot], phrase: int) -> Iterator[str]:
    """Give the words of the same clause: up to another sentence, or to « que », « mais », « car »."""
    conjonctions = groupe("@conjonction").exacts
    for mot in suite:
        if mot.phrase != phrase or mot.forme in conjonctions:
            return
        yield mot.forme


def _noms_propres(lecture: _Lecture) -> Iterator[tuple[int, int]]:
    """Surnames: the words with a capital after a civility."""
    civilite = groupe("@civilite").exacts
    for i, mot in enumerate(lecture.mots):
        if mot.forme in civilite:
            fin = i + 1
            while (
                fin < min(i + 1 + _NOM, len(lecture.mots))
                and lecture.majuscule(fin)
                and _LIEN.fullmatch(lecture.normal.texte, lecture.mots[fin - 1].fin, lecture.mots[fin].debut)
            ):
                fin += 1
            yield i, fin


def _noms_de_lieux(lecture: _Lecture) -> Iterator[tuple[int, int]]:
    """Names of streets and places: the words with a capital after `rue`, `place`, `allée`."""
    voie, liaison = groupe("@voie").exacts, groupe("@liaison").exacts
    for i, mot in enumerate(lecture.mots):
        if mot.forme in voie:
            fin = i + 1
            while fin < min(i + 1 + _RUE, len(lecture.mots)) and (
                lecture.mots[fin].forme in liaison or lecture.majuscule_seule(fin)
            ):
                fin += 1
            yield i, fin


def _fondre(zones: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join the passages that overlap."""
    resultat: list[tuple[int, int]] = []
    for debut, fin in sorted(zones):
        if resultat and debut < resultat[-1][1]:
            resultat[-1] = (resultat[-1][0], max(fin, resultat[-1][1]))
        else:
            resultat.append((debut, fin))
    return resultat
