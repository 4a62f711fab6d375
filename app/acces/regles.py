"""May this actor do this, now? An ordered list of refusals; the first that applies is the answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.comptes.regles import Etat, cgu_a_accepter
from app.droits import DROITS, Action, Droit, Fonctionnalite, Role
from app.erreurs import (
    CaisseNonConventionnee,
    CguAAccepter,
    FonctionnaliteInactive,
    JetonInvalide,
    MotDePasseExpire,
    PermissionRefusee,
    Probleme,
    ReseauNonAutorise,
)

PORTEE_CGU, PORTEE_MOT_DE_PASSE = "cgu", "mot_de_passe"


@dataclass(frozen=True, slots=True)
class Situation:
    """What is true of the caller at this instant, read from the database at every call."""

    role: Role
    statut: Etat
    famille_vivante: bool
    portees: frozenset[str]
    personne: bool  # an account, as against an application acting for itself
    cgu_acceptee: str | None
    cgu_en_vigueur: str | None
    mot_de_passe_expire_le: date | None
    jour: date
    ouvertes: Mapping[str, frozenset[Fonctionnalite]]
    hors_reseau: bool = False  # the application allows some networks, and the call comes from none of them


def _compte_inactif(s: Situation, _: Action, __: Droit) -> Probleme | None:
    """Art. 4.1: the very next call of an inactivated account is refused."""
    return None if s.statut is Etat.ACTIF and s.famille_vivante else JetonInvalide()


def _reseau(s: Situation, _: Action, __: Droit) -> Probleme | None:
    """Art. 4.1: the token of an application that is tied to its networks opens nothing elsewhere."""
    return ReseauNonAutorise() if s.hors_reseau else None


def _mot_de_passe(s: Situation, action: Action, droit: Droit) -> Probleme | None:
    """Art. 2.2.1: past the interval, the only permitted act is to change the password."""
    expire = s.mot_de_passe_expire_le
    perime = expire is not None and s.jour > expire
    permis = droit.avant_cgu or action is Action.MOT_DE_PASSE_CHANGER
    return MotDePasseExpire() if (perime or PORTEE_MOT_DE_PASSE in s.portees) and not permis else None


def _cgu(s: Situation, action: Action, droit: Droit) -> Probleme | None:
    """Art. 2.1: before the CGU in force are accepted, nothing but reading and accepting them."""
    if droit.avant_cgu or action is Action.MOT_DE_PASSE_CHANGER or not s.personne:
        return None
    a_accepter = cgu_a_accepter(s.cgu_acceptee, s.cgu_en_vigueur)
    return CguAAccepter() if a_accepter or PORTEE_CGU in s.portees else None


def _profil(s: Situation, _: Action, droit: Droit) -> Probleme | None:
    """Art. 2.2: each profile has its acts, and no account has two profiles."""
    return None if s.role in droit.roles else PermissionRefusee()


# The last word of an action that changes nothing: what an application of a structure does without a person.
VERBES_DE_LECTURE = frozenset({"lire", "consulter", "rechercher", "telecharger"})


def lit(action: Action) -> bool:
    """Tell whether an action only reads."""
    return action.value.rpartition(".")[2] in VERBES_DE_LECTURE


def _sans_personne(s: Situation, action: Action, _: Droit) -> Probleme | None:
    """Art. 2.1, 4.1: what a structure does is somebody's; its application without a person only reads."""
    seule = not s.personne and s.role is not Role.AGENT_CAISSE
    return PermissionRefusee() if seule and not lit(action) else None


def _portee(s: Situation, _: Action, droit: Droit) -> Probleme | None:
    if droit.portee is None or droit.portee.value in s.portees:
        return None
    manque = f'Bearer error="insufficient_scope", scope="{droit.portee.value}"'  # RFC 6750, 3.1
    return PermissionRefusee(entetes={"WWW-Authenticate": manque})


def _convention(s: Situation, _: Action, droit: Droit) -> Probleme | None:
    """Art. 2.2.3, 8.1: without any convention in force, no function is left."""
    needed = droit.fonctionnalite is not None or droit.celle_de_la_demande
    return CaisseNonConventionnee(caisses=[]) if needed and not s.ouvertes else None


def _fonctionnalite(s: Situation, _: Action, droit: Droit) -> Probleme | None:
    """Art. 1.2: a function that no caisse leaves open refuses, and names itself."""
    f = droit.fonctionnalite
    if f is None or s.role is Role.AGENT_CAISSE or any(f in actives for actives in s.ouvertes.values()):
        return None
    return FonctionnaliteInactive(fonctionnalite=f.value, caisse=min(s.ouvertes))


REFUS: tuple[Callable[[Situation, Action, Droit], Probleme | None], ...] = (
    _compte_inactif,
    _reseau,
    _mot_de_passe,
    _cgu,
    _profil,
    _sans_personne,
    _portee,
    _convention,
    _fonctionnalite,
)


def decider(situation: Situation, action: Action) -> Probleme | None:
    """Return the first refusal, or None: the act is permitted."""
    droit = DROITS[action]
    return next(filter(None, (refus(situation, action, droit) for refus in REFUS)), None)


def permissions(situation: Situation) -> list[str]:
    """Return what the caller may do: the same decision, for every action of the table."""
    protegees = [action for action in Action if not DROITS[action].public]
    return [action.value for action in protegees if decider(situation, action) is None]


# Sign-in failures (contract, « Throttles »): an account, then an address.
FENETRE, JOURNEE = timedelta(minutes=15), timedelta(hours=24)
ECHECS_LIBRES, ECHECS_PAR_JOUR, ECHECS_PAR_ADRESSE = 5, 25, 100
PREMIER_DELAI = timedelta(seconds=30)


def attente_compte(echecs: list[datetime], maintenant: datetime) -> timedelta:
    """Return how long an account still waits: a delay that doubles from the fifth failure in 15 minutes.

    `echecs` are the failures of the last 24 hours, oldest first; no more than 25 tries a day.
    """
    if len(echecs) >= ECHECS_PAR_JOUR:
        return echecs[-ECHECS_PAR_JOUR] + JOURNEE - maintenant
    recents = [le for le in echecs if le > maintenant - FENETRE]
    if len(recents) < ECHECS_LIBRES:
        return timedelta(0)
    delai = min(PREMIER_DELAI * 2 ** (len(recents) - ECHECS_LIBRES), FENETRE)
    reste: timedelta = recents[-1] + delai - maintenant
    return max(reste, timedelta(0))


def attente_adresse(echecs: list[datetime], maintenant: datetime) -> timedelta:
    """Return how long an address still waits: 100 failures in 15 minutes, whatever the accounts."""
    recents = [le for le in echecs if le > maintenant - FENETRE]
    if len(recents) < ECHECS_PAR_ADRESSE:
        return timedelta(0)
    attente: timedelta = recents[-ECHECS_PAR_ADRESSE] + FENETRE - maintenant
    return attente


# Mails about a forgotten password, in the same window: nobody's mailbox is flooded by somebody else.
OUBLIS_PAR_COMPTE, OUBLIS_PAR_ADRESSE = 3, 30


def oubli_permis(du_compte: list[datetime], de_l_adresse: list[datetime], maintenant: datetime) -> bool:
    """Tell whether a link may be mailed once more; what is past the limit is dropped without a word."""
    debut = maintenant - FENETRE
    return (
        sum(le > debut for le in du_compte) < OUBLIS_PAR_COMPTE
        and sum(le > debut for le in de_l_adresse) < OUBLIS_PAR_ADRESSE
    )
