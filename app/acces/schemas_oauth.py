from typing import Any

from pydantic import BaseModel

from app.acces.schemas import Metadonnees
from app.config import settings
from app.droits import Portee
from app.kit.examples import examples

INACTIF = {"active": False}
AVEC_SECRET = ["client_secret_basic", "client_secret_post"]


class JetonExamine(BaseModel):
    """RFC 7662, section 2.2 ; tout jeton qui ne vaut rien, ou n'est pas du demandeur, est `active: false`."""

    model_config = examples(
        {
            "active": True,
            "token_type": "Bearer",
            "client_id": "back-office-611",
            "sub": "back-office-611",
            "scope": "demandes:lire",
            "exp": 1767605400,
            "iat": 1767604800,
            "iss": "https://espace-partenaires.example",
            "aud": "espace-partenaires",
            "jti": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8b",
        }
    )

    active: bool
    token_type: str | None = None
    client_id: str | None = None
    sub: str | None = None
    scope: str | None = None
    exp: int | None = None
    iat: int | None = None
    iss: str | None = None
    aud: str | None = None
    jti: str | None = None


def metadonnees() -> Metadonnees:
    """Return what this server does, no more: each announced thing is tested."""
    base = settings().base_url
    grants = ["authorization_code", "client_credentials", "refresh_token"]
    adresses: dict[str, Any] = {
        f"{nom}_endpoint": f"{base}/v1/oauth/{chemin}"
        for nom, chemin in (
            ("authorization", "authorize"),
            ("token", "token"),
            ("revocation", "revoke"),
            ("introspection", "introspect"),
        )
    }
    return Metadonnees(
        issuer=base,
        jwks_uri=f"{base}/.well-known/jwks.json",
        grant_types_supported=sorted(grants + ["password"] * settings().password_grant_on),
        response_types_supported=["code"],
        response_modes_supported=["query"],
        prompt_values_supported=["none", "login", "consent"],
        code_challenge_methods_supported=["S256"],
        token_endpoint_auth_methods_supported=[*AVEC_SECRET, "none"],
        revocation_endpoint_auth_methods_supported=[*AVEC_SECRET, "none"],
        introspection_endpoint_auth_methods_supported=AVEC_SECRET,
        authorization_response_iss_parameter_supported=True,
        request_parameter_supported=False,
        request_uri_parameter_supported=False,
        scopes_supported=[portee.value for portee in Portee],
        ui_locales_supported=["fr"],
        service_documentation=f"{base}/docs",
        **adresses,
    )
