"""What happens to pieces beside the calls: the antivirus that is back, the files to delete, the sweep, the mails."""

from uuid import UUID

import structlog
from procrastinate import JobContext
from sqlalchemy import select

from app.comptes.regles import Etat
from app.comptes.tables import Compte
from app.droits import SYSTEME
from app.erreurs import ServiceIndisponible
from app.kit import antivirus
from app.kit.jobs import RETRY, jobs
from app.kit.mail import Mail, compose, send
from app.kit.session import database
from app.pieces import contenus, fichiers, service
from app.pieces.regles import Antivirus, Sens, StatutPiece
from app.pieces.tables import Piece
from app.referentiel.tables import Caisse

log = structlog.get_logger("pieces")
TEMPLATE = "pieces/mails/piece.txt"
# What the mail says: (subject, sentence).
PHRASES: dict[str, tuple[str, str]] = {
    "piece.refusee": (
        "pièce refusée",
        "L'antivirus a refusé une pièce déposée : personne ne peut l'ouvrir. Une copie saine peut la remplacer.",
    ),
    "piece.acceptee": ("document reçu", "La caisse a joint un document à la demande."),
}


@jobs.task(name="pieces.supprimer_fichier", retry=RETRY, pass_context=False)
async def supprimer_fichier(piece_id: str) -> None:
    await fichiers.supprimer(UUID(piece_id))


@jobs.periodic(cron="* * * * *")
@jobs.task(queueing_lock="analyser_pieces", pass_context=False)
async def analyser_en_attente(timestamp: int) -> None:
    """Art. 3.1: check the pieces that the antivirus did not see, as soon as it is back."""
    _ = timestamp
    if not antivirus.configured():
        return
    async with database().transaction() as session:
        en_attente = list(
            await session.scalars(
                select(Piece)
                .where(Piece.statut == StatutPiece.EN_ANALYSE, Piece.effacee_le.is_(None))
                .order_by(Piece.id)
            )
        )
    for piece in en_attente:
        try:
            infectee = await antivirus.infected(await contenus.ouvrir(piece))
        except antivirus.Unavailable:
            log.warning("antivirus_unavailable", rows=len(en_attente))
            return
        except ServiceIndisponible:  # its file: told already, and the next one may be there
            continue
        await _conclure(piece.id, Antivirus.INFECTEE if infectee else Antivirus.SAINE)


async def _conclure(id_: UUID, verdict: Antivirus) -> None:
    async with database().transaction() as session:
        piece = await session.get_one(Piece, id_, with_for_update=True)
        if piece.statut is StatutPiece.EN_ANALYSE and piece.effacee_le is None:
            await service.conclure(session, SYSTEME, piece, verdict)


@jobs.periodic(cron="23 * * * *")
@jobs.task(queueing_lock="balayer_pieces", pass_context=False)
async def balayer(timestamp: int) -> None:
    """Delete the files that no row wants, report the rows whose file is missing."""
    _ = timestamp
    bilan = await fichiers.balayer()
    log.info("pieces_swept", rows=len(bilan.orphelins) + bilan.inacheves)


@jobs.task(name="pieces.avertir", retry=RETRY, pass_context=True)
async def avertir(context: JobContext, piece_id: str, evenement: str) -> None:
    """Write to who deposited, or to who receives; the mail's key is the job's, so a retry sends the same mail."""
    mail = await _mail(f"piece-{context.job.id}", UUID(piece_id), evenement)
    if mail:
        await send(mail)


async def _mail(key: str, id_: UUID, evenement: str) -> Mail | None:
    async with database().transaction() as session:
        piece = await session.get_one(Piece, id_)
        qui = piece.deposant_id if evenement == "piece.refusee" else piece.demandeur_id
        compte, caisse = await session.get(Compte, qui), await session.get_one(Caisse, piece.caisse)
    if compte is not None and compte.statut is Etat.ACTIF:
        adresse = compte.email
    elif evenement == "piece.refusee" and piece.sens is Sens.SORTANTE:  # a back office, or an agent who left
        adresse = caisse.email_file
    else:
        return None
    objet, phrase = PHRASES[evenement]
    return compose(TEMPLATE, key, adresse or "", objet=objet, phrase=phrase, reference=piece.reference)
