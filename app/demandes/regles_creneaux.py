"""Art. 1.2: the slots of an appointment: who moves them, when, and what may be proposed.

A slot is read as a mapping with its `debut`, `fin` (instants), `statut` and `honore`, as in `objet`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

from app.demandes.regles import Geste
from app.droits import Role

Creneau = Mapping[str, Any]
PLUS_DE_CRENEAUX = 10
PLUS_LONG, PLUS_LOIN = timedelta(hours=8), timedelta(days=366)
UN_JOUR = timedelta(days=1)


class StatutCreneau(StrEnum):
    PROPOSE = "propose"
    CONFIRME = "confirme"
    REFUSE = "refuse"
    ANNULE = "annule"


class Etape(StrEnum):
    """Where an appointment stands: what its slots and the hour make of it."""

    A_PROPOSER = "a_proposer"  # nothing holds
    A_CHOISIR = "a_choisir"  # at least one proposed slot has not begun
    CONFIRME = "confirme"
    COMMENCE = "commence"
    A_CONSTATER = "a_constater"  # the confirmed slot is over, nobody has said whether the person came


T, A = Role.TECHNICIEN, Role.AGENT_CAISSE
PROPOSE, CONFIRME, REFUSE, ANNULE = StatutCreneau

# Who may do what, and when. What has begun is called off no more: its outcome tells.
GESTES: Mapping[tuple[Geste, Role], tuple[Etape, ...]] = {
    (Geste.PROPOSITIONS, A): (Etape.A_PROPOSER, Etape.A_CHOISIR),
    (Geste.CONFIRMATION, T): (Etape.A_CHOISIR,),
    (Geste.REFUS, T): (Etape.A_CHOISIR,),
    (Geste.ANNULATION_CRENEAU, T): (Etape.CONFIRME,),
    (Geste.ANNULATION_CRENEAU, A): (Etape.A_CHOISIR, Etape.CONFIRME),
    (Geste.ISSUE, A): (Etape.A_CONSTATER,),
}
# What a gesture does to the slots that hold; a confirmation first takes the chosen one out of them.
PASSAGES: Mapping[Geste, Mapping[StatutCreneau, StatutCreneau]] = {
    Geste.PROPOSITIONS: {PROPOSE: ANNULE},
    Geste.CONFIRMATION: {PROPOSE: REFUSE},
    Geste.REFUS: {PROPOSE: REFUSE},
    Geste.ANNULATION_CRENEAU: {PROPOSE: ANNULE, CONFIRME: ANNULE},
}
# The partenaire is awaited: it has to choose, or to come with the person.
ATTENDENT = (Etape.A_CHOISIR, Etape.CONFIRME, Etape.COMMENCE)


def etape(creneaux: Sequence[Creneau], maintenant: datetime) -> Etape:
    """Tell where an appointment stands at an instant."""
    for creneau in creneaux:
        if creneau["statut"] == CONFIRME and creneau["honore"] is None:
            if maintenant >= creneau["fin"]:
                return Etape.A_CONSTATER
            return Etape.COMMENCE if maintenant >= creneau["debut"] else Etape.CONFIRME
    a_venir = any(c["statut"] == PROPOSE and maintenant < c["debut"] for c in creneaux)
    return Etape.A_CHOISIR if a_venir else Etape.A_PROPOSER


def gestes(creneaux: Sequence[Creneau], role: Role | None, maintenant: datetime) -> frozenset[Geste]:
    """Return the gestures on slots that are open to a role at an instant."""
    ou = etape(creneaux, maintenant)
    return frozenset(geste for (geste, qui), etapes in GESTES.items() if qui is role and ou in etapes)


def partenaire_attendu(creneaux: Sequence[Creneau], maintenant: datetime) -> bool:
    return etape(creneaux, maintenant) in ATTENDENT


def honore(creneaux: Iterable[Creneau]) -> bool | None:
    """Tell whether the person came to the last appointment; None while nobody has said."""
    confirmes = [c["honore"] for c in creneaux if c["statut"] == CONFIRME]
    return confirmes[-1] if confirmes else None


def refus_des_propositions(
    bornes: Sequence[tuple[datetime, datetime]], maintenant: datetime
) -> list[tuple[str, str, str]]:
    """Return (place, code, sentence) for each slot (start, end) that may not be proposed.

    A slot is to come, ends after it begins, lasts eight hours at most, stands within a year, and
    overlaps no other.
    """
    refus = [
        (f"/creneaux/{rang}/{champ}", code, phrase)
        for rang, (debut, fin) in enumerate(bornes)
        for vrai, champ, code, phrase in (
            (debut <= maintenant, "debut", "ep_passe", "Un créneau se propose avant son début."),
            (
                debut > maintenant + PLUS_LOIN,
                "debut",
                "ep_lointain",
                "Un créneau se propose à un an au plus.",
            ),
            (fin <= debut, "fin", "ep_ordre", "La fin doit suivre le début."),
            (fin - debut > PLUS_LONG, "fin", "ep_duree", "Un créneau dure huit heures au plus."),
        )
        if vrai
    ]
    ordre = sorted(range(len(bornes)), key=lambda rang: bornes[rang])
    refus += [
        (f"/creneaux/{max(rang, suivant)}/debut", "ep_chevauchement", "Deux créneaux se chevauchent.")
        for rang, suivant in pairwise(ordre)
        if bornes[suivant][0] < bornes[rang][1]
    ]
    return refus


def a_rappeler(debut: date, confirme: date, jour: date) -> bool:
    """Tell whether an appointment is to be recalled on a day: its eve.

    A run missed on the eve is caught up on the day itself, save for what was only confirmed on the eve.
    """
    veille = debut - UN_JOUR
    return jour == veille or (jour == debut and confirme < veille)


def sequence(confirmations: int, annulations: int) -> int:
    """Return the revision of a calendar file: 0 at first, one more at each confirmation and calling off."""
    return max(confirmations + annulations - 1, 0)
