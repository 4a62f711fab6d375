"""Art. 4.2: the table of habilitations, up to date at any moment, as a page or as one CSV file."""

from typing import Any

from fastapi.responses import StreamingResponse
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes.tables import Compte
from app.droits import Acteur
from app.habilitations import queries
from app.habilitations.lecture import COLONNES, valeurs
from app.kit import csv
from app.kit.clock import today
from app.referentiel.tables import Partenaire


def page(acteur: Acteur) -> Select[Compte, str]:
    """Select the lines newest first, as every list."""
    return queries.tableau(acteur).order_by(Compte.id.desc())


async def fichier(session: AsyncSession, acteur: Acteur) -> StreamingResponse:
    """Return the whole table, structure by structure: read now, in the call's own transaction and walls.

    Its size is bounded by the quotas (30 accounts open a structure) and by the deletion of inactive ones.
    """
    statement = queries.tableau(acteur).order_by(
        Partenaire.raison_sociale, Partenaire.id, Compte.role, Compte.nom, Compte.prenom, Compte.id
    )
    lignes: list[tuple[Any, ...]] = [
        tuple(valeurs(compte, raison_sociale).values())
        for compte, raison_sociale in await session.execute(statement)
    ]
    return csv.answer(f"tableau-habilitations-{today().isoformat()}", COLONNES, lignes)
