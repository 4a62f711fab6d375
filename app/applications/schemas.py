from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints
from pydantic_core import PydanticCustomError

from app.applications.regles import Flux, Methode, redirection_permise, reseau_permis
from app.kit.examples import examples
from app.kit.guarded import Corps, Libelle, printable
from app.kit.types import CodeCaisse, Email

LONGEST_URI, LONGEST_SCOPE = 500, 400


def _redirection(uri: str) -> str:
    if not redirection_permise(uri):
        raise PydanticCustomError(
            "ep_redirection",
            "Une adresse https est attendue, ou http sur 127.0.0.1 ou [::1], sans fragment, nom, ni joker.",
        )
    return uri


def _reseau(texte: str) -> str:
    if not reseau_permis(texte):
        raise PydanticCustomError("ep_reseau", "Un réseau comme 192.0.2.0/24 ou 2001:db8::/32 est attendu.")
    return texte


def _distincts(valeurs: list[str]) -> list[str]:
    return list(dict.fromkeys(valeurs))


Redirection = Annotated[str, StringConstraints(max_length=LONGEST_URI), AfterValidator(_redirection)]
Reseau = Annotated[str, StringConstraints(max_length=50), AfterValidator(_reseau)]
Redirections = Annotated[list[Redirection], Field(max_length=10), AfterValidator(_distincts)]
Reseaux = Annotated[
    list[Reseau],
    Field(max_length=50, description="Réseaux (CIDR) d'où l'application peut appeler ; vide : de partout."),
    AfterValidator(_distincts),
]
Contacts = Annotated[
    list[Email],
    Field(max_length=5, description="Qui prévenir ; à défaut, la file de la caisse ou les gestionnaires."),
    AfterValidator(_distincts),
]
Portees = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_SCOPE),
    AfterValidator(printable),
    Field(description="Portées séparées par des espaces (RFC 7591)."),
]

CREATION = {
    "client_name": "Back-office de la CPAM de l'Orne",
    "grant_types": ["client_credentials"],
    "scope": "demandes:lire demandes:ecrire",
    "token_endpoint_auth_method": "client_secret_basic",
    "caisse": "611",
    "partenaire_id": None,
    "reseaux": ["192.0.2.0/24"],
    "contacts": ["exploitation@cpam-orne.example"],
}
ID = "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8d"
LUE = CREATION | {
    "redirect_uris": [],
    "id": ID,
    "client_id": "app-9f2c4be1a07d53c8",
    "statut": "active",
    "secret_expire_le": "2027-11-25",
    "ancien_secret_expire_le": None,
    "derniere_utilisation_le": "2026-11-25",
    "cree_le": "2026-11-25T09:30:00Z",
    "fin_le": None,
}
SECRET = {"client_secret": "4hTzJ0w8Qn3v…"}


class ApplicationCreation(Corps):
    """RFC 7591, section 2, avec son titulaire : une caisse, un partenaire, ou aucun des deux."""

    model_config = examples(CREATION)

    client_name: Libelle
    redirect_uris: Redirections = Field(default_factory=list)
    grant_types: Annotated[list[Flux], Field(min_length=1, max_length=len(Flux))]
    scope: Portees
    token_endpoint_auth_method: Methode = Methode.BASIC
    caisse: CodeCaisse | None = None
    partenaire_id: UUID | None = None
    reseaux: Reseaux = Field(default_factory=list)
    contacts: Contacts = Field(default_factory=list)


class ApplicationModification(Corps):
    model_config = examples({"client_name": "Back-office de l'Orne", "scope": "demandes:lire"})

    client_name: Libelle | None = None
    redirect_uris: Redirections | None = None
    scope: Portees | None = None
    reseaux: Reseaux | None = None
    contacts: Contacts | None = None


class RotationSecret(Corps):
    model_config = examples({"chevauchement_heures": 24})

    chevauchement_heures: int = Field(
        24, strict=True, ge=0, le=168, description="Durée pendant laquelle l'ancien secret vaut encore."
    )


class ApplicationLue(BaseModel):
    model_config = examples(LUE)

    id: UUID
    client_id: str
    client_name: str
    redirect_uris: list[str]
    grant_types: list[Flux]
    scope: str
    token_endpoint_auth_method: Methode
    caisse: str | None
    partenaire_id: UUID | None
    reseaux: list[str]
    contacts: list[str]
    statut: str = Field(description="active, ou terminee.")
    secret_expire_le: date | None = Field(description="Dernier jour du secret.")
    ancien_secret_expire_le: datetime | None = Field(description="Fin du chevauchement, après une rotation.")
    derniere_utilisation_le: date | None = Field(description="Au jour près.")
    cree_le: datetime
    fin_le: datetime | None


class ApplicationCreee(ApplicationLue):
    model_config = examples(LUE | SECRET)

    client_secret: str | None = Field(description="Montré cette fois seulement ; null pour une publique.")


class SecretLu(BaseModel):
    model_config = examples(
        {"client_id": "app-9f2c4be1a07d53c8", "secret_expire_le": "2027-11-25"}
        | {"ancien_secret_expire_le": "2026-11-26T09:30:00Z"}
        | SECRET
    )

    client_id: str
    client_secret: str = Field(description="Montré cette fois seulement.")
    secret_expire_le: date
    ancien_secret_expire_le: datetime | None


class ConsentementApplicationLu(BaseModel):
    """Ce qu'une personne permet à une application de faire en son nom."""

    model_config = examples(
        {"id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8e", "client_id": "app-9f2c4be1a07d53c8"}
        | {"client_name": "Logiciel social", "scope": "demandes:ecrire demandes:lire"}
        | {"accorde_le": "2026-11-25T09:30:00Z"}
    )

    id: UUID
    client_id: str
    client_name: str
    scope: str
    accorde_le: datetime


class ApplicationAutorisee(BaseModel):
    """Une application qui agit pour des comptes de la structure, ou pour la structure elle-même."""

    model_config = examples(
        {"id": ID, "client_id": "app-9f2c4be1a07d53c8", "client_name": "Logiciel social"}
        | {"de_la_structure": False, "comptes": 3, "derniere_utilisation_le": "2026-11-25"}
    )

    id: UUID
    client_id: str
    client_name: str
    de_la_structure: bool = Field(description="Enregistrée au nom de la structure, elle lit sans personne.")
    comptes: int = Field(description="Comptes de la structure pour qui elle agit aujourd'hui.")
    derniere_utilisation_le: date | None
