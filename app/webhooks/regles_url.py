"""Where a webhook may go: the public Internet, in https, and nowhere near our own network."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

PORTS = frozenset({443, 8443})
LONGUEUR = 500
NOM = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
BOUCLE = frozenset({"localhost", "127.0.0.1", "::1"})
CARACTERES = re.compile(r"[!#-\[\]^-~]+")  # printable ASCII, without quote, backslash, space
SANS_DNS = (".localhost", ".local", ".internal", ".lan", ".home", ".arpa", ".onion")

# IPv6: global unicast, without what carries or stands for another address, nor what is for tests and protocols.
UNICAST = IPv6Network("2000::/3")
EXCLUS_6 = tuple(
    IPv6Network(reseau)
    for reseau in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48")
)
# IPv4: what Python 3.11 to 3.14 do not all count as private.
EXCLUS_4 = tuple(
    ip_network(reseau)
    for reseau in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "224.0.0.0/3",
    )
)


class UrlInterdite(ValueError):  # noqa: N818  # its text is for the caller
    """The URL, or the address behind it, may not be called."""


@dataclass(frozen=True, slots=True)
class Cible:
    """A URL taken apart: what is asked of the resolver, and what the receiver is asked."""

    schema: str
    hote: str
    port: int
    chemin: str

    @property
    def autorite(self) -> str:
        hote = f"[{self.hote}]" if ":" in self.hote else self.hote
        return hote if self.port == {"https": 443, "http": 80}[self.schema] else f"{hote}:{self.port}"


def lire_url(url: str, *, boucle: bool) -> Cible:
    """Take a URL apart. Raises UrlInterdite.

    `boucle` (development): loopback, http and any port are allowed too.
    """
    if len(url) > LONGUEUR or not CARACTERES.fullmatch(url):
        raise UrlInterdite("L'adresse a un caractère interdit, ou plus de 500.")
    try:
        parts = urlsplit(url)
        port, hote = parts.port, (parts.hostname or "").lower()
    except ValueError:
        raise UrlInterdite("L'adresse est illisible.") from None
    if parts.scheme not in ({"https", "http"} if boucle else {"https"}):
        raise UrlInterdite("L'adresse commence par https://.")
    if parts.username is not None or parts.password is not None or "#" in url:
        raise UrlInterdite("L'adresse n'a ni identifiant, ni mot de passe, ni fragment.")
    port = port if port is not None else {"https": 443}.get(parts.scheme, 80)
    if port == 0 or (not boucle and port not in PORTS):
        raise UrlInterdite("Le port est 443 ou 8443.")
    if not (boucle and hote in BOUCLE) and (not NOM.fullmatch(hote) or hote.endswith(SANS_DNS)):
        raise UrlInterdite("L'hôte est un nom de domaine public.")
    chemin = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Cible(parts.scheme, hote, port, chemin)


def permise(adresse: str, *, boucle: bool) -> bool:
    """Tell whether an address of the resolver may be called: global, and nothing in disguise."""
    try:
        ip = ip_address(adresse)
    except ValueError:
        return False
    if boucle and ip.is_loopback:
        return True
    return _publique_4(ip) if isinstance(ip, IPv4Address) else _publique_6(ip)


def _publique_4(ip: IPv4Address) -> bool:
    return ip.is_global and not ip.is_multicast and not any(ip in reseau for reseau in EXCLUS_4)


def _publique_6(ip: IPv6Address) -> bool:
    """v4-mapped, v4-compatible, NAT64, 6to4, Teredo, scoped and local addresses are all outside, or excluded."""
    globale = ip in UNICAST and ip.is_global and not ip.is_multicast and ip.scope_id is None
    return globale and not any(ip in reseau for reseau in EXCLUS_6)
