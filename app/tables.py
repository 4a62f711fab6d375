"""Every table of the product, for the migrations and the purge."""

from app.acces import tables as acces
from app.comptes import tables as comptes
from app.conventions import tables as conventions
from app.demandes import tables as demandes
from app.disponibilite import tables as disponibilite
from app.evenements import tables as evenements
from app.habilitations import tables as habilitations
from app.journal import tables as journal
from app.kit import idempotency
from app.pieces import tables as pieces
from app.portail import tables as portail
from app.provenance import tables as provenance
from app.referentiel import tables as referentiel
from app.webhooks import tables as webhooks

__all__ = [
    "acces",
    "comptes",
    "conventions",
    "demandes",
    "disponibilite",
    "evenements",
    "habilitations",
    "idempotency",
    "journal",
    "pieces",
    "portail",
    "provenance",
    "referentiel",
    "webhooks",
]
