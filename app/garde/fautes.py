"""Misspellings of a folded word: heard otherwise, a letter missing, two letters swapped.

They are made once, when the lists are read: a text costs no more to read.
"""

from collections.abc import Iterator

_SONS = (
    ("an", "en"), ("en", "an"), ("am", "em"), ("em", "am"), ("ain", "in"), ("ain", "en"), ("in", "ain"),
    ("in", "en"), ("au", "o"), ("o", "au"), ("ai", "e"), ("e", "ai"), ("tion", "sion"), ("sion", "tion"),
    ("ge", "je"), ("gi", "ji"), ("x", "ks"), ("ks", "x"), ("oe", "e"), ("oe", "eu"), ("ui", "i"), ("ei", "e"),
    ("in", "ein"), ("C", "k"), ("k", "C"),
)  # fmt: skip
_MUETTES = ("ie", "us", "as", "is")
_POUR_LE_SON, _POUR_LA_MAIN = 6, 8  # shorter, the fault is too often another word


def fautes(mot: str, *, entier: bool) -> Iterator[str]:
    """Give the misspellings of a folded word, or of the beginning of one; its first letter is right."""
    if len(mot) >= _POUR_LE_SON:
        if entier and mot.endswith(_MUETTES):
            yield mot[:-1]
        yield from _entendre(mot)
    if len(mot) >= _POUR_LA_MAIN:
        for i in range(1, len(mot) - 1):
            yield mot[:i] + mot[i + 1 :]
            yield mot[:i] + mot[i + 1] + mot[i] + mot[i + 2 :]


def _entendre(mot: str) -> Iterator[str]:
    for son, autre in _SONS:
        i = mot.find(son)
        while i >= 0:
            yield mot[:i] + autre + mot[i + len(son) :]
            i = mot.find(son, i + 1)
