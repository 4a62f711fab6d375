"""Art. 3.1: what a document passes before it is a piece. No transaction is open meanwhile."""

import asyncio

from app.erreurs import PieceIllisible, TypeDePieceRefuse
from app.kit import antivirus
from app.kit.multipart import Upload
from app.kit.sandbox import Sandbox
from app.pieces.regles import EXPLICATIONS, Antivirus, Illisible

# A few at once in each process: the memory that looking takes does not grow with the number of clients.
PLACES = asyncio.Semaphore(2)
BAC = Sandbox("app.pieces.examen")


async def examiner(depot: Upload) -> str:
    """Return the type that the bytes have. Raises TypeDePieceRefuse, PieceIllisible with its reason."""
    if depot.file is None or depot.size == 0:
        raise refus(Illisible.VIDE)
    depot.file.seek(0)
    vu = await BAC.look(depot.file.fileno())
    if vu is None:
        raise refus(Illisible.ABIME)
    if "type_mime" not in vu:
        raise TypeDePieceRefuse
    if "illisible" in vu:
        raise refus(Illisible(vu["illisible"]))
    return str(vu["type_mime"])


def refus(motif: Illisible) -> PieceIllisible:
    return PieceIllisible(EXPLICATIONS[motif], motif=motif.value)


async def analyser(depot: Upload) -> Antivirus:
    """Ask the antivirus; when it is down, the piece will wait, unreadable."""
    if not antivirus.configured():
        return Antivirus.NON_ANALYSE
    try:
        return Antivirus.INFECTEE if await antivirus.infected(depot.chunks()) else Antivirus.SAINE
    except antivirus.Unavailable:
        return Antivirus.EN_ATTENTE
