"""The language of the lists in `lexique/`, and how a list becomes something fast to look up.

One line, one or more expressions separated by commas; case and accents do not count, except that a
word in CAPITALS must be in capitals in the text too. Inside an expression:

    diabet*        begins so               *algie     ends so
    dos|genou      one or the other        (de)       may be missing
    ..             up to three words       <nombre>   digits
    @corps         one word of a group (groupes.txt)

After an expression, `! words` cancel it when one of the words is near, `? words` ask for one near.
A line `%sauf words` cancels in the same way all that follows in its file.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from importlib.resources import files
from itertools import accumulate, chain, product, takewhile

from app.garde.fautes import fautes
from app.garde.texte import mots, plain, plier, plier_radical

_DOSSIER = files("app.garde") / "lexique"
_MANQUANTS = 2  # at most so many words that may be missing are spelt out
_AMORCE = 3  # no beginning or ending in the lists is shorter
LICITES = ("licite", "licite_domaine")


@dataclass(frozen=True, slots=True)
class Element:
    """One place of an expression: the words that may stand there."""

    exacts: frozenset[str] = frozenset()
    debuts: tuple[str, ...] = ()
    fins: tuple[str, ...] = ()
    nombre: bool = False
    capitales: bool = False
    facultatif: bool = False
    ecart: bool = False

    @property
    def choix(self) -> int:
        """How many words and parts of words may stand here."""
        return len(self.exacts) + len(self.debuts) + len(self.fins)

    def accepte(self, forme: str) -> bool:
        """Tell whether a folded word may stand here."""
        return (
            forme in self.exacts
            or (bool(self.debuts) and forme.startswith(self.debuts))
            or (bool(self.fins) and forme.endswith(self.fins))
            or (self.nombre and forme.isdigit())
        )

    def rencontre(self, formes: Sequence[str]) -> bool:
        """Tell whether one of these folded words may stand here."""
        return not self.exacts.isdisjoint(formes) or (
            bool(self.debuts or self.fins or self.nombre) and any(map(self.accepte, formes))
        )


@dataclass(frozen=True)
class Regle:
    """An expression, what cancels it near by, what it asks for near by."""

    elements: tuple[Element, ...]
    sauf: Element | None = None
    avec: Element | None = None
    ancre: int = 0  # rank of the word the rule is looked up by

    @cached_property
    def tete(self) -> tuple[Element, ...]:
        """The first words, as long as none of them may be missing or jumped: each has its place."""
        return tuple(takewhile(lambda e: not (e.facultatif or e.ecart), self.elements))


@dataclass(slots=True)
class Lexique:
    """Rules by one of their words: whole, beginning, ending."""

    exacts: dict[str, list[Regle]] = field(default_factory=dict)
    debuts: dict[str, list[Regle]] = field(default_factory=dict)
    fins: dict[str, list[Regle]] = field(default_factory=dict)
    # How long the known beginnings (endings) are that share their first (last) letters.
    tailles_debuts: dict[str, tuple[int, ...]] = field(default_factory=dict)
    tailles_fins: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def candidates(self, forme: str) -> list[Regle]:
        """Give the rules that are looked up by this word."""
        resultat = self.exacts.get(forme, [])
        if forme.isdigit():
            return resultat + self.exacts.get("<nombre>", [])
        for n in self.tailles_debuts.get(forme[:_AMORCE], ()):
            if n > len(forme):
                break
            if trouves := self.debuts.get(forme[:n]):
                resultat = resultat + trouves
        for n in self.tailles_fins.get(forme[-_AMORCE:], ()):
            if n + 2 <= len(forme) and (trouves := self.fins.get(forme[-n:])):
                resultat = resultat + trouves
        return resultat


def lexique(regles: Iterable[Regle]) -> Lexique:
    """Index rules by the word that tells most."""
    r = Lexique()
    for regle in chain.from_iterable(map(_variantes, regles)):
        mot = regle.elements[regle.ancre]
        exacts = mot.exacts | ({"<nombre>"} if mot.nombre else frozenset())
        for table, cles in ((r.exacts, exacts), (r.debuts, mot.debuts), (r.fins, mot.fins)):
            for cle in cles:
                table.setdefault(cle, []).append(regle)
    r.tailles_debuts = _tailles((cle[:_AMORCE], len(cle)) for cle in r.debuts)
    r.tailles_fins = _tailles((cle[-_AMORCE:], len(cle)) for cle in r.fins)
    return r


def _variantes(regle: Regle) -> Iterator[Regle]:
    """Choose the word to look a rule up by: rare, with few choices. What may be missing before it is spelt out."""
    courants = groupe("@courant").exacts
    fixes = enumerate(takewhile(lambda e: not e.ecart, regle.elements))
    manquants = list(accumulate((e.facultatif for e in regle.elements), initial=0))
    obliges = [(e, rang) for rang, e in fixes if not e.facultatif]
    rares = [
        (e.choix, rang)
        for e, rang in obliges
        if manquants[rang] <= _MANQUANTS and not (e.nombre or e.exacts & courants)
    ]
    ancre = min(rares)[1] if rares else obliges[0][1]
    avant = [
        ((), (replace(e, facultatif=False),)) if e.facultatif else ((e,),) for e in regle.elements[:ancre]
    ]
    for choix in product(*avant):
        debut = tuple(chain.from_iterable(choix))
        yield replace(regle, elements=(*debut, *regle.elements[ancre:]), ancre=len(debut))


def _tailles(paires: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    resultat: dict[str, set[int]] = {}
    for amorce, taille in paires:
        resultat.setdefault(amorce, set()).add(taille)
    return {amorce: tuple(sorted(tailles)) for amorce, tailles in resultat.items()}


@lru_cache(maxsize=1)
def lexiques() -> tuple[Lexique, Lexique]:
    """Read the lists once: what reveals health, and what is lawful all the same."""
    noms = sorted(f.name[:-4] for f in _DOSSIER.iterdir() if f.name.endswith(".txt"))
    sensibles = [n for n in noms if n not in (*LICITES, "groupes")]
    return (
        lexique(_tolerante(r) for nom in sensibles for r in regles_du_fichier(_lignes(nom), _groupes())),
        lexique(r for nom in LICITES for r in regles_du_fichier(_lignes(nom), _groupes())),
    )


def _tolerante(regle: Regle) -> Regle:
    """Let a rule of one word meet the misspellings of this word, except those that are other words."""
    mot, voisins = regle.elements[0], groupe("@voisin")
    if len(regle.elements) > 1 or mot.capitales:
        return regle
    connus = (*voisins.exacts, *voisins.debuts)
    ambigus = _commencements(connus)
    exacts = {f for m in mot.exacts for f in fautes(m, entier=True) if not voisins.accepte(f)}
    debuts = {
        f
        for m in mot.debuts
        for f in fautes(m, entier=False)
        if f not in ambigus and not f.startswith(connus)
    }
    tolerant = replace(mot, exacts=mot.exacts | exacts, debuts=tuple({*mot.debuts, *debuts}))
    return replace(regle, elements=(tolerant,))


@lru_cache(maxsize=1)
def _commencements(formes: tuple[str, ...]) -> frozenset[str]:
    return frozenset(forme[:n] for forme in formes for n in range(1, len(forme) + 1))


@lru_cache(maxsize=1)
def _groupes() -> dict[str, str]:
    groupes: dict[str, str] = {}
    for ligne in _lignes("groupes"):
        nom, _, contenu = ligne.partition("=")
        groupes[nom.strip()] = "|".join(_developper(contenu, groupes).split())
    return groupes


@lru_cache(maxsize=16)
def groupe(nom: str) -> Element:
    """Give a group of words by its name (`@corps`)."""
    return _element(_groupes()[nom])


@lru_cache(maxsize=64)
def lexique_de_caisse(termes: frozenset[str]) -> Lexique:
    """Index the words or expressions a caisse added; the plural is understood."""
    regles = []
    for terme in sorted(termes):
        normal = plain(terme)
        elements = tuple(
            _element_de_caisse(
                normal.texte[mot.debut : mot.fin], etoile=normal.texte.startswith("*", mot.fin)
            )
            for mot in mots(normal.texte)
        )
        if elements:
            regles.append(Regle(elements))
    return lexique(regles)


def _element_de_caisse(mot: str, *, etoile: bool) -> Element:
    exacts = frozenset({plier(mot), plier(mot + "s"), plier(mot + "x")})
    return Element(exacts, debuts=(plier_radical(mot),) if etoile else ())


def regles_du_fichier(lignes: Iterable[str], groupes: Mapping[str, str]) -> Iterator[Regle]:
    """Compile the lines of a list."""
    sauf_partout = ""
    for ligne in lignes:
        if ligne.startswith("%sauf"):
            sauf_partout = ligne.removeprefix("%sauf")
            continue
        for article in _developper(ligne, groupes).split(","):
            reste, _, avec = article.partition("?")
            expression, _, sauf = reste.partition("!")
            sauf_ici = f"{sauf} {_developper(sauf_partout, groupes)}".split()
            if expression.strip():
                yield Regle(
                    tuple(_element(mot) for mot in expression.split()),
                    _element("|".join(sauf_ici)) if sauf_ici else None,
                    _element("|".join(avec.split())) if avec.strip() else None,
                )


def _element(ecrit: str) -> Element:
    if ecrit == "..":
        return Element(ecart=True)
    choix = ecrit.strip("()").split("|")
    formes = [plain(c).texte for c in choix]
    return Element(
        exacts=frozenset(plier(f) for f in formes if "*" not in f and f != "<nombre>"),
        debuts=tuple(debut for f in formes if f.endswith("*") for debut in _debuts(f[:-1])),
        fins=tuple(plier_radical(f[1:]) for f in formes if f.startswith("*")),
        nombre="<nombre>" in formes,
        capitales=all(c.isupper() for c in choix),
        facultatif=ecrit.startswith("("),
    )


def _debuts(radical: str) -> tuple[str, ...]:
    """Fold a beginning, and keep it as it is for short words; a last `c` may turn out soft or hard."""
    plie = plier_radical(radical)
    durci = {plie[:-1] + "s"} if radical.endswith("c") else set()
    return tuple(sorted({radical, plie} | durci))


def _developper(ligne: str, groupes: Mapping[str, str]) -> str:
    for nom in sorted(groupes, key=len, reverse=True):
        ligne = ligne.replace(nom, groupes[nom])
    return ligne


def _lignes(nom: str) -> Iterator[str]:
    for ligne in (_DOSSIER / f"{nom}.txt").read_text(encoding="utf-8").splitlines():
        if ligne.strip() and not ligne.startswith("#"):
            yield ligne.strip()
