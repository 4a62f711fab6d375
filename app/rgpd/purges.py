"""Art. 5, 7.1: what is kept too long goes by itself: pieces first, then the person, then what remained."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from app.config import settings
from app.conventions.regles import Termes
from app.demandes.tables import Demande
from app.droits import SYSTEME
from app.kit.calendrier import ajouter_mois, fuseau_du_departement, jour_local
from app.pieces.regles import RaisonEffacement
from app.pieces.service import effacer as effacer_pieces
from app.rgpd import queries
from app.rgpd.effacement import supprimer, vider_seule
from app.rgpd.queries import AVEC_PIECES, NOMMEES, VIDEES
from app.rgpd.regles import echeance, echeance_du_retrait

DUREE_ATTEINTE = "La durée de conservation est atteinte."
CONSENTEMENT_RETIRE = "La personne a retiré son consentement."


async def pieces_echues(session: AsyncSession, jour: date) -> list[UUID]:
    """List the closed requests whose pieces have been kept long enough on a day."""
    return await _echues(session, jour, settings().pieces_kept_months, AVEC_PIECES)


async def effacer_les_pieces(session: AsyncSession, id_: UUID, jour: date) -> bool:
    demande = await _encore_echue(session, id_, jour, settings().pieces_kept_months, AVEC_PIECES)
    if demande is not None:
        await effacer_pieces(session, SYSTEME, [demande.id], RaisonEffacement.RGPD)
    return demande is not None


async def a_vider(session: AsyncSession, jour: date) -> list[UUID]:
    """List the closed requests whose person has been kept long enough on a day."""
    return await _echues(session, jour, settings().retention_months, NOMMEES)


async def vider_echue(session: AsyncSession, id_: UUID, jour: date) -> bool:
    demande = await _encore_echue(session, id_, jour, settings().retention_months, NOMMEES)
    if demande is not None:
        await vider_seule(session, demande, DUREE_ATTEINTE)
    return demande is not None


async def residus(session: AsyncSession, jour: date) -> list[UUID]:
    """List the erased requests whose figures have been kept long enough on a day."""
    return await _echues(session, jour, settings().retention_residue_months, VIDEES)


async def supprimer_residu(session: AsyncSession, id_: UUID, jour: date) -> bool:
    demande = await _encore_echue(session, id_, jour, settings().retention_residue_months, VIDEES)
    if demande is not None:
        await supprimer(session, demande)
    return demande is not None


async def consentements_retires(session: AsyncSession, jour: date) -> list[UUID]:
    """List the requests whose consent was withdrawn some days ago: no convention's year holds them back."""
    rows = await queries.retirees(session)
    return [row.id for row in rows if _retrait_echu(row.consentement_retire_le, jour)]


async def vider_retiree(session: AsyncSession, id_: UUID, jour: date) -> bool:
    demande = await session.get(Demande, id_, with_for_update=True)
    if demande is None or demande.effacee_le or not _retrait_echu(demande.consentement_retire_le, jour):
        return False
    await vider_seule(session, demande, CONSENTEMENT_RETIRE)
    return True


def _retrait_echu(retrait: date | None, jour: date) -> bool:
    return retrait is not None and echeance_du_retrait(retrait, settings().withdrawn_days) <= jour


async def _echues(
    session: AsyncSession, jour: date, mois: int, voulues: ColumnElement[bool], id_: UUID | None = None
) -> list[UUID]:
    # Whatever the conventions say, nothing is due before its closing and the retention: the index says who may be.
    rows = await queries.closes(session, ajouter_mois(jour, -mois), voulues, id_)
    conventions = await queries.conventions(session, {row.caisse for row in rows})
    return [row.id for row in rows if _echue(row, conventions[row.partenaire_id, row.caisse], jour, mois)]


def _echue(row: Any, conventions: Sequence[Termes], jour: date, mois: int) -> bool:
    cloture = jour_local(row.cloturee_le, fuseau_du_departement(row.departement))
    return echeance(cloture, conventions, mois) <= jour


async def _encore_echue(
    session: AsyncSession, id_: UUID, jour: date, mois: int, voulues: ColumnElement[bool]
) -> Demande | None:
    """Return a request, locked, if it is still to be treated: the list was read in another transaction."""
    demande = await session.get(Demande, id_, with_for_update=True)
    return demande if demande and await _echues(session, jour, mois, voulues, id_) else None
