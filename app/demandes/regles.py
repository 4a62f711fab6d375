"""Art. 1.1, 1.2: the life of a request: its states, who moves it, and by when it is due."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.droits import Action, Fonctionnalite, Role
from app.kit.calendrier import ajouter_jours_ouvres, jours_ouvres_entre


class Type(StrEnum):
    SIGNALEMENT = "signalement"
    ETUDE_DOSSIER = "etude_dossier"
    RENDEZ_VOUS = "rendez_vous"
    DOCUMENT = "document"
    CONTACT = "contact"

    @property
    def fonctionnalite(self) -> Fonctionnalite:
        """Art. 1.2: each kind of request is a function that the caisse switches on or off."""
        return Fonctionnalite(self.value)


PREFIXES: Mapping[Type, str] = {
    Type.SIGNALEMENT: "SIG",
    Type.ETUDE_DOSSIER: "ETU",
    Type.RENDEZ_VOUS: "RDV",
    Type.DOCUMENT: "DOC",
    Type.CONTACT: "CON",
}


class Statut(StrEnum):
    DEPOSEE = "deposee"
    EN_COURS = "en_cours"
    COMPLEMENT_DEMANDE = "complement_demande"
    CLOTUREE = "cloturee"
    ANNULEE = "annulee"


OUVERTS = (Statut.DEPOSEE, Statut.EN_COURS, Statut.COMPLEMENT_DEMANDE)


class Issue(StrEnum):
    """Art. 1.1: how a request ends; the service social takes the complex situations."""

    TRAITEE = "traitee"
    REJETEE = "rejetee"
    SANS_SUITE = "sans_suite"
    ORIENTEE_SERVICE_SOCIAL = "orientee_service_social"


class Revue(StrEnum):
    """Art. 5: what a caisse decides of a text that its author confirmed against the guard."""

    A_REVOIR = "a_revoir"
    ADMIS = "admis"
    REFUSE = "refuse"


class Geste(StrEnum):
    """What an actor does to a request, spelt as its path."""

    PRISE_EN_CHARGE = "prise-en-charge"
    AFFECTATION = "affectation"
    DEMANDE_COMPLEMENT = "demande-complement"
    MESSAGES = "messages"
    CLOTURE = "cloture"
    ANNULATION = "annulation"
    RETRAIT_CONSENTEMENT = "retrait-consentement"
    PROPOSITIONS = "propositions"
    CONFIRMATION = "confirmation"
    REFUS = "refus"
    ANNULATION_CRENEAU = "annulation-creneau"
    ISSUE = "issue"
    ENVOI = "envoi"


@dataclass(frozen=True, slots=True)
class Transition:
    """`propre`: a gesture of one kind alone, which says itself when it is open (`app/demandes/genres.py`)."""

    action: Action
    depuis: tuple[Statut, ...]
    vers: Mapping[tuple[Role, Statut], Statut] | Statut | None = None  # None: the state stays
    propre: bool = False


T, A = Role.TECHNICIEN, Role.AGENT_CAISSE

TRANSITIONS: Mapping[Geste, Transition] = {
    Geste.PRISE_EN_CHARGE: Transition(
        Action.DEMANDE_PRENDRE_EN_CHARGE, depuis=(Statut.DEPOSEE,), vers=Statut.EN_COURS
    ),
    Geste.AFFECTATION: Transition(Action.DEMANDE_AFFECTER, depuis=OUVERTS),
    Geste.DEMANDE_COMPLEMENT: Transition(
        Action.DEMANDE_DEMANDER_COMPLEMENT, depuis=(Statut.EN_COURS,), vers=Statut.COMPLEMENT_DEMANDE
    ),
    Geste.MESSAGES: Transition(
        Action.DEMANDE_ECRIRE, depuis=OUVERTS, vers={(T, Statut.COMPLEMENT_DEMANDE): Statut.EN_COURS}
    ),
    Geste.CLOTURE: Transition(Action.DEMANDE_CLOTURER, depuis=OUVERTS, vers=Statut.CLOTUREE),
    Geste.ANNULATION: Transition(Action.DEMANDE_ANNULER, depuis=OUVERTS, vers=Statut.ANNULEE),
    Geste.RETRAIT_CONSENTEMENT: Transition(
        Action.DEMANDE_RETIRER_CONSENTEMENT, depuis=OUVERTS, vers=Statut.ANNULEE
    ),
    Geste.PROPOSITIONS: Transition(Action.RENDEZ_VOUS_PROPOSER, depuis=OUVERTS, propre=True),
    Geste.CONFIRMATION: Transition(Action.RENDEZ_VOUS_CONFIRMER, depuis=OUVERTS, propre=True),
    Geste.REFUS: Transition(Action.RENDEZ_VOUS_REFUSER, depuis=OUVERTS, propre=True),
    Geste.ANNULATION_CRENEAU: Transition(Action.RENDEZ_VOUS_ANNULER, depuis=OUVERTS, propre=True),
    Geste.ISSUE: Transition(Action.RENDEZ_VOUS_CONSTATER, depuis=OUVERTS, propre=True),
    Geste.ENVOI: Transition(Action.DOCUMENT_ENVOYER, depuis=OUVERTS, propre=True),
}


def suivant(geste: Geste, statut: Statut, role: Role) -> Statut | None:
    """Return the state after a gesture of a role, or None when the state forbids it."""
    transition = TRANSITIONS[geste]
    if statut not in transition.depuis:
        return None
    if isinstance(transition.vers, Mapping):
        return transition.vers.get((role, statut), statut)
    return transition.vers or statut


def actions_possibles(
    statut: Statut, actions_permises: frozenset[Action], propres: frozenset[Geste] = frozenset()
) -> list[str]:
    """Return the gestures open now to an actor whose rights permit these actions.

    `propres` are those that the request's own kind opens now.
    """
    return [
        geste.value
        for geste, transition in TRANSITIONS.items()
        if statut in transition.depuis
        and transition.action in actions_permises
        and (not transition.propre or geste in propres)
    ]


@dataclass(frozen=True, slots=True)
class Delai:
    """When a request is due: a day, or, while the partenaire is awaited, the working days left."""

    echeance: date | None
    jours_restants: int | None = None


def echeance_au_depot(depot: date, jours: int, departement: str) -> Delai:
    """Return the day when the caisse aims to have answered: so many working days after the deposit."""
    return Delai(ajouter_jours_ouvres(depot, jours, departement))


def suspendre(delai: Delai, jour: date, departement: str) -> Delai:
    """Stop the clock while the partenaire is awaited; what is overdue stays overdue by as much."""
    if delai.echeance is None:
        return delai
    return Delai(None, jours_ouvres_entre(jour, delai.echeance, departement))


def reprendre(delai: Delai, jour: date, departement: str) -> Delai:
    """Start the clock again: the days left are given back."""
    if delai.jours_restants is None:
        return delai
    return Delai(ajouter_jours_ouvres(jour, delai.jours_restants, departement))


def en_retard(echeance: date | None, statut: Statut, jour: date) -> bool:
    return echeance is not None and statut in OUVERTS and jour > echeance
