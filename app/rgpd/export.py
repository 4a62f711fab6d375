"""Art. 5: what is held about a person, as one zip, written as it is sent."""

import zipfile
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from datetime import datetime

from fastapi.responses import StreamingResponse
from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncSession

from app.droits import Acteur
from app.erreurs import Introuvable
from app.journal.service import inscrire
from app.kit.clock import now
from app.pieces import service as pieces
from app.pieces.regles import EXTENSIONS, lisible
from app.pieces.tables import Piece
from app.rgpd import lecture, queries
from app.rgpd.pseudonyme import objet
from app.rgpd.schemas import Personne

DOSSIER, MEDIA = "assure.json", "application/zip"

Fichier = tuple[str, AsyncIterable[bytes]]


async def exporter(session: AsyncSession, acteur: Acteur, personne: Personne) -> StreamingResponse:
    """Return the file of exactly one person at the actor's caisse; journaled before it leaves. Raises Introuvable."""
    demandes = list(await session.scalars(queries.de_la_personne(acteur, personne)))
    if not demandes or acteur.caisse is None:
        raise Introuvable
    sujet = objet(personne, acteur.caisse)
    dossier = await lecture.dossier(session, personne, sujet, demandes)
    deposees = await pieces.pieces_de(session, [demande.id for demande in demandes])
    jointes = [p for p in deposees if lisible(p.statut, effacee=p.effacee_le is not None)]
    for piece in jointes:
        await pieces.noter_telechargement(session, acteur, piece)
    await inscrire(session, acteur, "assure.exporte", sujet)
    json = to_json(dossier, indent=2)
    return StreamingResponse(
        archive([(DOSSIER, _en_un_morceau(json)), *map(_fichier, jointes)], now()),
        media_type=MEDIA,
        headers={
            "Content-Disposition": 'attachment; filename="assure.zip"',
            "Cache-Control": "no-store",
        },
    )


def _fichier(piece: Piece) -> Fichier:
    """Return a piece under a name of ours, opened when its turn comes."""

    async def contenu() -> AsyncIterator[bytes]:
        async for octets in await pieces.contenu(piece):
            yield octets

    return f"pieces/{piece.id}.{EXTENSIONS[piece.type_mime]}", contenu()


async def _en_un_morceau(octets: bytes) -> AsyncIterator[bytes]:
    yield octets


class Sortie:
    """What a zip is written to: it is never read back, so it is sent as it grows."""

    def __init__(self) -> None:
        self._morceaux: list[bytes] = []

    def write(self, octets: bytes) -> int:
        self._morceaux.append(bytes(octets))
        return len(octets)

    def flush(self) -> None:
        """Nothing waits here but what is about to be sent."""

    def close(self) -> None:
        """Its end is the end of the answer."""

    def prendre(self) -> bytes:
        pris, self._morceaux = b"".join(self._morceaux), []
        return pris


async def archive(fichiers: Iterable[Fichier], quand: datetime) -> AsyncIterator[bytes]:
    """Write files into a zip and yield it piece by piece: no file is held whole."""
    sortie = Sortie()
    with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as zip_:
        for nom, contenu in fichiers:
            with zip_.open(zipfile.ZipInfo(nom, quand.timetuple()[:6]), "w", force_zip64=True) as entree:
                async for octets in contenu:
                    entree.write(octets)
                    yield sortie.prendre()
    yield sortie.prendre()
