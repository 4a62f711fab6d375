"""The contract: OpenAPI 3.1, generated from the routes, with what FastAPI does not know."""

import json
from collections.abc import Iterator
from typing import Any

import yaml
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel

from app.api_v1 import ROUTERS
from app.chapitres import CHAPITRES
from app.config import settings
from app.droits import DROITS, Action
from app.erreurs import (
    CorpsIllisible,
    CorpsTropGrand,
    ErreurInterne,
    Maintenance,
    MethodeInterdite,
    ServiceIndisponible,
    TropDeRequetes,
)
from app.evenements.regles import TYPES
from app.kit.problems import ProblemeLu, declare
from app.webhooks.regles import ESSAI
from app.webhooks.schemas import EvenementPousse

PROBLEME = "application/problem+json"
SUCCES = {"200": "Succès", "201": "Créé", "202": "Pris en compte", "204": "Fait, rien à lire"}
TRIAL = "connexion"  # the `password` grant
TITLE, VERSION = "Espace Partenaires", "1.0.0"
DESCRIPTION = """
L'API de la convention « Espace Partenaires » entre une structure sociale (*partenaire*) et sa caisse
d'assurance maladie : signaler une personne en difficulté, suivre la demande, y répondre.

**Pour essayer** : bouton *Authorize*, flux `autorisation`, avec un compte de démonstration affiché par `make run`.

* Aucune donnée de santé ni numéro de sécurité sociale dans les champs (article 5) : le texte est relu avant tout.
* Toute erreur suit la RFC 9457 ; son `type` mène à une page qui l'explique.
* Toute création accepte `Idempotency-Key` ; toute modification, `If-Match`.
* Une ressource d'une autre structure ou d'une autre caisse est introuvable (404).
"""
# What any call may be answered, whatever its route: declared once, as the `default` of each operation.
PARTOUT = (
    CorpsIllisible,
    MethodeInterdite,
    CorpsTropGrand,
    TropDeRequetes,
    ErreurInterne,
    ServiceIndisponible,
    Maintenance,
)


def action_of(dependant: Dependant) -> Action | None:
    """Return the action that a route's guard demands."""
    for dependency in dependant.dependencies:
        action = getattr(dependency.call, "action", None)
        if isinstance(action, Action):
            return action
    return None


def build(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema:
        return app.openapi_schema
    schema = get_openapi(
        title=TITLE,
        version=VERSION,
        openapi_version="3.1.0",
        summary="La convention entre partenaires et caisses, exécutable",
        description=DESCRIPTION,
        routes=app.routes,
        tags=CHAPITRES,
        servers=[{"url": "/", "description": "Ce serveur"}],
        license_info={"name": "MIT", "identifier": "MIT"},
        contact={"name": "Espace Partenaires"},
    )
    schemas = schema["components"]["schemas"]
    probleme = ProblemeLu.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= probleme.pop("$defs")
    schemas["Probleme"] = probleme
    _without_default_errors(schema)
    _with_common_answers(schema)
    _with_plain_parameters(schema)
    _with_nulls(schema)
    _with_page_examples(schema)
    _with_rights(schema)
    _with_webhooks(schema)
    _share_examples(schema)
    app.openapi_schema = schema
    return schema


def served(app: FastAPI) -> dict[str, Any]:
    """Return the contract as this server keeps it: without the trial's sign-in where it is off.

    The file of the contract is the same whatever the settings.
    """
    schema = build(app)
    if settings().password_grant_on:
        return schema
    kept = json.loads(json.dumps(schema))
    del kept["components"]["securitySchemes"][TRIAL]
    for operation in operations(kept):
        if "security" in operation:
            operation["security"] = [way for way in operation["security"] if TRIAL not in way]
    return dict(kept)


def _without_default_errors(schema: dict[str, Any]) -> None:
    """FastAPI's own 422 is never sent: ours, with its codes, stands where a route declares it."""
    for operation in operations(schema):
        content = operation["responses"].get("422", {}).get("content", {})
        if "HTTPValidationError" in str(content.get("application/json", "")):
            content.pop("application/json")
            if not content:
                operation["responses"].pop("422")
    for name in ("HTTPValidationError", "ValidationError"):
        schema["components"]["schemas"].pop(name, None)


def _with_common_answers(schema: dict[str, Any]) -> None:
    """Give each operation the answers that do not depend on it, and say its success in French."""
    examples: dict[str, Any] = {}
    for entry in declare(*PARTOUT).values():
        examples |= entry["content"][PROBLEME]["examples"]
    schema["components"]["responses"] = {
        "Partout": {
            "description": "Refus ou panne qui ne dépend pas de l'opération",
            "content": {
                PROBLEME: {"schema": {"$ref": "#/components/schemas/Probleme"}, "examples": examples}
            },
        }
    }
    for operation in operations(schema):
        for status, response in operation["responses"].items():
            if response.get("description") == "Successful Response":
                response["description"] = SUCCES[status]
        operation["responses"]["default"] = {"$ref": "#/components/responses/Partout"}


def _with_webhooks(schema: dict[str, Any]) -> None:
    """Show what a webhook receives: one entry a type of event, all with the same body and answers."""
    pousse = EvenementPousse.model_json_schema(ref_template="#/components/schemas/{model}")
    schema["components"]["schemas"]["EvenementPousse"] = pousse
    schema["components"]["requestBodies"] = {
        "Evenement": {
            "description": "Signé selon Standard Webhooks : `webhook-id`, `webhook-timestamp`, `webhook-signature`.",
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/EvenementPousse"}}},
        }
    }
    recu = {"2XX": {"description": "Reçu : toute autre réponse est un échec, réessayé pendant trois jours."}}
    schema["webhooks"] = {
        type_: {
            "post": {
                "summary": phrase,
                "tags": ["Webhooks"],
                "requestBody": {"$ref": "#/components/requestBodies/Evenement"},
                "responses": recu,
            }
        }
        for type_, phrase in (TYPES | {ESSAI: "Un essai demandé par POST /v1/webhooks/{id}/test."}).items()
    }


def _with_plain_parameters(schema: dict[str, Any]) -> None:
    """Say of an optional parameter what it is when it is given: an address or a header never holds a null."""
    for operation in operations(schema):
        for parameter in operation.get("parameters", []):
            described = parameter["schema"]
            kinds = [kind for kind in described.pop("anyOf", []) if kind != {"type": "null"}]
            if len(kinds) == 1:
                described |= kinds[0]
            elif kinds:
                described["anyOf"] = kinds
            described.pop("title", None)
            if described.get("description") == parameter.get("description"):
                described.pop("description", None)


def _with_nulls(schema: dict[str, Any]) -> None:
    """Put the examples back as they were written: FastAPI drops the nulls of a contract, theirs too."""
    for model in _models(BaseModel):
        extra = model.model_config.get("json_schema_extra")
        if (
            isinstance(extra, dict)
            and "examples" in extra
            and model.__name__ in schema["components"]["schemas"]
        ):
            schema["components"]["schemas"][model.__name__]["examples"] = extra["examples"]


def _models(root: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in root.__subclasses__():
        yield model
        yield from _models(model)


def _with_page_examples(schema: dict[str, Any]) -> None:
    """Show as the example of a page the example of its items; keep the docstrings of enumerations in the code."""
    schemas = schema["components"]["schemas"]
    for name, page in schemas.items():
        if "enum" in page:
            page.pop("description", None)
        if name.startswith("Page_"):
            item = schemas[page["properties"]["donnees"]["items"]["$ref"].rpartition("/")[2]]
            if "examples" in item:
                page["examples"] = [{"donnees": item["examples"][:1], "curseur_suivant": None}]


def _share_examples(schema: dict[str, Any]) -> None:
    """Write the example of each problem once: a sentence that changes is one line of the contract's diff."""
    shared: dict[str, Any] = {}
    common = schema["components"]["responses"].values()
    for response in [*common, *(r for o in operations(schema) for r in o["responses"].values())]:
        examples = response.get("content", {}).get(PROBLEME, {}).get("examples", {})
        shared |= examples
        examples |= {code: {"$ref": f"#/components/examples/{code}"} for code in examples}
    schema["components"]["examples"] = dict(sorted(shared.items()))


def operations(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in schema["paths"].values() for operation in path.values()]


def _with_rights(schema: dict[str, Any]) -> None:
    """Show on each operation its action, who may do it, and by which article."""
    by_id = {operation["operationId"]: operation for operation in operations(schema)}
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute) and (action := action_of(route.dependant)):
                droit = DROITS[action]
                by_id[route.name]["x-droit"] = {
                    "action": action.value,
                    "roles": sorted(role.value for role in droit.roles),
                    "portee": droit.portee.value if droit.portee else None,
                    "article": droit.article,
                } | ({"public": True} if droit.public else {})


def to_yaml(schema: dict[str, Any]) -> str:
    plain = json.loads(json.dumps(schema))  # no object twice, so no YAML alias
    text: str = yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=110)
    return text
