"""The history, a page or a file of requests, for one actor (art. 1.2)."""

from collections.abc import AsyncIterator
from dataclasses import replace

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.demandes import lecture, queries
from app.demandes.queries import Filtres
from app.demandes.regles import Type, en_retard
from app.demandes.schemas import DemandeLue
from app.demandes.tables import Demande
from app.droits import Acteur, Fonctionnalite
from app.kit import csv
from app.kit.clock import today
from app.kit.pagination import Page, Paging, paginate
from app.kit.session import database, see, sight


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


# fmt: off
COLONNES = (
    "reference", "type", "statut", "issue", "theme", "caisse", "auteur", "agent", "civilite", "nom", "prenom",
    "date_naissance", "departement_residence", "consentement_date", "consentement_modalite", "commentaire",
    "deposee_le", "modifiee_le", "cloturee_le", "echeance", "en_retard", "motif_annulation",
)
# fmt: on


def fichier(acteur: Acteur, filtres: Filtres) -> Response:
    """Return the whole filtered history as CSV, streamed: its rows are read as they are sent."""
    return csv.answer(f"demandes-{today()}", COLONNES, _lignes(acteur, filtres))


async def _lignes(acteur: Acteur, filtres: Filtres) -> AsyncIterator[csv.Row]:
    statement = queries.historique(acteur, acteur.caisses_avec(Fonctionnalite.HISTORIQUE), filtres, today())
    async with database().sessions() as session:
        await see(session, sight(acteur))
        async for row in await session.stream(statement.execution_options(yield_per=csv.ROWS_A_CHUNK)):
            yield _ligne(*row)


def _ligne(demande: Demande, auteur: str | None, agent: str | None, _: object) -> csv.Row:
    calcules = {
        "auteur": auteur or lecture.ANCIEN_COMPTE,
        "agent": agent or (lecture.ANCIEN_COMPTE if demande.agent_id else None),
        "civilite": demande.assure_civilite,
        "nom": demande.assure_nom,
        "prenom": demande.assure_prenom,
        "date_naissance": demande.assure_date_naissance,
        "departement_residence": demande.assure_departement,
        "en_retard": en_retard(demande.echeance, demande.statut, today()),
    }
    return [calcules[nom] if nom in calcules else getattr(demande, nom) for nom in COLONNES]
