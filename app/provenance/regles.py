"""Art. 3.1, 4.1: from which territory one signs in, and what is recognised of the software that one uses."""

from collections.abc import Iterable
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Adresse = IPv4Address | IPv6Address

# fmt: off
UNION_EUROPEENNE = frozenset((
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU",
    "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
))
# Iceland, Liechtenstein, Norway; Åland is Finnish and has a code of its own.
ESPACE_ECONOMIQUE = frozenset(("IS", "LI", "NO", "AX"))
OUTRE_MER = frozenset(("GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "WF", "PF", "NC", "TF"))
# fmt: on
EUROPE = UNION_EUROPEENNE | ESPACE_ECONOMIQUE | OUTRE_MER


class Reglage(StrEnum):
    """What is done with a sign-in from outside the territory."""

    SIGNALER = "signaler"
    REFUSER = "refuser"
    OFF = "off"


class Territoire(StrEnum):
    EUROPE = "europe"
    AILLEURS = "ailleurs"
    INCONNU = "inconnu"  # a public address that the file does not place
    PRIVE = "prive"  # an address that is in no country: loopback, local network, or not an address


def lire_adresse(texte: str) -> Adresse | None:
    """Return an address, an IPv4 one written in IPv6 as itself; None for what is not one."""
    try:
        adresse = ip_address(texte.partition("%")[0])
    except ValueError:
        return None
    return (adresse.ipv4_mapped or adresse) if isinstance(adresse, IPv6Address) else adresse


def territoire(adresse: Adresse | None, pays: str | None) -> Territoire:
    """Art. 3.1: where an address is, from the ISO code of its country."""
    if adresse is None or not adresse.is_global:
        return Territoire.PRIVE
    if pays is None:
        return Territoire.INCONNU
    return Territoire.EUROPE if pays in EUROPE else Territoire.AILLEURS


def refuse(reglage: Reglage, lieu: Territoire) -> bool:
    """Art. 3.1: only what is known to be elsewhere is refused."""
    return reglage is Reglage.REFUSER and lieu is Territoire.AILLEURS


def a_signaler(reglage: Reglage, lieu: Territoire) -> bool:
    """Art. 3.1: what is elsewhere, and what nobody can place, is told to the caisse."""
    return reglage is not Reglage.OFF and lieu in {Territoire.AILLEURS, Territoire.INCONNU}


PREFIXE_V4, PREFIXE_V6 = 24, 48


def reseau(texte: str) -> str:
    """Return the network of an address, as an office or a home keeps it; empty for what is not an address."""
    adresse = lire_adresse(texte)
    if adresse is None:
        return ""
    longueur = PREFIXE_V4 if isinstance(adresse, IPv4Address) else PREFIXE_V6
    return str(ip_network((adresse, longueur), strict=False))


PREFIXE_ABONNE_V6 = 64


def abonne(texte: str) -> str:
    """Return what one subscriber holds: an IPv4 address, or the whole /64 of an IPv6 one; else the text itself."""
    adresse = lire_adresse(texte)
    if isinstance(adresse, IPv6Address):
        return str(ip_network((adresse, PREFIXE_ABONNE_V6), strict=False))
    return texte if adresse is None else str(adresse)


def dans_un_reseau(texte: str, reseaux: Iterable[str]) -> bool:
    """Tell whether an address is in one of some networks (CIDR); without any network, from anywhere."""
    permis = [ip_network(reseau) for reseau in reseaux]
    adresse = lire_adresse(texte)
    return not permis or (adresse is not None and any(adresse in reseau for reseau in permis))


# A browser writes the names of those that it imitates: the first that is found is the right one.
NAVIGATEURS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMES = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
AUTRE = "un logiciel métier"
LONGUEUR_DU_NOM = 40


def logiciel(agent: str) -> str:
    """Return the kind of software in words of ours, never those that were sent: they go into a mail."""
    navigateur = next((nom for marque, nom in NAVIGATEURS if marque in agent), None)
    if navigateur is None:
        return AUTRE
    systeme = next((nom for marque, nom in SYSTEMES if marque in agent), None)
    return f"{navigateur} sous {systeme}" if systeme else navigateur


def signature(agent: str) -> str:
    """Return what tells two kinds of software apart, and stays the same from a version to the next."""
    sorte = logiciel(agent)
    return agent.partition("/")[0].strip().lower()[:LONGUEUR_DU_NOM] if sorte == AUTRE else sorte
