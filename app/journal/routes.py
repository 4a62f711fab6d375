from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from app.acces.guard import SECURITE, exiger
from app.droits import Acteur, Action
from app.journal import queries
from app.journal.queries import Filtres
from app.journal.schemas import LigneDuJournal
from app.kit.clock import midnight
from app.kit.guarded import Jour
from app.kit.pagination import Page, PagingDep, paginate
from app.kit.problems import declare
from app.kit.refusals import LISTE
from app.kit.route import router
from app.kit.session import SessionDep

journal_router = router("/journal", "Journal")
NOM = r"^[a-z_]+(\.[a-z_]+)?$"
DEMAIN = timedelta(days=1)


def filtres(
    action: Annotated[
        str | None,
        Query(max_length=60, pattern=NOM, description="Nom de l'acte.", examples=["demande.deposee"]),
    ] = None,
    ressource: Annotated[
        str | None, Query(max_length=40, pattern=NOM, description="Genre de ce sur quoi il porte.")
    ] = None,
    ressource_id: Annotated[
        str | None, Query(max_length=40, pattern=r"^[A-Za-z0-9-]+$", description="Son identifiant.")
    ] = None,
    acteur: Annotated[UUID | None, Query(description="Compte ou application qui a agi.")] = None,
    depuis: Annotated[Jour | None, Query(description="Premier jour, compris (Paris).")] = None,
    jusqua: Annotated[Jour | None, Query(description="Dernier jour, compris (Paris).")] = None,
) -> Filtres:
    return Filtres(
        action=action,
        ressource=ressource,
        ressource_id=ressource_id,
        acteur=acteur,
        depuis=midnight(depuis) if depuis else None,
        avant=midnight(jusqua + DEMAIN) if jusqua and jusqua < date.max else None,
    )


@journal_router.get(
    "",
    summary="Lire le journal",
    dependencies=SECURITE,
    responses=declare(*LISTE),
)
async def lire_journal(
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.JOURNAL_LIRE)],
    page: PagingDep,
    filtres_: Annotated[Filtres, Depends(filtres)],
    response: Response,
) -> Page[LigneDuJournal]:
    """Les actes sur sa caisse, sur sa structure ou, pour l'administrateur, sur caisses et applications (9)."""
    lues = queries.lignes(acteur, filtres_)
    return await paginate(session, lues, page, response, lambda row: LigneDuJournal.model_validate(row[0]))
