"""The queue run to its end, the mailbox read, and an account opened through both."""

import itertools
import re
import uuid
from email import message_from_bytes, policy

from app.kit.jobs import opened
from app.kit.mail import mailbox

_rangs = itertools.count(1)


def travailler(api):
    """Run the queue until it is empty, as a worker does."""

    async def drain():
        async with opened() as file:
            await file.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)

    api.portal.call(drain)


def courriers(adresse):
    """The mails to an address, oldest first."""
    lus = [message_from_bytes(f.read_bytes(), policy=policy.default) for f in sorted(mailbox().glob("*.eml"))]
    return [mail for mail in lus if mail["To"] == adresse]


def jeton_de(mail, page):
    """The secret of the only link of a mail."""
    (jeton,) = re.findall(rf"^http://testserver/{page}/(\S+)\s*$", mail.get_content(), re.MULTILINE)
    return jeton


def ouvrir_un_compte(client_de, api):
    """An account that waits for its holder: (id, identifiant, address, secret of the link)."""
    adresse = f"agent{next(_rangs)}-{uuid.uuid4().hex[:6]}@cpam-orne.example"
    corps = {
        "caisse": "611",
        "civilite": "mme",
        "nom": "Quesnel",
        "prenom": "Bérengère",
        "fonction": "Chargée d'accompagnement",
        "telephone": "+33233000000",
        "email": adresse,
    }
    compte = client_de("n-operateur").post("/v1/agents", corps).json()
    travailler(api)
    (mail,) = courriers(adresse)
    return compte["id"], compte["identifiant"], adresse, jeton_de(mail, "activation")
