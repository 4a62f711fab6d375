"""The life of a convention as the rules tell it, lived one day after the other: an independent, slow reading.

Nothing here comes from the application: a convention is what each morning and each act make of it.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

UN_JOUR = timedelta(days=1)
TRENTE_JOURS = timedelta(days=30)


def fin_d_annee(premier: date) -> date:
    """8.1-1: from 18 April 2025, through 17 April 2026; a year from 29 February ends on 28 February."""
    jour = premier
    while (jour.year, jour.month, jour.day) < (premier.year + 1, premier.month, premier.day):
        jour += UN_JOUR
    return jour - UN_JOUR


def six_mois_apres(jour: date) -> date:
    mois = jour.month + 6
    annee, mois = (jour.year + 1, mois - 12) if mois > 12 else (jour.year, mois)
    while True:
        try:
            return date(annee, mois, jour.day)
        except ValueError:
            jour -= UN_JOUR


@dataclass
class MiseEnDemeure:
    id: str
    recue_le: date
    reparee: bool = False


@dataclass
class Convention:
    """One convention d'utilisation between a structure and a caisse, from its entry into force."""

    id: str
    caisse: str
    debut: date
    tacite: bool
    signature: date = field(init=False)  # what the anniversaries are counted from
    annee: int = 1
    fin: date = field(init=False)
    denoncee_le: date | None = None
    resiliee_le: date | None = None
    par_manquement: MiseEnDemeure | None = None
    suspendue: bool = False
    finie: str | None = None
    finie_le: date | None = None
    avenants: list[tuple[date, dict]] = field(default_factory=list)
    demeures: list[MiseEnDemeure] = field(default_factory=list)
    choix: list[tuple[date, dict]] = field(default_factory=list)
    histoire: dict[date, str] = field(default_factory=dict)

    def __post_init__(self):
        self.signature, self.fin = self.debut, fin_d_annee(self.debut)

    def matin(self, jour: date) -> None:
        """What a day brings by itself (8.1-1, 8.1-2, 8.2-1, 8.3-1)."""
        if self.finie:
            return
        if self.resiliee_le and self.resiliee_le <= min(jour, self.fin):
            self.finie, self.finie_le = "resiliee", jour
            return
        if jour > self.fin:
            if not self.tacite or (self.denoncee_le and self.denoncee_le <= self.fin):
                self.finie, self.finie_le = "expiree", jour
                return
            self.annee += 1
            premier = self.fin + UN_JOUR
            self.fin = fin_d_annee(premier)
            if (self.signature.month, self.signature.day) == (2, 29):
                self.fin = date(self.signature.year + self.annee, 2, 28)
        for le, modifications in self.avenants:
            if le == jour:
                self.appliquer(modifications)

    def appliquer(self, modifications: dict) -> None:
        if "tacite_reconduction" in modifications:
            self.tacite = modifications["tacite_reconduction"]
        if "fin_le" in modifications and modifications["fin_le"] != self.fin:
            self.fin = modifications["fin_le"]
            self.signature, self.annee = self.fin + UN_JOUR, 0

    def soir(self, jour: date) -> None:
        self.histoire[jour] = self.statut(jour)

    def statut(self, jour: date) -> str:
        if self.finie:
            return self.finie
        if self.suspendue:
            return "suspendue"
        return "denoncee" if self.denoncee_le and self.denoncee_le <= jour else "en_vigueur"

    def ouvre(self) -> bool:
        """2.2.3-2, 4.1-5: does it open its caisse?"""
        return self.finie is None and not self.suspendue

    def fonctionnalites(self, jour: date, toutes: set[str]) -> set[str]:
        """1.2-8: the last choice whose day has come; null follows the caisse, which opens everything here."""
        fermees = set()
        for _, choix in sorted((c for c in self.choix if c[0] <= jour), key=lambda c: c[0]):
            for nom, active in choix.items():
                (fermees.add if active is False else fermees.discard)(nom)
        return toutes - fermees

    def manquement_possible(self, demeure: MiseEnDemeure, le: date) -> bool:
        """8.2-2: thirty calendar days after the receipt, unless repaired."""
        return not demeure.reparee and le - demeure.recue_le >= TRENTE_JOURS


@dataclass
class Compte:
    identifiant: str
    inactif_depuis: date | None = None
    supprime: bool = False

    @property
    def etat(self) -> str:
        return "supprime" if self.supprime else "inactif" if self.inactif_depuis else "actif"


@dataclass
class Structure:
    """A partenaire, its conventions past and present, its accounts."""

    id: str
    caisses: tuple[str, ...]
    conventions: list[Convention] = field(default_factory=list)
    comptes: list[Compte] = field(default_factory=list)

    def vivante(self, caisse: str) -> Convention | None:
        return next((c for c in self.conventions if c.caisse == caisse and not c.finie), None)

    def close(self) -> bool:
        """2.2.3-1: it had conventions, and all have ended."""
        return bool(self.conventions) and all(c.finie for c in self.conventions)

    def regler(self, jour: date) -> None:
        """2.2.3-1, 2.2.3-8: what the daily rules write of the accounts; nothing ever comes back by itself."""
        for compte in self.comptes:
            if compte.inactif_depuis is None and self.close():
                compte.inactif_depuis = jour
            elif compte.inactif_depuis and six_mois_apres(compte.inactif_depuis) <= jour:
                compte.supprime = True

    def solder(self, jour: date) -> None:
        """2.2.3-1: before another convention begins, the accounts that a former day ended are ended as of that day."""
        depuis = max(c.finie_le for c in self.conventions) if self.close() else jour
        for compte in self.comptes:
            if compte.inactif_depuis is None and depuis < jour:
                compte.inactif_depuis = depuis

    def a_regler(self, jour: date) -> bool:
        return any(
            (c.inactif_depuis is None and self.close())
            or (c.inactif_depuis and not c.supprime and six_mois_apres(c.inactif_depuis) <= jour)
            for c in self.comptes
        )

    def etat(self, jour: date) -> tuple:
        """What an outsider would see change."""
        statuts = tuple((c.id, c.statut(jour), c.fin) for c in self.conventions)
        choix = tuple(sorted(c.fonctionnalites(jour, {"rendez_vous", "contact"})) for c in self.conventions)
        return statuts, choix, tuple(compte.etat for compte in self.comptes)
