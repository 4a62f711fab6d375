"""The operations of the contract, each with a valid body: what the tests walk."""

from dataclasses import dataclass, field
from typing import Any

from app.droits import DROITS, Action, Role


@dataclass
class Operation:
    """One operation of the contract: where, how, with which valid body, and for whom."""

    chemin: str
    methode: str
    corps: Any = None
    action: Action | None = None
    parametres: list[dict[str, Any]] = field(default_factory=list)
    schema: dict[str, Any] | None = None

    @property
    def roles(self) -> frozenset[Role]:
        return DROITS[self.action].roles if self.action else frozenset()

    @property
    def nom(self) -> str:
        return f"{self.methode.upper()} {self.chemin}"


def resoudre(contrat: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema itself, behind its reference or the choice between it and null."""
    reference = (schema.get("anyOf") or [schema])[0].get("$ref")
    return contrat["components"]["schemas"][reference.rsplit("/", 1)[1]] if reference else schema


def operations(contrat: dict[str, Any]) -> list[Operation]:
    """Return every operation of the contract; one with a JSON body has a valid example of it."""
    trouvees = []
    for chemin, methodes in contrat["paths"].items():
        for methode, operation in methodes.items():
            contenu = operation.get("requestBody", {}).get("content", {}).get("application/json")
            schema = resoudre(contrat, contenu["schema"]) if contenu else None
            action = operation.get("x-droit", {}).get("action")
            if action and DROITS[Action(action)].public:  # a link authorises, there is no caller
                continue
            trouvees.append(
                Operation(
                    chemin,
                    methode,
                    schema["examples"][0] if schema else None,
                    Action(action) if action else None,
                    operation.get("parameters", []),
                    schema,
                )
            )
    return trouvees


def remplir(chemin: str, ids: dict[str, str]) -> str:
    """Put an identifier in a path; a path that nobody taught to this test fails it."""
    for prefixe, valeur in ids.items():
        if chemin.startswith(f"{prefixe}/{{"):
            debut, _, reste = chemin.partition("{")
            chemin = debut + valeur + reste.partition("}")[2]
    assert "{" not in chemin, f"{chemin}: dites à `Scene.ids` comment remplir ce chemin"
    return chemin
