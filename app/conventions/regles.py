"""Art. 8: from when to when a convention is in force, and what ends it.

Everything follows from days: those of the signatures, of the avenants, of a denunciation, of a termination.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from app.kit.calendrier import UN_JOUR, veille_anniversaire


class StatutConvention(StrEnum):
    A_VENIR = "a_venir"
    EN_VIGUEUR = "en_vigueur"
    SUSPENDUE = "suspendue"
    DENONCEE = "denoncee"
    EXPIREE = "expiree"
    RESILIEE = "resiliee"


class Partie(StrEnum):
    PARTENAIRE = "partenaire"
    CAISSE = "caisse"


class ObjetResilie(StrEnum):
    """Art. 8.2: the convention métier takes the convention d'utilisation with it; the other way, not."""

    METIER = "metier"
    UTILISATION = "utilisation"


class Cause(StrEnum):
    MANQUEMENT = "manquement"
    ACCORD = "accord"
    DETOURNEMENT = "detournement"
    AUTRE = "autre"


class Jalon(StrEnum):
    """What a day brings by itself, without anybody's act."""

    RENOUVELEE = "renouvelee"
    AVENANT_APPLIQUE = "avenant_applique"
    EXPIREE = "expiree"
    RESILIEE = "resiliee"


@dataclass(frozen=True, slots=True)
class Changement:
    """An avenant, and what it changes of the duration from its day on; `fin_le` is never before `le`."""

    le: date
    tacite_reconduction: bool | None = None
    fin_le: date | None = None


@dataclass(frozen=True, slots=True)
class Termes:
    """What decides of the life of a convention: days, and whether it renews itself.

    `changements` are in the order of their days.
    """

    signee_partenaire_le: date | None
    signee_caisse_le: date | None
    tacite_reconduction: bool = True
    suspendue: bool = False
    denoncee_le: date | None = None
    resiliee_le: date | None = None
    changements: tuple[Changement, ...] = ()


@dataclass(frozen=True, slots=True)
class Periode:
    """Both days included; `derniere`: nothing renews it."""

    debut: date
    fin: date
    derniere: bool


def entree_en_vigueur(termes: Termes) -> date | None:
    """Art. 8.1: on the date of the last signature; none while one is missing."""
    if termes.signee_partenaire_le is None or termes.signee_caisse_le is None:
        return None
    return max(termes.signee_partenaire_le, termes.signee_caisse_le)


def periodes(termes: Termes) -> Iterator[Periode]:
    """Art. 8.1: one year, then another, until one is the last; without any end when nothing stops them.

    An avenant may move the end of the period that it falls in: years then count from the next day. A
    termination is not counted here: it interrupts a period.
    """
    debut = entree_en_vigueur(termes)
    if debut is None:
        return
    depuis, annees = debut, 1
    while True:
        anniversaire = veille_anniversaire(depuis, annees)
        fin = _fin_convenue(termes, debut, anniversaire)
        derniere = not _reconduite(termes, fin)
        yield Periode(debut, fin, derniere)
        if derniere:
            return
        debut = fin + UN_JOUR
        depuis, annees = (depuis, annees + 1) if fin == anniversaire else (debut, 1)


def _fin_convenue(termes: Termes, debut: date, fin: date) -> date:
    for changement in termes.changements:
        if changement.fin_le is not None and debut <= changement.le <= fin:
            fin = changement.fin_le
    return fin


def _reconduite(termes: Termes, fin: date) -> bool:
    """Art. 8.1: renewed tacitly, by the terms as they stand on the last day, unless it was denounced."""
    if termes.denoncee_le is not None and termes.denoncee_le <= fin:
        return False
    return tacite_reconduction(termes, fin)


def tacite_reconduction(termes: Termes, jour: date) -> bool:
    """Art. 8.1, 8.3: as signed, or as the last avenant whose day has come says."""
    choix = [c.tacite_reconduction for c in termes.changements if c.le <= jour]
    return next((c for c in reversed(choix) if c is not None), termes.tacite_reconduction)


def termes_au(termes: Termes, jour: date, *, suspendue: bool = False) -> Termes:
    """Art. 8.3: the terms as they stood on a day, before what came later."""
    return replace(
        termes,
        suspendue=suspendue,
        changements=tuple(c for c in termes.changements if c.le <= jour),
        denoncee_le=None if termes.denoncee_le and termes.denoncee_le > jour else termes.denoncee_le,
        resiliee_le=None if termes.resiliee_le and termes.resiliee_le > jour else termes.resiliee_le,
    )


def periode_du_jour(termes: Termes, jour: date) -> Periode | None:
    """Return the period of a day: before the first one, the first; after the last one, the last."""
    return next((p for p in periodes(termes) if p.derniere or jour <= p.fin), None)


def fin_de_periode(termes: Termes, jour: date) -> date | None:
    """Art. 8.1: the eve of the anniversary; renewed tacitly, the eve of the next one that is to come.

    Once the convention is over, the end of the period in which it ended.
    """
    fin = fin_de_vie(termes)
    vivante = jour if fin is None else min(jour, fin - UN_JOUR)
    periode = periode_du_jour(termes, vivante)
    return periode.fin if periode else None


def terme(termes: Termes) -> date | None:
    """Art. 8.1: the last day of the last period; None while the renewals have no end."""
    decisifs = [c.le for c in termes.changements]
    decisifs += [termes.denoncee_le] if termes.denoncee_le else []
    for periode in periodes(termes):
        if periode.derniere:
            return periode.fin
        if all(jour < periode.debut for jour in decisifs):
            return None
    return None


def fin_de_vie(termes: Termes) -> date | None:
    """Art. 8.1, 8.2: the first day when the convention is no longer in force; None while nothing ends it."""
    fin = terme(termes)
    jours = [fin + UN_JOUR] if fin else []
    jours += [termes.resiliee_le] if termes.resiliee_le else []
    return min(jours, default=None)


def statut(termes: Termes, jour: date) -> StatutConvention:
    """Art. 8: what the convention is on a day."""
    debut = entree_en_vigueur(termes)
    if debut is None or jour < debut:
        return StatutConvention.A_VENIR
    fin = fin_de_vie(termes)
    if fin is not None and jour >= fin:
        return StatutConvention.RESILIEE if interrompue(termes) else StatutConvention.EXPIREE
    if termes.suspendue:
        return StatutConvention.SUSPENDUE
    denoncee = termes.denoncee_le is not None and termes.denoncee_le <= jour
    return StatutConvention.DENONCEE if denoncee else StatutConvention.EN_VIGUEUR


def interrompue(termes: Termes) -> bool:
    """Art. 8.2: is there a termination, and does it come before the last period would have ended?"""
    fin = terme(termes)
    return termes.resiliee_le is not None and (fin is None or termes.resiliee_le <= fin)


OUVRANTES = frozenset({StatutConvention.EN_VIGUEUR, StatutConvention.DENONCEE})
VIVANTES = OUVRANTES | {StatutConvention.SUSPENDUE}
FINIES = frozenset({StatutConvention.EXPIREE, StatutConvention.RESILIEE})


def en_vigueur(termes: Termes, jour: date) -> bool:
    """Art. 8.1, 2.2.3: does the convention open its caisse that day? A denounced one does until its end."""
    return statut(termes, jour) in OUVRANTES


def annee_en_cours(termes: Termes, jour: date) -> date | None:
    """Art. 7.1, 8.1: the last day of the year that runs on a day, even suspended; None when none does.

    A termination cuts the year short.
    """
    if statut(termes, jour) not in VIVANTES:
        return None
    fin, vie = fin_de_periode(termes, jour), fin_de_vie(termes)
    return min(fin, vie - UN_JOUR) if fin and vie else fin


def structure_close(conventions: Iterable[Termes], jour: date) -> bool:
    """Art. 2.2.3: the conventions with all the caisses have ended: the accounts end with them.

    A suspension cuts an access and ends no account; a convention that never began ends nothing.
    """
    statuts = {statut(termes, jour) for termes in conventions}
    return bool(statuts & FINIES) and not statuts & VIVANTES


def close_depuis(conventions: Iterable[Termes], jour: date) -> date | None:
    """Art. 2.2.3: the day when the last convention of a structure ended; None on a day when it is not closed."""
    toutes = list(conventions)
    if not structure_close(toutes, jour):
        return None
    fins = [fin_de_vie(termes) for termes in toutes if statut(termes, jour) in FINIES]
    return max(fin for fin in fins if fin is not None)


def se_chevauchent(une: Termes, autre: Termes) -> bool:
    """Tell whether two signed conventions would be in force the same day."""
    debuts = entree_en_vigueur(une), entree_en_vigueur(autre)
    if debuts[0] is None or debuts[1] is None:
        return False
    fins = fin_de_vie(une), fin_de_vie(autre)
    dernier_debut = max(debuts[0], debuts[1])
    return all(fin is None or dernier_debut < fin for fin in fins)


def survenus(termes: Termes, jour: date) -> list[Jalon]:
    """Art. 8: what a day brings by itself: a renewal, terms that begin to apply, the end."""
    avant, apres = statut(termes, jour - UN_JOUR), statut(termes, jour)
    if apres in FINIES:
        return [Jalon(apres.value)] if avant not in FINIES else []
    jalons = [Jalon.AVENANT_APPLIQUE] if any(c.le == jour for c in termes.changements) else []
    periode = periode_du_jour(termes, jour)
    if periode and periode.debut == jour != entree_en_vigueur(termes):
        jalons.insert(0, Jalon.RENOUVELEE)
    return jalons


def prochain_jalon(termes: Termes, apres: date) -> date | None:
    """Return the next day, after one, that brings something by itself; None for a convention that is over."""
    fin = fin_de_vie(termes)
    periode = periode_du_jour(termes, apres)
    if periode is None or (fin is not None and fin <= apres):
        return None
    jours = [c.le for c in termes.changements if c.le > apres]
    jours += [periode.debut if periode.debut > apres else periode.fin + UN_JOUR]
    return min([*jours, *([fin] if fin else [])])


# Art. 8.2: a breach ends the convention no sooner than this after the receipt of the formal notice.
PREAVIS = timedelta(days=30)


def resiliable_le(recue_le: date) -> date:
    """Art. 8.2: the receipt plus 30 calendar days; that day is allowed."""
    return recue_le + PREAVIS


def manquement_permis(recue_le: date, reparee_le: date | None, le: date) -> bool:
    """Art. 8.2: may a breach end the convention that day? Not before the notice is over, nor once repaired."""
    return reparee_le is None and le >= resiliable_le(recue_le)
