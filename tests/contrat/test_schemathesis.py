"""Schemathesis on the application in process: whatever is sent, the answer is one of the contract's.

It works on a caisse, a structure and accounts of its own: what it changes is nobody else's.
"""

import copy
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, seed, settings
from schemathesis.checks import CHECKS

from tests.contrat.outils import contrat, operations, resolu
from tests.outils import Base, Client, Fabrique, avec, un_signalement, un_siret

CAISSE, DEPARTEMENT = "990", "978"
GRAINE, ESSAIS = 20261125, 6
# The others call the network by themselves, or want a state that this test does not keep.
VERIFICATIONS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
]
JAMAIS = {"500", "503"}  # declared, since it may happen; here it would be a defect


def contrat_strict() -> dict[str, Any]:
    """A copy of the contract without `default` answers, whose answers hold nothing undeclared."""
    strict = copy.deepcopy(contrat())
    for schema in strict["components"]["schemas"].values():
        if "properties" in schema and schema.get("title") != "Probleme":
            schema.setdefault("additionalProperties", False)
    commune = strict["components"]["responses"]["Partout"]
    for methodes in strict["paths"].values():
        for operation in methodes.values():
            del operation["responses"]["default"]
            if "requestBody" in operation:
                operation["responses"].setdefault("400", commune)  # corps-illisible
    return strict


SCHEMA = schemathesis.openapi.from_dict(contrat_strict())
SCHEMA.config.base_url = "http://testserver"
SCHEMA.config.phases.coverage.enabled = (
    False  # thousands of cases: for `schemathesis run`, not for each commit
)


@dataclass
class Terrain:
    """A caisse, a structure and their people; `places` says to what a well-formed identifier leads."""

    base: Base
    clients: dict[str, Client]
    places: dict[str, str]

    def rouvrir(self) -> None:
        """Undo what a former call closed: a function switched off, a convention suspended."""
        self.base.ecrire("UPDATE reglages_caisses SET active = true WHERE caisse = :c", c=CAISSE)
        self.base.ecrire(
            "DELETE FROM reglages_conventions WHERE convention_id = :v", v=self.places["conventions"]
        )
        self.base.ecrire(
            "UPDATE conventions SET suspendue_le = NULL, motif_suspension = NULL WHERE id = :v",
            v=self.places["conventions"],
        )

    def placer(self, case: Any) -> None:
        """Lead an identifier to something that exists: beyond « introuvable » is the code."""
        self.rouvrir()
        valeurs = case.path_parameters
        if str(valeurs.get("code", "")).isdigit():
            valeurs["code"] = CAISSE
        if "id" in valeurs and _uuid(valeurs["id"]):
            valeurs["id"] = self._identifiant(case.path.split("/")[2], valeurs["id"])

    def _identifiant(self, collection: str, sinon: str) -> str:
        if collection in {"demandes", "signalements"}:
            return str(self.clients["technicien"].deposer(**_chez_nous())["id"])
        return self.places.get(collection, sinon)


def _uuid(valeur: Any) -> bool:
    try:
        return bool(uuid.UUID(str(valeur)))
    except ValueError:
        return False


def _chez_nous() -> dict[str, Any]:
    return {"assure": un_signalement()["assure"] | {"departement_residence": DEPARTEMENT}, "caisse": CAISSE}


def _creer(client: Client, chemin: str, corps: dict[str, Any]) -> dict[str, Any]:
    reponse = client.post(chemin, corps)
    assert reponse.status_code == 201, reponse.text
    cree: dict[str, Any] = reponse.json()
    return cree


@pytest.fixture(scope="module")
def terrain(api, base, client_de):
    fabrique = Fabrique(base, client_de)
    caisse = {
        "code": CAISSE,
        "nom": "Caisse d'essai",
        "departement": DEPARTEMENT,
        "departements": [DEPARTEMENT],
    }
    _creer(client_de("n-operateur"), "/v1/caisses", caisse | {"email_file": "file@essai.example"})
    agent = client_de(fabrique.compte("agent_caisse", caisse=CAISSE))
    structure = {
        "raison_sociale": "Structure d'essai",
        "siret": un_siret(),
        "type": "association",
        "effectif": 30,
        "domaines_email": ["essai.example"],
        "departement": DEPARTEMENT,
    }
    partenaire = _creer(agent, "/v1/partenaires", structure)["id"]
    convention = {
        "partenaire_id": partenaire,
        "metier": {"reference": "METIER", "signee_le": "2026-01-10"},
        "signee_partenaire_le": "2026-01-12",
        "signee_caisse_le": "2026-01-20",
    }
    # The people who call are not those whom the calls change.
    comptes = {
        nom: fabrique.compte(role, partenaire_id=partenaire)
        for nom, role in {
            "technicien": "technicien",
            "gestionnaire": "gestionnaire",
            "techniciens": "technicien",
            "gestionnaires": "gestionnaire",
        }.items()
    }
    id_de = "SELECT id::text FROM comptes WHERE identifiant = :i"
    yield Terrain(
        base,
        {
            "technicien": client_de(comptes["technicien"]),
            "gestionnaire": client_de(comptes["gestionnaire"]),
            "agent_caisse": agent,
        },
        {
            "partenaires": partenaire,
            "conventions": _creer(agent, "/v1/conventions", convention)["id"],
            "agents": agent.get("/v1/moi").json()["compte"]["id"],
            "techniciens": base.valeur(id_de, i=comptes["techniciens"]),
            "gestionnaires": base.valeur(id_de, i=comptes["gestionnaires"]),
        },
    )
    base.ecrire("UPDATE caisses SET departements = ARRAY[:d] WHERE code = :c", d=DEPARTEMENT, c=CAISSE)


def _acteurs(case: Any, terrain: Terrain) -> list[Client]:
    """Who may do it by the contract; for the others, one refusal is like the next: the agent's stands for all."""
    droit = case.operation.definition.raw.get("x-droit", {"roles": ["agent_caisse"]})
    return [terrain.clients[r] for r in droit["roles"] if r in terrain.clients] or [
        terrain.clients["agent_caisse"]
    ]


def essayer(case: Any, api: Any, client: Client) -> None:
    appel = case.as_transport_kwargs(headers={"Authorization": f"Bearer {client.jeton}"})
    del appel["cookies"]  # none in the contract, and httpx2 deprecates them here
    if isinstance(appel.get("data"), bytes | str):
        appel["content"] = appel.pop("data")
    donnes = {cle: valeur for cle, valeur in appel.items() if valeur is not None}
    reponse = api.request(**donnes, follow_redirects=False)  # the contract tells this answer, not the next
    assert str(reponse.status_code) not in JAMAIS, reponse.text
    reponse.request.read()  # a multipart body is a flow, which is shown when a check fails
    case.validate_response(reponse, checks=CHECKS.get_by_names(VERIFICATIONS))


@SCHEMA.parametrize()
@seed(GRAINE)
@settings(
    max_examples=ESSAIS,
    deadline=None,
    database=None,
    report_multiple_bugs=False,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_toute_requete_recoit_une_reponse_du_contrat(case, api, terrain):
    terrain.placer(case)
    for client in _acteurs(case, terrain):
        essayer(case, api, client)


CORPS = [o for o in operations() if "application/json" in o.corps.get("requestBody", {}).get("content", {})]


@pytest.mark.parametrize("operation", CORPS, ids=lambda operation: operation.nom)
def test_un_champ_inconnu_est_refuse_avec_sa_place(operation, api, terrain, client_de):
    """Art. 5-1: an unknown field is refused, not ignored."""
    terrain.rouvrir()
    roles = operation.corps["x-droit"]["roles"]
    clients = terrain.clients | {"administrateur": client_de("n-operateur")}
    schema = operation.corps["requestBody"]["content"]["application/json"]["schema"]
    (exemple, *_) = next(
        s["examples"] for s in map(resolu, (schema, *schema.get("anyOf", []))) if "examples" in s
    )
    chemin = (
        operation.chemin.replace("{code}", CAISSE)
        .replace("{jeton}", "x" * 43)
        .replace("{id}", str(uuid.uuid4()))
    )
    reponse = clients[roles[0]].appel(operation.methode.upper(), chemin, json=avec(exemple, "nir_essai", "x"))
    assert reponse.status_code == 422, reponse.text
    assert reponse.json()["code"] == "validation"
    champ = "/0/nir_essai" if isinstance(exemple, list) else "/nir_essai"
    assert {"champ": champ, "code": "extra_forbidden"}.items() <= reponse.json()["erreurs"][-1].items()
