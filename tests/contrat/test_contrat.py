"""The contract file is the code's own, valid, complete, and its errors are those of the catalogue."""

import ast
import re

import jsonschema
import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from app import contract
from app.config import settings
from app.erreurs import CATALOGUE
from app.main import create_app
from tests.contrat.outils import APP, FICHIER, PROBLEME, arbre, contrat, operations, resolu, sources

PUBLIQUES = {
    ("get", "/v1/oauth/authorize"),
    ("post", "/v1/oauth/token"),
    ("post", "/v1/oauth/revoke"),
    ("post", "/v1/oauth/introspect"),
    ("post", "/v1/activations/{jeton}"),
    ("post", "/v1/mots-de-passe-oublies"),
    ("post", "/v1/reinitialisations/{jeton}"),
    ("post", "/v1/mots-de-passe-oublies"),
    ("post", "/v1/activations/{jeton}"),
    ("post", "/v1/reinitialisations/{jeton}"),
    ("get", "/.well-known/oauth-authorization-server"),
    ("get", "/.well-known/jwks.json"),
    ("get", "/v1/statut"),
    ("get", "/v1/documentation"),
    ("get", "/v1/documentation/{code}"),
    ("get", "/health/live"),
    ("get", "/health/ready"),
}
# They answer by RFC 6749: on a page, at the application's address, or in its shape.
OAUTH = {"autoriser", "obtenir_jeton", "revoquer_jeton", "examiner_jeton"}
# Any call may be answered these, whatever its route: the `default` of each operation.
PARTOUT = {
    "corps-illisible",
    "methode-interdite",
    "corps-trop-grand",
    "trop-de-requetes",
    "erreur-interne",
    "service-indisponible",
    "maintenance",
}
A_VENIR: set[str] = set()  # declared, and not raised yet
ANGLAIS = re.compile(r"\b(the|of|and|with|successful|response|which|when|returns?)\b", re.IGNORECASE)

chaque_operation = pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.nom)


def test_le_fichier_du_contrat_est_celui_du_code():
    assert FICHIER.read_text() == contract.to_yaml(contrat()), "run `make contrat`"


def test_un_serveur_sans_mot_de_passe_ne_l_annonce_pas_et_le_fichier_reste_le_meme(monkeypatch):
    sans = settings().model_copy(update={"password_grant": False})
    monkeypatch.setattr("app.contract.settings", lambda: sans)
    servi = create_app().openapi()
    assert set(servi["components"]["securitySchemes"]) == {
        "jeton",
        "autorisation",
        "application",
        "navigateur",
    }
    assert "connexion" not in {
        nom for op in contract.operations(servi) for way in op.get("security", []) for nom in way
    }
    assert FICHIER.read_text() == contract.to_yaml(contract.build(create_app()))


def test_le_contrat_est_un_openapi_3_1_valide():
    assert contrat()["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(yaml.safe_load(FICHIER.read_text())).validate()


@chaque_operation
def test_une_operation_a_un_resume_une_description_et_un_nom_lisible(operation):
    assert operation.corps["summary"]
    assert operation.corps["description"]
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", operation.nom)


def test_les_noms_des_operations_sont_uniques():
    noms = [operation.nom for operation in operations()]
    assert len(noms) == len(set(noms))


@chaque_operation
def test_les_etiquettes_d_une_operation_sont_presentees(operation):
    connues = {etiquette["name"] for etiquette in contrat()["tags"] if etiquette["description"]}
    assert operation.corps["tags"]
    assert set(operation.corps["tags"]) <= connues


def test_chaque_etiquette_sert():
    servies = {etiquette for operation in operations() for etiquette in operation.corps["tags"]}
    assert {etiquette["name"] for etiquette in contrat()["tags"]} == servies


@chaque_operation
def test_un_corps_json_a_un_exemple(operation):
    reponses = [r for statut, r in operation.corps["responses"].items() if statut.startswith("2")]
    for contenu in [operation.corps.get("requestBody", {}), *reponses]:
        media = contenu.get("content", {}).get("application/json")
        if media:
            schemas = [resolu(s) for s in (media["schema"], *media["schema"].get("anyOf", []))]
            assert {"example", "examples"} & {cle for noeud in (media, *schemas) for cle in noeud}


def test_les_exemples_respectent_leur_schema():
    def references(noeud):
        """A schema whose references stand on their own."""
        return {"components": {"schemas": contrat()["components"]["schemas"]}} | noeud

    for schema in contrat()["components"]["schemas"].values():
        for exemple in schema.get("examples", []):
            jsonschema.Draft202012Validator(references(schema)).validate(exemple)
    for exemple in contrat()["components"]["examples"].values():
        probleme = references({"$ref": "#/components/schemas/Probleme"})
        jsonschema.Draft202012Validator(probleme).validate(exemple["value"])


@chaque_operation
def test_une_operation_demande_un_jeton_sauf_les_publiques(operation):
    publique = (operation.methode, operation.chemin) in PUBLIQUES
    assert bool(operation.corps.get("security")) is not publique
    assert publique or "jeton-invalide" in operation.codes


def test_les_operations_publiques_existent():
    assert {(operation.methode, operation.chemin) for operation in operations()} >= PUBLIQUES


@chaque_operation
def test_une_operation_qui_recoit_des_champs_declare_leur_refus(operation):
    recoit = operation.corps.get("requestBody") or operation.corps.get("parameters")
    if recoit and operation.nom not in OAUTH:
        assert "validation" in operation.codes
    if "application/json" in operation.corps.get("requestBody", {}).get("content", {}):
        assert "nir-interdit" in operation.codes


def test_chaque_reponse_d_erreur_est_un_probleme():
    for operation in operations():
        for statut, reponse in operation.corps["responses"].items():
            publique = (operation.methode, operation.chemin) in PUBLIQUES
            if statut.startswith(("4", "5")) and not publique:
                assert set(resolu(reponse)["content"]) == {PROBLEME}, operation.nom


def test_le_contrat_declare_les_erreurs_du_catalogue_et_elles_seules():
    declares = {code for operation in operations() for code in operation.codes}
    communs = set(contrat()["components"]["responses"]["Partout"]["content"][PROBLEME]["examples"])
    assert communs == PARTOUT
    assert declares | communs == set(CATALOGUE)
    assert set(contrat()["components"]["examples"]) == set(CATALOGUE)


def test_chaque_operation_annonce_les_reponses_communes():
    for operation in operations():
        assert operation.corps["responses"]["default"] == {"$ref": "#/components/responses/Partout"}


def test_chaque_erreur_du_catalogue_est_levee():
    assert {classe.__name__ for classe in CATALOGUE.values()} - _levees() == set()


def _levees() -> set[str]:
    """The classes that the code raises, builds or maps to a status: what `declare` lists does not count."""
    noms: set[str] = set()
    for fichier in sources(APP):
        if fichier.name == "erreurs.py":
            continue
        for noeud in ast.walk(arbre(fichier)):
            if isinstance(noeud, ast.Raise):
                noms.add(_nom(noeud.exc))
            elif isinstance(noeud, ast.Call):
                noms.add(_nom(noeud))
                if isinstance(noeud.func, ast.Attribute):  # a class method: Validation.du_champ(…)
                    noms.add(_nom(noeud.func.value))
            elif isinstance(noeud, ast.Dict):  # the statuses of the framework, in app/kit/problems.py
                noms |= {_nom(valeur) for valeur in noeud.values}
    return noms


def _nom(noeud: ast.expr | None) -> str:
    if isinstance(noeud, ast.Call):
        return _nom(noeud.func)
    if isinstance(noeud, ast.Attribute):
        return noeud.attr
    return noeud.id if isinstance(noeud, ast.Name) else ""


def test_un_schema_ne_porte_pas_l_adresse_d_une_feuille():
    """Two models of one name would be told apart by the modules where they stand: the contract is not our tree."""
    assert [nom for nom in contrat()["components"]["schemas"] if "__" in nom] == []


def test_une_adresse_ou_un_en_tete_n_est_jamais_nul():
    parametres = [p for operation in operations() for p in operation.corps.get("parameters", [])]
    assert parametres
    assert [p["name"] for p in parametres if "'null'" in repr(p["schema"])] == []


def test_le_contrat_parle_francais():
    textes = [
        texte
        for operation in operations()
        for texte in (
            operation.corps["summary"],
            operation.corps["description"],
            *(resolu(r)["description"] for r in operation.corps["responses"].values()),
            *(p.get("description", "") for p in operation.corps.get("parameters", [])),
        )
    ]
    for schema in contrat()["components"]["schemas"].values():
        champs = schema.get("properties", {}).values()
        textes += [schema.get("description", ""), *(champ.get("description", "") for champ in champs)]
    assert [texte for texte in textes if ANGLAIS.search(texte)] == []
