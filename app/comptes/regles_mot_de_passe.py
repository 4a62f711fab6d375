"""Art. 2.2.1: what a password must be: long, not common, not built on names, not a former one.

No composition rule (CNIL 2022-100, NIST SP 800-63B-4). A text is compared after case, accents, simple
substitutions (`@` for a, `0` for o), what surrounds it and its own repetition are taken away.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

MINIMUM, MAXIMUM = 15, 128
PLUS_LONG_LU = 1024  # a longer text is refused before any work is done on it
RESTE_MINIMUM = 8  # what must be left of a password once the names are taken out of it
MOT_MINIMUM = 3  # a shorter word of a name proves nothing
MEMOIRE = 5  # former passwords that are kept
SCORE_MINIMUM = 3  # zxcvbn: 0 to 4


@dataclass(frozen=True, slots=True)
class Regle:
    """A rule that a password breaks: its code, and what to tell its author."""

    code: str
    message: str


TROP_COURT = Regle(
    "trop_court", f"Au moins {MINIMUM} caractères : une phrase de quelques mots convient très bien."
)
TROP_LONG = Regle("trop_long", f"Au plus {MAXIMUM} caractères.")
COURANT = Regle("courant", "Ce mot de passe est parmi les plus utilisés, ou s'en déduit facilement.")
NOM = Regle(
    "construit_sur_un_nom",
    "Il repose trop sur votre nom, votre adresse, votre identifiant ou le nom de votre structure.",
)
SERVICE = Regle(
    "construit_sur_le_service", "Il repose trop sur le nom de ce service ou de l'Assurance Maladie."
)
DEVINABLE = Regle("devinable", "Il se devine trop vite : ajoutez des mots sans lien entre eux.")
DEJA_UTILISE = Regle("deja_utilise", f"C'est votre mot de passe actuel, ou l'un des {MEMOIRE} précédents.")

_MOTS_DU_SERVICE = """
espacepartenaires espacepartenaire espace partenaires partenaire portail extranet convention conventions
caisse caisses cpam cnam cgss ameli assurancemaladie assurance maladie securitesociale securite sociale
social signalement signalements demande demandes compte technicien gestionnaire
"""
MOTS_DU_SERVICE = frozenset(_MOTS_DU_SERVICE.split())

_LEET = {
    "@": "a",
    "4": "a",
    "8": "b",
    "3": "e",
    "€": "e",
    "9": "g",
    "0": "o",
    "5": "s",
    "$": "s",
    "7": "t",
    "+": "t",
}
_TABLES: tuple[dict[int, str], ...] = (
    {},
    str.maketrans(_LEET | dict.fromkeys("1!|", "i")),
    str.maketrans(_LEET | dict.fromkeys("1!|", "l")),
)
_BORDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def normaliser(mot_de_passe: str) -> str:
    """Return the form that is counted and hashed: the same keys typed on two machines give one password."""
    return unicodedata.normalize("NFKC", mot_de_passe)


def refus(mot_de_passe: str, noms: Collection[str], courants: AbstractSet[str]) -> list[Regle]:
    """Return the rules that a password breaks, of those that need neither a dictionary attack nor a hash.

    `noms`: names, addresses and identifiants of the person and of the structure; `courants`: the common
    passwords, each as `noyau` gives it.
    """
    if len(mot_de_passe) > PLUS_LONG_LU:
        return [TROP_LONG]
    texte = normaliser(mot_de_passe)
    if len(texte) > MAXIMUM:
        return [TROP_LONG]
    regles = [TROP_COURT] * (len(texte) < MINIMUM)
    if not courants.isdisjoint(noyaux(texte)):
        regles.append(COURANT)
    return regles + _construit_sur(texte, mots_des_noms(noms))


def _construit_sur(texte: str, mots: frozenset[str]) -> list[Regle]:
    """Take the names out of the text, longest first: too little must not be left."""
    for table in _TABLES:
        reste = "".join(filter(str.isalnum, plier(texte).translate(table)))
        trouves = set()
        for mot in sorted(mots | MOTS_DU_SERVICE, key=len, reverse=True):
            if mot in reste:
                trouves.add(mot)
                reste = reste.replace(mot, " ")
        if trouves and len(unite(reste.replace(" ", ""))) < RESTE_MINIMUM:
            return [NOM] * bool(trouves & mots) + [SERVICE] * bool(trouves - mots)
    return []


def mots_des_noms(noms: Iterable[str]) -> frozenset[str]:
    """Return the words of some names, and each name in one piece."""
    plies = [plier(nom) for nom in noms]
    morceaux = {mot for nom in plies for mot in re.split(r"[\W_]+", nom)}
    entiers = {"".join(filter(str.isalnum, nom)) for nom in plies}
    return frozenset(mot for mot in morceaux | entiers if len(mot) >= MOT_MINIMUM)


def noyaux(texte: str) -> set[str]:
    """Return what a text may be a variant of: « P@ssw0rd2026! », « passwordpassword » give « password »."""
    plie = plier(texte)
    formes = {forme.translate(table) for forme in (plie, _BORDS.sub("", plie)) for table in _TABLES}
    return {noyau(forme) for forme in formes} - {""}


def noyau(texte: str) -> str:
    """Return the letters of a text, without case, accents or repetition."""
    return unite("".join(filter(str.isalpha, plier(texte))))


def plier(texte: str) -> str:
    decompose = unicodedata.normalize("NFKD", texte.casefold())
    return "".join(c for c in decompose if not unicodedata.combining(c)).casefold()


def unite(texte: str) -> str:
    """Return the shortest text whose repetition gives this one, the last time perhaps cut short."""
    moities = range(1, len(texte) // 2 + 1)
    longueur = next((n for n in moities if texte.startswith(texte[n:])), len(texte))
    return texte[:longueur]
