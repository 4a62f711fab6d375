"""Art. 1.1: the person withdraws the consent."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from app.demandes.service import Effet
from app.demandes.tables import Demande
from app.droits import Acteur
from app.erreurs import Validation
from app.kit.idempotency import erase_answers
from app.pieces.regles import RaisonEffacement
from app.pieces.service import effacer as effacer_pieces

CONSENTEMENT_RETIRE = "consentement_retire"


def retirer_consentement(session: AsyncSession, acteur: Acteur, le: date) -> Effet:
    """Art. 1.1, RGPD: without consent nothing goes on, and its pieces are erased; not dated before the consent."""

    async def effet(demande: Demande) -> None:
        if le < demande.consentement_date:
            raise Validation.du_champ(
                "/date", "ep_date_passee", "Le retrait ne peut pas précéder le consentement."
            )
        demande.consentement_retire_le, demande.motif_annulation = le, CONSENTEMENT_RETIRE
        await erase_answers(session, demande.id)
        await effacer_pieces(session, acteur, [demande.id], RaisonEffacement.CONSENTEMENT_RETIRE)

    return effet
