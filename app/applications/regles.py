"""Art. 4.1: what an application may be (names of RFC 7591), and when its secret is to be renewed."""

import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_network
from urllib.parse import parse_qsl, unquote, urlsplit

from app.droits import DROITS, Role


class Flux(StrEnum):
    CODE = "authorization_code"
    CLIENT = "client_credentials"
    RAFRAICHIR = "refresh_token"


class Methode(StrEnum):
    """How an application proves itself; a public one does not."""

    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    AUCUNE = "none"


LOOPBACK = {"127.0.0.1", "::1"}
DOMAINE = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
IMPRIMABLE = re.compile(r"[!-~]+")  # ASCII, without a space
INTERDITS, DETOURS = ("#", "*", "\\", "@"), {".", ".."}
# The members of our answers: an address that holds one already would be read in two ways (RFC 6749, 3.1.2, RFC 9207).
RESERVES = frozenset({"code", "state", "iss", "error", "error_description", "error_uri"})


def redirection_permise(uri: str) -> bool:
    """RFC 8252, 9700: https, or http on a loopback address; no fragment, user, wildcard, detour nor answer in it."""
    if not IMPRIMABLE.fullmatch(uri) or any(signe in uri for signe in INTERDITS):
        return False
    try:
        lue = urlsplit(uri)
        hote, _ = lue.hostname or "", lue.port  # a port that is no number raises
    except ValueError:
        return False
    if not DETOURS.isdisjoint(
        re.split(r"[/\\]", unquote(lue.path))
    ):  # written in full or encoded: a browser follows both
        return False
    if not RESERVES.isdisjoint(nom for nom, _ in parse_qsl(lue.query, keep_blank_values=True)):
        return False
    if lue.scheme == "http":
        return hote in LOOPBACK
    return lue.scheme == "https" and bool(DOMAINE.fullmatch(hote))


def reseau_permis(texte: str) -> bool:
    """Tell whether a text is a network (CIDR) that leaves something out; « from anywhere » is an empty list."""
    try:
        return ip_network(texte).prefixlen > 0
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Fiche:
    """What decides of an application: whose it is, how it proves itself, what it does."""

    caisse: bool
    partenaire: bool
    flux: frozenset[Flux]
    confidentielle: bool
    redirections: bool
    portees: frozenset[str]

    @property
    def roles(self) -> frozenset[Role]:
        """A caisse's acts for its agents; a partenaire's, or one open to all, for the two profiles."""
        return (
            frozenset({Role.AGENT_CAISSE}) if self.caisse else frozenset({Role.TECHNICIEN, Role.GESTIONNAIRE})
        )

    @property
    def portees_permises(self) -> frozenset[str]:
        """Return what the people that it acts for may ever do; without one of them, a partenaire's only reads."""
        toutes = {d.portee.value for d in DROITS.values() if d.portee and d.roles & self.roles}
        lit_seulement = self.partenaire and Flux.CODE not in self.flux
        return frozenset(p for p in toutes if not lit_seulement or p.endswith(":lire"))


@dataclass(frozen=True, slots=True)
class Incoherence:
    champ: str
    code: str
    message: str


def incoherences(fiche: Fiche) -> list[Incoherence]:
    """Return what does not hold together, for the person who registers the application."""
    seule, code = Flux.CLIENT in fiche.flux, Flux.CODE in fiche.flux
    regles = (
        (
            fiche.caisse and fiche.partenaire,
            Incoherence(
                "/partenaire_id", "ep_titulaire", "Une application est à une caisse ou à un partenaire."
            ),
        ),
        (
            seule and not (fiche.caisse or fiche.partenaire),
            Incoherence("/caisse", "ep_titulaire", "Une application qui agit pour elle-même a un titulaire."),
        ),
        (
            seule and not fiche.confidentielle,
            Incoherence(
                "/token_endpoint_auth_method", "ep_publique", "Agir pour elle-même demande un secret."
            ),
        ),
        (
            code is not fiche.redirections,
            Incoherence(
                "/redirect_uris",
                "ep_redirections",
                "Le flux `authorization_code` en veut ; les autres, aucune.",
            ),
        ),
        (
            Flux.RAFRAICHIR in fiche.flux and not code,
            Incoherence("/grant_types", "ep_flux", "`refresh_token` accompagne `authorization_code`."),
        ),
        (
            not fiche.portees or not fiche.portees <= fiche.portees_permises,
            Incoherence(
                "/scope", "ep_portees", "Une portée est inconnue, ou au-delà de ce que le titulaire peut."
            ),
        ),
    )
    return [incoherence for vraie, incoherence in regles if vraie]


# Days before the last day of a secret on which its owner is told.
AVIS = (1, 7, 30)


def avis_du(reste: int, dernier: int | None) -> int | None:
    """Return the notice that is due when `reste` days are left, and was not sent yet; None: none is."""
    palier = next((jours for jours in AVIS if 0 <= reste <= jours), None)
    return palier if palier is not None and (dernier is None or dernier > palier) else None
