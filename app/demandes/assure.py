"""Art. 5: the person helped, by identity alone; there is no place for a NIR."""

import re
import unicodedata
from datetime import date


def sans_accent(texte: str) -> str:
    """Return a text in lower case without accents nor what nobody sees, words separated by one space."""
    large = (
        texte.replace("œ", "oe").replace("Œ", "oe").replace("æ", "ae").replace("Æ", "ae").replace("ß", "ss")
    )
    lettres = (c for c in unicodedata.normalize("NFKD", large) if not unicodedata.combining(c))
    nu = "".join(c for c in lettres if unicodedata.category(c) != "Cf")
    return " ".join(re.findall(r"[^\W_]+", nu.casefold()))


def cle_personne(nom: str, prenom: str, date_naissance: date) -> str:
    """Return what makes two identities the same person: names without accents or case, and the birth date."""
    return f"{sans_accent(nom)}|{sans_accent(prenom)}|{date_naissance.isoformat()}"


def mots(nom: str, prenom: str) -> str:
    """Return the names as searched: each word preceded by a space, so that a prefix of any word is found."""
    return f" {sans_accent(nom)} {sans_accent(prenom)}"
