"""Bank account numbers: long runs of digits that are not NIRs."""

import re

# ISO 13616: the length by country, for those a French social worker meets.
_LONGUEURS = {
    "fr": 27, "mc": 27, "it": 27, "be": 16, "nl": 18, "lu": 20, "ch": 21, "de": 22, "gb": 22, "ie": 22,
    "es": 24, "ro": 24, "pt": 25, "pl": 28, "ma": 28, "tn": 24, "at": 20, "lt": 20,
}  # fmt: skip
_DEBUT = re.compile(r"(?<![a-z0-9])(?:" + "|".join(_LONGUEURS) + r")[0-9]{2}")
_SEPARATEURS = " -."


def ibans(normal: str) -> list[tuple[int, int]]:
    """Give the places of the IBANs whose key is right, in a plain text."""
    return [p for trouve in _DEBUT.finditer(normal) if (p := _passage(normal, trouve.start()))]


def _passage(normal: str, debut: int) -> tuple[int, int] | None:
    attendu = _LONGUEURS[normal[debut : debut + 2]]
    compte, position = "", debut
    while len(compte) < attendu and position < len(normal):
        c = normal[position]
        if c.isascii() and c.isalnum():
            compte += c
        elif c not in _SEPARATEURS:
            break
        position += 1
    if len(compte) < attendu:
        return None
    valeur = int("".join(str(int(c, 36)) for c in compte[4:] + compte[:4]))
    return (debut, position) if valeur % 97 == 1 else None
