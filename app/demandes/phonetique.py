"""Art. 5: names that sound alike in French, so that a person is found whoever spelt the name."""

import re

from app.demandes.assure import sans_accent

# What is written in several ways and said in one, in the order in which it is read.
_GRAPHIES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(graphie), son)
    for graphie, son in (
        ("ph", "f"),
        ("s?ch|sh", "C"),
        ("h", ""),
        ("y", "i"),
        ("w", "v"),
        ("bv", "v"),
        ("gn", "N"),
        ("gu(?=[ei])", "g"),
        ("ge(?=[aou])", "j"),
        ("g(?=[ei])", "j"),
        ("s?c(?=[ei])", "s"),
        ("c?qu?|ck?", "k"),
        ("z", "s"),
        ("t(?=ion)", "s"),
        ("m(?=[bp])", "n"),
        ("aul(?=[tdx]$)", "o"),
        ("e[rs]?$", ""),
        ("[stdxp]+$", ""),
        (r"(.)\1+", r"\1"),
        ("(?<=.)[aeiou]+", ""),
        ("^[aeiou]", "A"),
    )
)
PARTICULES = frozenset({"d", "da", "de", "del", "des", "di", "du", "l", "la", "le", "les", "van", "von"})


def son(mot: str) -> str:
    """Return how a word without accents sounds: its consonants, and « A » for a vowel that begins it."""
    for graphie, remplacement in _GRAPHIES:
        reste = graphie.sub(remplacement, mot)
        mot = reste or mot
    return mot


def sons(nom: str) -> frozenset[str]:
    """Return the sounds of a name: of each of its words, and of the whole when it is written in one.

    « Le Goff » and « Legoff », « Martin-Dupont » and « Martin » meet; particles alone bring nobody together.
    """
    mots = sans_accent(nom.replace("ç", "ss").replace("Ç", "ss")).split()
    porteurs = [mot for mot in mots if mot not in PARTICULES] or mots
    return frozenset(map(son, [*porteurs, "".join(mots)])) if mots else frozenset()
