"""The plain form of a text: lower case, no accents, and the way back to the author's own characters.

The guard reads the plain form only. Each plain character remembers the position of the character it
came from, so a passage is always given in the text as the author wrote it.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

_LIGATURES = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"}
_APOSTROPHES = "'`\u00b4\u2018\u2019\u201b\u02bc\u02b9\u2032\uff07"
# Letters of other alphabets drawn like ours: a copy from a PDF, or a way round the guard.
_CYRILLIQUES = "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0455\u043a\u043c\u0442\u0432\u043d"
_GRECQUES = "\u03b1\u03bf\u03b9\u03bd\u03c1\u03ba\u03c4\u03b2\u03b5"
_SOSIES = dict(zip(_CYRILLIQUES + _GRECQUES, "aeopcxyiskmtbh" + "aoivpktbe", strict=True))
_BLANCS = "\u115f\u1160\u3164\uffa0\u2800"
_ASCII_LOWER = {c: c + 32 for c in range(65, 91)}
_INVISIBLES = frozenset({"Mn", "Me", "Cf"})


@dataclass(frozen=True, slots=True)
class Plain:
    """A plain text, with for each of its characters its position in the source."""

    texte: str
    positions: Sequence[int]
    source: str

    def origine(self, debut: int, fin: int) -> tuple[int, int]:
        """Give the passage of the source behind a passage of the plain text (code points, end excluded)."""
        dernier = self.positions[fin - 1] + 1
        while dernier < len(self.source) and unicodedata.combining(self.source[dernier]):
            dernier += 1
        return self.positions[debut], dernier


class Mot(NamedTuple):
    """A word or a number: its folded spelling, its place in the plain text, its sentence."""

    forme: str
    debut: int
    fin: int
    phrase: int


def plain(texte: str) -> Plain:
    """Lower the case, drop accents and invisible characters, bring digits of all scripts to 0-9."""
    if texte.isascii():
        return Plain(texte.lower(), range(len(texte)), texte)
    morceaux = [c if c.isascii() else _plain_character(c) for c in texte.translate(_ASCII_LOWER)]
    if all(len(morceau) == 1 for morceau in set(morceaux)):
        return Plain("".join(morceaux), range(len(texte)), texte)
    positions = [i for i, morceau in enumerate(morceaux) for _ in morceau]
    return Plain("".join(morceaux), positions, texte)


@lru_cache(maxsize=4096)
def _plain_character(caractere: str) -> str:
    if caractere in _APOSTROPHES:
        return "'"
    if caractere in _BLANCS:
        return " "
    return "".join(map(_plain_piece, unicodedata.normalize("NFKD", caractere).casefold()))


def _plain_piece(c: str) -> str:
    if c.isascii():
        return c
    categorie = unicodedata.category(c)
    if categorie in _INVISIBLES:
        return ""
    if categorie == "Nd":
        return str(unicodedata.decimal(c))
    if categorie == "Pd" or c == "\u2212":
        return "-"
    if categorie.startswith("Z"):
        return " "
    return _LIGATURES.get(c) or _SOSIES.get(c, c)


_MOT = re.compile(r"[a-z]+|[0-9]+")
_FIN_DE_PHRASE = re.compile(r"[!?;\n]|\.\s")
# A full stop after these is an abbreviation, not the end of a sentence.
_ABREGES = frozenset(
    {"m", "mr", "mme", "mlle", "dr", "pr", "me", "st", "ste", "tel", "n", "no", "ref", "av", "bd"}
)


def mots(normal: str) -> list[Mot]:
    """Cut a plain text into words and numbers, spelling folded."""
    resultat: list[Mot] = []
    phrase, fin, precedent = 0, 0, ""
    for trouve in _MOT.finditer(normal):
        debut, brut = trouve.start(), trouve.group()
        if (
            debut - fin > 1
            and _FIN_DE_PHRASE.search(normal, fin, debut)
            and (precedent not in _ABREGES or "\n" in normal[fin:debut])
        ):
            phrase += 1
        fin = trouve.end()
        resultat.append(Mot(plier(brut), debut, fin, phrase))
        precedent = brut
    return resultat


_DOUBLE = re.compile(r"([a-z])\1+")
_SIGLE = 4  # abbreviations are not folded: AAH would become « a »
_A_PLIER = re.compile(r"[chqyz]|([a-z])\1")
_C_DOUX = re.compile(r"c(?=[ei])|z")


def plier(mot: str) -> str:
    """Fold a word to how it sounds, so that `schizofrène` or `grossese` meet the lexicon's spelling."""
    return mot if len(mot) <= _SIGLE or not _A_PLIER.search(mot) else plier_radical(mot)


def plier_radical(mot: str) -> str:
    """Fold letters whatever their number, as for the beginning or the end of a longer word."""
    if "h" in mot:
        mot = mot.replace("ch", "C").replace("ph", "f").replace("h", "")
    if "y" in mot:
        mot = mot.replace("y", "i")
    if "c" in mot or "z" in mot:
        mot = _C_DOUX.sub("s", mot).replace("c", "k")
    if "q" in mot:
        mot = mot.replace("qu", "k").replace("q", "k")
    return _DOUBLE.sub(r"\1", mot)
