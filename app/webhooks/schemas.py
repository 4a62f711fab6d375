from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool
from pydantic_core import PydanticCustomError

from app.config import settings
from app.evenements.regles import motif_connu
from app.evenements.schemas import EXEMPLE
from app.kit.examples import examples
from app.kit.guarded import Corps
from app.webhooks.regles import Echec, StatutLivraison
from app.webhooks.regles_url import LONGUEUR, UrlInterdite, lire_url

ID = "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a90"
VOULU = {
    "url": "https://logiciel.example/espace-partenaires",
    "evenements": ["demande.*", "compte.inactive"],
}
SECRET = "whsec_bm90LWEtcmVhbC1zZWNyZXQtb25seS1hbi1leGFtcGxl"  # noqa: S105  # an example of the contract


def _url(value: str) -> str:
    try:
        lire_url(value, boucle=settings().webhooks_allow_private)
    except UrlInterdite as error:
        raise PydanticCustomError("ep_url", str(error)) from None
    return value


def _motif(value: str) -> str:
    if not motif_connu(value):
        raise PydanticCustomError("ep_evenement", "Ce type d'évènement n'existe pas.")
    return value


Url = Annotated[str, Field(min_length=1, max_length=LONGUEUR), AfterValidator(_url)]
Motif = Annotated[str, Field(max_length=60, pattern=r"^(\*|[a-z_]+\.(\*|[a-z_]+))$"), AfterValidator(_motif)]
Motifs = Annotated[
    list[Motif],
    Field(
        min_length=1, max_length=50, description="Types d'évènement : `demande.deposee`, `demande.*` ou `*`."
    ),
]


class WebhookCreation(Corps):
    model_config = examples(VOULU)

    url: Url = Field(description="En https, port 443 ou 8443, sur un nom de domaine public.")
    evenements: Motifs


class WebhookModification(Corps):
    model_config = examples({"evenements": ["*"], "actif": True})

    url: Url | None = None
    evenements: Motifs | None = None
    actif: StrictBool | None = Field(default=None, description="Rouvert, il reprend au présent.")


class WebhookLu(BaseModel):
    model_config = ConfigDict(
        from_attributes=True,
        **examples(
            {"id": ID}
            | VOULU
            | {
                "actif": True,
                "caisse": "611",
                "partenaire_id": None,
                "en_echec_depuis": None,
                "ancien_jusqua": None,
                "cree_le": "2026-01-05T09:30:00Z",
            }
        ),
    )

    id: UUID
    url: str
    evenements: list[str]
    actif: bool
    caisse: str | None
    partenaire_id: UUID | None
    en_echec_depuis: datetime | None = Field(
        description="Premier échec depuis la dernière livraison réussie."
    )
    ancien_jusqua: datetime | None = Field(description="Fin du secret précédent, après une rotation.")
    cree_le: datetime


class WebhookCree(WebhookLu):
    """Le webhook et son secret, donné cette fois seulement."""

    model_config = ConfigDict(
        from_attributes=True,
        **examples(
            {"id": ID}
            | VOULU
            | {"actif": True, "caisse": "611", "partenaire_id": None, "en_echec_depuis": None}
            | {"ancien_jusqua": None, "cree_le": "2026-01-05T09:30:00Z", "secret": SECRET}
        ),
    )

    secret: str | None = Field(
        description="Clé de signature (Standard Webhooks) ; null quand la réponse est rejouée."
    )


class LivraisonLue(BaseModel):
    model_config = ConfigDict(
        from_attributes=True,
        **examples(
            {
                "id": "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a91",
                "evenement_numero": 4812,
                "type": "demande.cloturee",
                "statut": "en_attente",
                "essais": 2,
                "code_http": 503,
                "echec": "reponse",
                "cree_le": "2026-01-05T09:30:00Z",
                "dernier_essai_le": "2026-01-05T09:30:11Z",
                "prochain_essai_le": "2026-01-05T09:31:11Z",
            }
        ),
    )

    id: UUID = Field(description="Le `webhook-id` de chaque essai.")
    evenement_numero: int | None = Field(description="Numéro dans le fil ; null pour un essai demandé.")
    type: str
    statut: StatutLivraison
    essais: int
    code_http: int | None
    echec: Echec | None
    cree_le: datetime
    dernier_essai_le: datetime | None
    prochain_essai_le: datetime | None


class EvenementPousse(BaseModel):
    """Le corps d'un webhook : le même évènement que dans le fil, et rien de plus."""

    model_config = examples(
        {
            "type": "demande.cloturee",
            "timestamp": "2026-01-05T09:30:00Z",
            "data": EXEMPLE,
        }
    )

    type: str
    timestamp: datetime = Field(description="Date de l'évènement.")
    data: dict[str, str | int | None] = Field(description="L'évènement tel que le rend GET /v1/evenements.")
