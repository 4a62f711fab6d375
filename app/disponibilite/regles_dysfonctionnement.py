"""Art. 3.3: the life of a malfunction: its states, and who moves it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.droits import Action, Role


class StatutDysfonctionnement(StrEnum):
    SIGNALE = "signale"
    PRIS_EN_CHARGE = "pris_en_charge"
    TRANSMIS = "transmis"
    RESOLU = "resolu"


OUVERTS = (
    StatutDysfonctionnement.SIGNALE,
    StatutDysfonctionnement.PRIS_EN_CHARGE,
    StatutDysfonctionnement.TRANSMIS,
)


class Geste(StrEnum):
    """What an actor does to a malfunction, spelt as its path."""

    REPONSE = "reponse"
    COMPLEMENT = "complement"
    TRANSMISSION = "transmission"
    CLOTURE = "cloture"


@dataclass(frozen=True, slots=True)
class Transition:
    action: Action
    depuis: Mapping[StatutDysfonctionnement, StatutDysfonctionnement]


RESTENT = {statut: statut for statut in OUVERTS}

TRANSITIONS: Mapping[Geste, Transition] = {
    # The first answer of the caisse takes it in charge; the national support answers what was passed on to it.
    Geste.REPONSE: Transition(
        Action.DYSFONCTIONNEMENT_REPONDRE,
        RESTENT | {StatutDysfonctionnement.SIGNALE: StatutDysfonctionnement.PRIS_EN_CHARGE},
    ),
    Geste.COMPLEMENT: Transition(Action.DYSFONCTIONNEMENT_COMPLETER, RESTENT),
    Geste.TRANSMISSION: Transition(
        Action.DYSFONCTIONNEMENT_TRANSMETTRE,
        {
            StatutDysfonctionnement.SIGNALE: StatutDysfonctionnement.TRANSMIS,
            StatutDysfonctionnement.PRIS_EN_CHARGE: StatutDysfonctionnement.TRANSMIS,
        },
    ),
    Geste.CLOTURE: Transition(
        Action.DYSFONCTIONNEMENT_CLORE, dict.fromkeys(OUVERTS, StatutDysfonctionnement.RESOLU)
    ),
}


def au_signalement(role: Role) -> StatutDysfonctionnement:
    """Art. 3.3: a partenaire's goes to its caisse; what a caisse itself reports goes to the national support."""
    return StatutDysfonctionnement.TRANSMIS if role is Role.AGENT_CAISSE else StatutDysfonctionnement.SIGNALE


def suivant(geste: Geste, statut: StatutDysfonctionnement) -> StatutDysfonctionnement | None:
    """Return the state after a gesture, or None when the state forbids it."""
    return TRANSITIONS[geste].depuis.get(statut)


def actions_possibles(statut: StatutDysfonctionnement, actions_permises: frozenset[Action]) -> list[str]:
    """Return the gestures open now to an actor whose rights permit these actions."""
    return [
        geste.value
        for geste, transition in TRANSITIONS.items()
        if statut in transition.depuis and transition.action in actions_permises
    ]
