"""What the tests of the contract read: the contract itself, its operations, the sources."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from app import contract
from app.api_v1 import ROUTERS
from app.droits import Action
from app.main import create_app

RACINE = Path(__file__).parents[2]
APP, TESTS = RACINE / "app", RACINE / "tests"
FICHIER = RACINE / "openapi" / "espace-partenaires.v1.yaml"
PROBLEME = "application/problem+json"


@dataclass(frozen=True)
class Operation:
    chemin: str
    methode: str
    corps: dict[str, Any]

    @property
    def nom(self) -> str:
        return str(self.corps["operationId"])

    @property
    def codes(self) -> set[str]:
        """The codes of its own answers, without those that any call may receive."""
        return {
            code
            for reponse in self.corps["responses"].values()
            for code in reponse.get("content", {}).get(PROBLEME, {}).get("examples", {})
        }


@cache
def contrat() -> dict[str, Any]:
    return contract.build(create_app())


@cache
def operations() -> tuple[Operation, ...]:
    return tuple(
        Operation(chemin, methode, corps)
        for chemin, methodes in contrat()["paths"].items()
        for methode, corps in methodes.items()
    )


def resolu(noeud: dict[str, Any]) -> dict[str, Any]:
    """Follow a local reference."""
    while "$ref" in noeud:
        cible: Any = contrat()
        for part in noeud["$ref"].removeprefix("#/").split("/"):
            cible = cible[part]
        noeud = cible
    return noeud


def routes() -> Iterator[APIRoute]:
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            yield route


def actions(dependant: Dependant) -> list[Action]:
    """Every action that a route's dependencies name, however deep."""
    propre = getattr(dependant.call, "action", None)
    return [propre] * isinstance(propre, Action) + [a for d in dependant.dependencies for a in actions(d)]


def sources(racine: Path) -> list[Path]:
    return sorted(racine.rglob("*.py"))


@cache
def arbre(fichier: Path) -> ast.Module:
    return ast.parse(fichier.read_text())


def relatif(fichier: Path) -> str:
    return fichier.relative_to(RACINE).as_posix()
