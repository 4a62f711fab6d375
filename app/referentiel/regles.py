"""Caisses, their functions and their promised delays; structures and their size."""

from collections.abc import Collection, Mapping
from enum import StrEnum

from app.droits import Fonctionnalite


class TypePartenaire(StrEnum):
    CCAS = "ccas"
    CIAS = "cias"
    ASSOCIATION = "association"
    TUTELLE = "tutelle"
    ASE = "ase"
    AUTRE = "autre"


class Importance(StrEnum):
    """Art. 7: how much a notice presses."""

    INFORMATION = "information"
    IMPORTANTE = "importante"
    URGENTE = "urgente"


DEPARTEMENTS = frozenset(
    [f"{n:02d}" for n in range(1, 96) if n != 20]  # noqa: PLR2004  # 20 became 2A and 2B
    + ["2A", "2B", "971", "972", "973", "974", "975", "976", "977", "978"]
)

# Working days between the deposit and the answer that a caisse aims at. The convention gives none:
# these are ours, each caisse sets its own.
DELAIS_PROPOSES: dict[Fonctionnalite, int] = {
    Fonctionnalite.SIGNALEMENT: 10,
    Fonctionnalite.ETUDE_DOSSIER: 20,
    Fonctionnalite.RENDEZ_VOUS: 5,
    Fonctionnalite.DOCUMENT: 5,
    Fonctionnalite.CONTACT: 5,
}


def fonctionnalites_ouvertes(
    caisse: Mapping[Fonctionnalite, bool], convention: Mapping[Fonctionnalite, bool | None]
) -> frozenset[Fonctionnalite]:
    """Art. 1.2: the caisse's choice for all its partenaires, and against it, the one for this convention."""
    choisies = {f: active for f, active in convention.items() if active is not None}
    return frozenset(f for f in Fonctionnalite if choisies.get(f, caisse.get(f, True)))


def caisses_du_departement(departement: str, rattachements: Mapping[str, Collection[str]]) -> list[str]:
    """Art. 1.2: the caisses de rattachement of those who live in a département; most have one."""
    return sorted(code for code, departements in rattachements.items() if departement in departements)
