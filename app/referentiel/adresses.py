"""Art. 2.2.1: a professional address: of a domain that the structure declares, and of no consumer provider."""

from collections.abc import Collection
from functools import cache
from pathlib import Path

FOURNISSEURS = Path(__file__).parent / "donnees" / "fournisseurs_grand_public.txt"


@cache
def fournisseurs_grand_public() -> frozenset[str]:
    """Return the domains of the consumer mail providers: a list kept as data, one a line."""
    lignes = (ligne.strip() for ligne in FOURNISSEURS.read_text(encoding="utf-8").splitlines())
    return frozenset(ligne for ligne in lignes if ligne and not ligne.startswith("#"))


def domaine(email: str) -> str:
    return email.rpartition("@")[2].casefold()


def grand_public(nom: str) -> bool:
    """Tell whether a domain, or one above it, is a consumer provider's."""
    parties = nom.casefold().split(".")
    return any(".".join(parties[i:]) in fournisseurs_grand_public() for i in range(len(parties) - 1))


def professionnelle(email: str, domaines: Collection[str]) -> bool:
    """Tell whether an address belongs to a declared domain, or to one below it."""
    sien = domaine(email)
    declares = [nom.casefold() for nom in domaines]
    return not grand_public(sien) and any(sien == nom or sien.endswith(f".{nom}") for nom in declares)
