"""Art. 9: is a chain whole? What its lines, its ends and its seals say of one another."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from app.kit.calendrier import ajouter_mois


class Nature(StrEnum):
    """What can be wrong, as the command prints it."""

    LIGNE_ALTEREE = "ligne alteree"
    LIEN_ROMPU = "lignes retirees ou inserees"
    DEBUT_MANQUANT = "debut retire"
    FIN_MANQUANTE = "fin retiree"
    COMPTE_FAUX = "nombre de lignes faux"
    SCEAU_FAUX = "sceau faux"
    SCEAU_MANQUANT = "sceau retire"
    SCEAU_CONTREDIT = "sceau contredit"


@dataclass(frozen=True, slots=True)
class Anomalie:
    """What is wrong, in which chain, at or just before which number."""

    nature: Nature
    chaine: str
    numero: int | None

    def __str__(self) -> str:
        return f"{self.chaine} · {self.numero if self.numero is not None else '-'} · {self.nature.value}"


@dataclass(frozen=True, slots=True)
class Bouts:
    """The two ends of a chain: how many lines were ever written and purged, its head, the anchor of its start."""

    lignes: int
    numero: int
    empreinte: str
    purgees: int = 0
    ancre_numero: int | None = None
    ancre_empreinte: str | None = None


@dataclass(frozen=True, slots=True)
class Maillon:
    """One line as it is read: `intacte` when its columns give its fingerprint again."""

    numero: int
    precedente: str | None
    empreinte: str
    intacte: bool


@dataclass
class Marche:
    """A walk along one chain, line after line in the order of the numbers, then its end."""

    chaine: str
    bouts: Bouts
    scelles: Mapping[int, Bouts] = field(default_factory=dict)  # by the number of the head that was sealed
    vues: int = 0
    dernier: Maillon | None = None
    tenus: set[int] = field(default_factory=set)

    def avancer(self, maillon: Maillon) -> Iterator[Anomalie]:
        """Read the next line. Yields what is wrong with it, or just before it."""
        attendue = self.dernier.empreinte if self.dernier else self.bouts.ancre_empreinte
        if maillon.precedente != attendue:
            nature = Nature.LIEN_ROMPU if self.dernier else Nature.DEBUT_MANQUANT
            yield Anomalie(nature, self.chaine, maillon.numero)
        if not maillon.intacte:
            yield Anomalie(Nature.LIGNE_ALTEREE, self.chaine, maillon.numero)
        self.vues, self.dernier = self.vues + 1, maillon
        scelle = self.scelles.get(maillon.numero)
        self.tenus.update({maillon.numero} if scelle else ())
        if scelle and (scelle.empreinte, scelle.lignes) != (
            maillon.empreinte,
            self.bouts.purgees + self.vues,
        ):
            yield Anomalie(Nature.SCEAU_CONTREDIT, self.chaine, maillon.numero)

    def finir(self) -> Iterator[Anomalie]:
        """Say what is wrong at the end: the head is the last line, or the anchor when all are gone."""
        bouts, dernier = self.bouts, self.dernier
        fin = (dernier.numero, dernier.empreinte) if dernier else (bouts.ancre_numero, bouts.ancre_empreinte)
        if fin != (bouts.numero, bouts.empreinte):
            yield Anomalie(Nature.FIN_MANQUANTE, self.chaine, fin[0])
        if bouts.purgees + self.vues != bouts.lignes:
            yield Anomalie(Nature.COMPTE_FAUX, self.chaine, bouts.numero)
        for numero in sorted(set(self.scelles) - self.tenus):
            if numero > (bouts.ancre_numero or 0):
                yield Anomalie(Nature.SCEAU_CONTREDIT, self.chaine, numero)


def promesses_non_tenues(chaine: str, bouts: Bouts | None, scelles: Iterable[Bouts]) -> Iterator[Anomalie]:
    """Compare the ends of a chain with every seal: what was written or purged once never comes back.

    `scelles` in the order of the seals. The last one knows the last purge, which is sealed as it is made.
    """
    connus = list(scelles)
    for scelle in connus:
        if bouts is None or bouts.lignes < scelle.lignes or bouts.numero < scelle.numero:
            yield Anomalie(Nature.FIN_MANQUANTE, chaine, scelle.numero)
        elif bouts.purgees < scelle.purgees:
            yield Anomalie(Nature.SCEAU_CONTREDIT, chaine, scelle.ancre_numero)
    if (
        bouts
        and connus
        and (connus[-1].purgees, connus[-1].ancre_empreinte)
        != (
            bouts.purgees,
            bouts.ancre_empreinte,
        )
    ):
        yield Anomalie(Nature.DEBUT_MANQUANT, chaine, bouts.ancre_numero)


def a_sceller(avant: Bouts | None, maintenant: Bouts | None, empreinte: str | None, *, purge: bool) -> Bouts:
    """Return the ends to seal: those of now when they keep what the last seal said, else those it said.

    `empreinte`: what the line of the last sealed head holds now. `purge`: this seal is the one of a purge.
    A chain that was tampered with stays contradicted by its seals, however many are made after.
    """
    if avant is None:
        connues = maintenant or Bouts(0, 0, "")
        return connues if purge else replace(connues, purgees=0, ancre_numero=None, ancre_empreinte=None)
    if maintenant is None or maintenant.lignes < avant.lignes or maintenant.numero < avant.numero:
        return avant
    meme_debut = (maintenant.purgees, maintenant.ancre_empreinte) == (avant.purgees, avant.ancre_empreinte)
    tete_tenue = empreinte == avant.empreinte or avant.numero <= (maintenant.ancre_numero or 0)
    return maintenant if tete_tenue and (meme_debut or purge) else avant


def texte_scelle(rang: int, le: datetime, chaines: Mapping[str, Any], precedent: str | None) -> bytes:
    """Return what a seal is made of: always the same bytes for the same facts."""
    dit = [rang, int(le.timestamp()), chaines, precedent]
    return json.dumps(dit, sort_keys=True, separators=(",", ":")).encode()


def en_clair(bouts: Bouts) -> dict[str, Any]:
    return asdict(bouts)


def limite_de_conservation(jour: date, mois: int) -> date:
    """Art. 5: the first day whose lines are kept, so many calendar months before."""
    return ajouter_mois(jour, -mois)
