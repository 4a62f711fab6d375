"""What an authorization request may be (RFC 6749, 7636, 8252, 9207), and whom an application serves."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from app.droits import Portee, Role

LONGEST_PARAMETER = 2048
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # SHA-256 in base64url: what S256 gives, and nothing else
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
PRINTABLE = re.compile(r"[\x20-\x7e]*")  # RFC 6749, appendix A: VSCHAR
LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?(/[^#\\\s]*)?")
PROMPTS = frozenset({"none", "login", "consent"})
SCOPES = frozenset(portee.value for portee in Portee)


# What a person reads before consenting, and a developer in Swagger UI.
LIBELLES = {
    Portee.DEMANDES_LIRE: "Lire les demandes",
    Portee.DEMANDES_ECRIRE: "Déposer et faire avancer les demandes",
    Portee.PIECES_LIRE: "Lire les pièces jointes aux demandes",
    Portee.PIECES_ECRIRE: "Joindre des pièces aux demandes",
    Portee.COMPTES_LIRE: "Lire les comptes",
    Portee.COMPTES_ECRIRE: "Créer, modifier et inactiver les comptes",
    Portee.CONVENTIONS_LIRE: "Lire partenaires et conventions",
    Portee.CONVENTIONS_ECRIRE: "Modifier caisse, partenaires et conventions",
    Portee.EVENEMENTS_LIRE: "Suivre le fil des évènements",
    Portee.WEBHOOKS_ECRIRE: "Gérer les notifications envoyées à un logiciel",
    Portee.STATISTIQUES_LIRE: "Lire les statistiques",
    Portee.JOURNAL_LIRE: "Lire le journal",
}


def same_redirect(asked: str, registered: str) -> bool:
    """Tell whether an address is the registered one, to the letter; on loopback the port is free (RFC 8252, 7.3)."""
    if asked == registered:
        return True
    one, other = LOOPBACK.fullmatch(asked), LOOPBACK.fullmatch(registered)
    return one is not None and other is not None and one.groups() == other.groups()


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorization request that can be answered: everything of it has been read and found right."""

    client_id: str
    redirect_uri: str
    scope: frozenset[str]
    state: str
    challenge: str
    prompt: frozenset[str]


@dataclass(frozen=True, slots=True)
class Unanswerable:
    """What is told on a page: whoever asked is not known, or not where to answer. Nothing is redirected."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Answerable:
    """What is told to the application, at its own address."""

    error: str
    description: str


DUPLICATE = "Un paramètre de la demande est répété."
UNKNOWN_CLIENT = "L'application qui vous a envoyé ici n'est pas connue, ou n'est plus autorisée."
UNKNOWN_REDIRECT = "L'adresse de retour demandée n'est pas une de celles de l'application."


def duplicated(parameters: Iterable[tuple[str, str]]) -> frozenset[str]:
    return frozenset(name for name, times in Counter(name for name, _ in parameters).items() if times > 1)


def refusal_on_page(
    parameters: list[tuple[str, str]], redirect_uris: Collection[str] | None
) -> Unanswerable | None:
    """Return why a request cannot even be answered; `redirect_uris` is None for an unknown application."""
    if duplicated(parameters) & {"client_id", "redirect_uri"}:
        return Unanswerable(DUPLICATE)
    if redirect_uris is None:
        return Unanswerable(UNKNOWN_CLIENT)
    asked = dict(parameters).get("redirect_uri", "")
    if not any(same_redirect(asked, registered) for registered in redirect_uris):
        return Unanswerable(UNKNOWN_REDIRECT)
    return None


def read(parameters: list[tuple[str, str]], permitted: Collection[str]) -> Asked | Answerable:
    """Read the rest of a request whose application and address are known; `permitted` are its scopes."""
    given, scopes = dict(parameters), frozenset(permitted) & SCOPES
    if duplicated(parameters):
        return Answerable("invalid_request", DUPLICATE)
    for wrong, error, why in CHECKS:
        if wrong(given):
            return Answerable(error, why)
    scope = frozenset(given.get("scope", "").split())
    if not scope <= scopes:
        return Answerable("invalid_scope", "Une portée demandée n'est pas permise.")
    return Asked(
        client_id=given["client_id"],
        redirect_uri=given["redirect_uri"],
        scope=scope or scopes,
        state=given.get("state", ""),
        challenge=given["code_challenge"],
        prompt=_prompt(given),
    )


def _prompt(given: Mapping[str, str]) -> frozenset[str]:
    return frozenset(given.get("prompt", "").split())


def _unreadable(given: Mapping[str, str]) -> bool:
    return not all(len(v) <= LONGEST_PARAMETER and PRINTABLE.fullmatch(v) for v in given.values())


def _prompt_wrong(given: Mapping[str, str]) -> bool:
    prompt = _prompt(given)
    return not prompt <= PROMPTS or ("none" in prompt and len(prompt) > 1)


NO_OBJECT = "Les objets de demande ne sont pas pris en charge."
# In order: (what is wrong, the error of RFC 6749 or OpenID Connect Core, why).
CHECKS: tuple[tuple[Callable[[Mapping[str, str]], bool], str, str], ...] = (
    (_unreadable, "invalid_request", "Un paramètre est trop long, ou tient un caractère interdit."),
    (lambda given: "request" in given, "request_not_supported", NO_OBJECT),
    (lambda given: "request_uri" in given, "request_uri_not_supported", NO_OBJECT),
    (lambda given: not given.get("response_type"), "invalid_request", "response_type=code est attendu."),
    (
        lambda given: given["response_type"] != "code",
        "unsupported_response_type",
        "Seul response_type=code est pris en charge.",
    ),
    (
        lambda given: given.get("response_mode", "query") != "query",
        "invalid_request",
        "Seul response_mode=query est pris en charge.",
    ),
    (
        lambda given: given.get("code_challenge_method") != "S256",
        "invalid_request",
        "PKCE est obligatoire, avec code_challenge_method=S256.",
    ),
    (
        lambda given: not CHALLENGE.fullmatch(given.get("code_challenge", "")),
        "invalid_request",
        "code_challenge est attendu : 43 caractères, S256.",
    ),
    (_prompt_wrong, "invalid_request", "prompt est login, consent, les deux, ou none seul."),
)


def sert(
    role: Role,
    de_la_caisse: str | None,
    du_partenaire: UUID | None,
    *,
    caisse: str | None,
    partenaire: UUID | None,
) -> bool:
    """Art. 2.1, 2.2: may somebody of this profile, caisse and structure sign in through this application?

    One of a caisse serves its agents; one of a structure, its people; a public one, those of every structure.
    """
    if caisse is not None:
        return role is Role.AGENT_CAISSE and de_la_caisse == caisse
    de_structure = role in {Role.TECHNICIEN, Role.GESTIONNAIRE}
    return de_structure and (partenaire is None or du_partenaire == partenaire)
