"""Standard Webhooks: the secrets, sealed at rest, and the signature of both while one takes over."""

import os
from base64 import b64encode
from datetime import datetime

from standardwebhooks.webhooks import Webhook as Signataire

from app.kit.secret import seal, unseal
from app.webhooks.tables import Webhook

OBJET, OCTETS = "webhooks", 32


def nouveau() -> str:
    return "whsec_" + b64encode(os.urandom(OCTETS)).decode()


def sceller(secret: str) -> str:
    return seal(secret, OBJET)


def signer(webhook: Webhook, identifiant: str, instant: datetime, corps: str) -> str:
    """Return the header `webhook-signature`: the new secret's first, the former one's until it ends."""
    scelles = [webhook.secret]
    if webhook.ancien_secret and webhook.ancien_jusqua and instant < webhook.ancien_jusqua:
        scelles.append(webhook.ancien_secret)
    return " ".join(Signataire(unseal(s, OBJET)).sign(identifiant, instant, corps) for s in scelles)
