"""The history: a page of requests, for one actor (art. 1.2)."""

from dataclasses import replace

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.demandes import lecture, queries
from app.demandes.queries import Filtres
from app.demandes.regles import Type
from app.demandes.schemas import DemandeLue
from app.droits import Acteur, Fonctionnalite
from app.kit.clock import today
from app.kit.pagination import Page, Paging, paginate


async def page(
    session: AsyncSession,
    acteur: Acteur,
    filtres: Filtres,
    paging: Paging,
    response: Response,
    type_: Type | None = None,
) -> Page[DemandeLue]:
    """Return a page of what the actor may read: for a structure, at the caisses that leave the history open."""
    caisses = acteur.caisses_avec(Fonctionnalite.HISTORIQUE)
    voulus = replace(filtres, type=type_) if type_ else filtres
    statement = queries.historique(acteur, caisses, voulus, today())
    rows = await paginate(session, statement, paging, response, tuple)
    return Page(
        donnees=await lecture.lues(session, acteur, rows.donnees), curseur_suivant=rows.curseur_suivant
    )
