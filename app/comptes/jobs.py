from datetime import timedelta
from uuid import UUID

from app.comptes import queries
from app.comptes.regles import Etat, NatureLien
from app.comptes.tables import Lien
from app.config import settings
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.jobs import RETRY, jobs
from app.kit.mail import compose, send
from app.kit.passwords import fingerprint, new_secret
from app.kit.session import database


@jobs.task(name="comptes.envoyer_activation", retry=RETRY)
async def envoyer_activation(compte_id: str) -> None:
    """Art. 2.2.1: the link is made here, so that it stands in the mail and nowhere else."""
    jeton = new_secret()
    async with database().transaction() as session:
        compte = await queries.compte(session, UUID(compte_id))
        if compte is None or compte.statut is not Etat.EN_ATTENTE:
            return
        session.add(
            Lien(
                empreinte=fingerprint(jeton),
                compte_id=compte.id,
                nature=NatureLien.ACTIVATION,
                expire_le=now() + timedelta(seconds=settings().link_ttl),
            )
        )
        mail = compose(
            "comptes/mails/activation.txt",
            str(new_id()),
            compte.email,
            identifiant=compte.identifiant,
            jeton=jeton,
            heures=str(settings().link_ttl // 3600),
        )
    await send(mail)
