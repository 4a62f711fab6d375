"""The name of a person in the journal: the same for the same person at one caisse, and it tells nothing."""

import hmac
from hashlib import sha256
from uuid import UUID

from app.demandes.assure import cle_personne
from app.journal.service import Objet
from app.kit.secret import derived
from app.rgpd.schemas import Personne


def cle(personne: Personne) -> str:
    return cle_personne(personne.nom, personne.prenom, personne.date_naissance)


def objet(personne: Personne, caisse: str) -> Objet:
    """Return what the journal names: a keyed digest, that nobody computes without the secret of the server."""
    empreinte = hmac.digest(derived("assure"), f"{caisse}|{cle(personne)}".encode(), sha256)
    return Objet("assure", UUID(bytes=empreinte[:16], version=5), caisse)
