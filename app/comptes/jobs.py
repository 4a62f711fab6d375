from uuid import UUID

from procrastinate import JobContext

from app.comptes import liens, queries
from app.comptes.fin_de_compte import objet
from app.comptes.regles import Etat, NatureLien
from app.config import settings
from app.droits import SYSTEME
from app.journal.service import inscrire
from app.kit.ids import new_id
from app.kit.jobs import RETRY, jobs
from app.kit.mail import compose, send
from app.kit.session import database

MAILS = {
    NatureLien.ACTIVATION: "comptes/mails/activation.txt",
    NatureLien.REINITIALISATION: "comptes/mails/reinitialisation.txt",
}
HEURE = 3600


@jobs.task(name="comptes.envoyer_activation", retry=RETRY)
async def envoyer_activation(compte_id: str) -> None:
    """Art. 2.2.1: invite the holder of a new account to choose the password."""
    await _envoyer_lien(UUID(compte_id), NatureLien.ACTIVATION)


@jobs.task(name="comptes.envoyer_reinitialisation", retry=RETRY)
async def envoyer_reinitialisation(compte_id: str) -> None:
    """Art. 2.2.1: a forgotten password; an unknown or inactive account receives nothing."""
    await _envoyer_lien(UUID(compte_id), NatureLien.REINITIALISATION)


async def _envoyer_lien(compte_id: UUID, nature: NatureLien) -> None:
    """Make the link here, so that it stands in the mail and nowhere else; a retry makes another, alone valid."""
    async with database().transaction() as session:
        compte = await queries.compte(session, compte_id, verrou=True)
        if compte is None or not liens.permis(compte, nature):
            return
        jeton = await liens.emettre(session, compte, nature)
        mail = compose(
            MAILS[nature],
            str(new_id()),
            compte.email,
            identifiant=compte.identifiant,
            jeton=jeton,
            duree=duree(settings().link_ttl),
        )
        if (
            nature is NatureLien.REINITIALISATION
        ):  # the call that asked knows nobody; the activation has its own line
            await inscrire(session, SYSTEME, "mot_de_passe.oublie", objet(compte))
    await send(mail)


@jobs.task(name="comptes.annoncer_mot_de_passe_change", retry=RETRY, pass_context=True)
async def annoncer_mot_de_passe_change(context: JobContext, compte_id: str) -> None:
    """Art. 4.1: whoever did not change it learns that somebody did."""
    async with database().transaction() as session:
        compte = await queries.compte(session, UUID(compte_id))
    if compte is not None and compte.statut is Etat.ACTIF:
        await send(compose("comptes/mails/mot_de_passe_change.txt", f"compte-{context.job.id}", compte.email))


def duree(secondes: int) -> str:
    """Return a length of time in words."""
    return f"{secondes // HEURE} heures" if secondes >= 2 * HEURE else f"{secondes // 60} minutes"
