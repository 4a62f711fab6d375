from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from app.comptes.regles_mot_de_passe import PLUS_LONG_LU
from app.comptes.schemas import COMPTE, CompteLu
from app.droits import Role
from app.kit.examples import examples
from app.kit.guarded import Corps, printable

MOI = {
    "compte": COMPTE | {"role": "technicien", "identifiant": "t-7kq3m9xz"},
    "role": "technicien",
    "partenaire": {"id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8b", "raison_sociale": "CIAS du Pays de l'Aigle"},
    "caisses": [{"code": "611", "nom": "CPAM de l'Orne", "fonctionnalites": ["historique", "signalement"]}],
    "cgu": {"a_accepter": False, "version": "2026-11"},
    "mot_de_passe": {"expire_le": "2027-05-01"},
    "permissions": ["demande.consulter", "signalement.deposer"],
}


class PartenaireDuCompte(BaseModel):
    id: UUID
    raison_sociale: str


class CaisseOuverte(BaseModel):
    code: str
    nom: str
    fonctionnalites: list[str]


class EtatCgu(BaseModel):
    a_accepter: bool
    version: str | None


class EtatMotDePasse(BaseModel):
    expire_le: date | None


class MoiLu(BaseModel):
    model_config = examples(MOI)

    compte: CompteLu | None = Field(description="null pour une application qui agit pour elle-même.")
    role: Role
    partenaire: PartenaireDuCompte | None
    caisses: list[CaisseOuverte] = Field(
        description="Caisses accessibles aujourd'hui, et ce qu'elles ouvrent."
    )
    cgu: EtatCgu
    mot_de_passe: EtatMotDePasse
    permissions: list[str] = Field(description="Ce que le garde permet à cet instant, avec ce jeton.")


class Metadonnees(BaseModel):
    """RFC 8414."""

    model_config = examples(
        {
            "issuer": "https://espace-partenaires.example",
            "authorization_endpoint": "https://espace-partenaires.example/v1/oauth/authorize",
            "token_endpoint": "https://espace-partenaires.example/v1/oauth/token",
            "revocation_endpoint": "https://espace-partenaires.example/v1/oauth/revoke",
            "introspection_endpoint": "https://espace-partenaires.example/v1/oauth/introspect",
            "jwks_uri": "https://espace-partenaires.example/.well-known/jwks.json",
            "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "prompt_values_supported": ["none", "login", "consent"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "revocation_endpoint_auth_methods_supported": [
                "client_secret_basic",
                "client_secret_post",
                "none",
            ],
            "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "authorization_response_iss_parameter_supported": True,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
            "scopes_supported": ["demandes:lire", "demandes:ecrire"],
            "ui_locales_supported": ["fr"],
            "service_documentation": "https://espace-partenaires.example/docs",
        }
    )

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str
    introspection_endpoint: str
    jwks_uri: str
    grant_types_supported: list[str]
    response_types_supported: list[str]
    response_modes_supported: list[str]
    prompt_values_supported: list[str]
    code_challenge_methods_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    introspection_endpoint_auth_methods_supported: list[str]
    authorization_response_iss_parameter_supported: bool
    request_parameter_supported: bool
    request_uri_parameter_supported: bool
    scopes_supported: list[str]
    ui_locales_supported: list[str]
    service_documentation: str


class Jwks(BaseModel):
    model_config = examples(
        {"keys": [{"kty": "RSA", "kid": "k-1", "use": "sig", "alg": "RS256", "n": "wD4…", "e": "AQAB"}]}
    )

    keys: list[dict[str, str]]


def _secret(description: str) -> Any:
    """Return the field of a password: written, never printed."""
    extra: dict[str, Any] = {"format": "password", "writeOnly": True}
    return Field(
        min_length=1, max_length=PLUS_LONG_LU, repr=False, description=description, json_schema_extra=extra
    )


MotDePasse = Annotated[
    str, _secret("De 15 à 128 caractères, tous permis, sans règle de composition ; comparé après NFKC.")
]


class MotDePasseChangement(Corps):
    model_config = examples(
        {"actuel": "lanterne-mirabelle-tandem", "nouveau": "Trois bouleaux près du lavoir"}
    )

    actuel: Annotated[str, _secret("Celui que vous utilisez aujourd'hui.")]
    nouveau: MotDePasse


class MotDePasseChoisi(Corps):
    model_config = examples({"mot_de_passe": "Trois bouleaux près du lavoir"})

    mot_de_passe: MotDePasse


class MotDePasseOubli(Corps):
    model_config = examples({"identifiant": "t-7kq3m9xz"})

    identifiant: Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(printable)]
