"""The history, a page or a file of requests, for one actor (art. 1.2)."""

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.demandes import lecture, queries
from app.demandes.genres import GENRES
from app.demandes.queries import Filtres
from app.demandes.regles import Type, en_retard
from app.demandes.schemas import DemandeLue
from app.demandes.tables import Demande
from app.droits import Acteur, Fonctionnalite
from app.kit import csv
from app.kit.clock import today
from app.kit.pagination import Page, Paging, paginate
from app.kit.session import database, see, sight


def jours(acteur: Acteur, caisses: Collection[str]) -> dict[str, date]:
    """Return the day it is at each caisse."""
    return {code: today(acteur.fuseau(code)) for code in caisses}


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
    statement = queries.historique(acteur, caisses, voulus, jours(acteur, caisses))
    rows = await paginate(session, statement, paging, response, tuple)
    return Page(
        donnees=await lecture.lues(session, acteur, rows.donnees), curseur_suivant=rows.curseur_suivant
    )


# fmt: off
COMMUNES = (
    "reference", "type", "statut", "issue", "theme", "caisse", "auteur", "agent", "civilite", "nom", "prenom",
    "date_naissance", "departement_residence", "consentement_date", "consentement_modalite", "commentaire",
    "deposee_le", "modifiee_le", "cloturee_le", "echeance", "en_retard", "motif_annulation",
)
# fmt: on
# What each kind adds, a column a field: empty for the other kinds.
PROPRES = tuple(
    dict.fromkeys(
        nom
        for genre in GENRES.values()
        for nom in (*genre.champs, *genre.ensuite, *genre.suites, *genre.resume)
    )
)


def fichier(acteur: Acteur, filtres: Filtres) -> Response:
    """Return the whole filtered history as CSV, streamed: its rows are read as they are sent."""
    return csv.answer(f"demandes-{today()}", COMMUNES + PROPRES, _lignes(acteur, filtres))


async def _lignes(acteur: Acteur, filtres: Filtres) -> AsyncIterator[csv.Row]:
    caisses = acteur.caisses_avec(Fonctionnalite.HISTORIQUE)
    statement = queries.historique(acteur, caisses, filtres, jours(acteur, caisses))
    async with database().sessions() as session:
        await see(session, sight(acteur))
        flux = await session.stream(statement.execution_options(yield_per=csv.ROWS_A_CHUNK))
        async for paquet in flux.partitions():
            objets = await queries.objets(session, [row[0] for row in paquet])
            for demande, auteur, agent, _ in paquet:
                yield _ligne(acteur, demande, (auteur, agent), objets.get(demande.id, {}))


def _ligne(
    acteur: Acteur, demande: Demande, noms: tuple[str | None, str | None], objet: Mapping[str, Any]
) -> csv.Row:
    auteur, agent = noms
    calcules = {
        "auteur": auteur or lecture.ANCIEN_COMPTE,
        "agent": agent or (lecture.ANCIEN_COMPTE if demande.agent_id else None),
        "civilite": demande.assure_civilite,
        "nom": demande.assure_nom,
        "prenom": demande.assure_prenom,
        "date_naissance": demande.assure_date_naissance,
        "departement_residence": demande.assure_departement,
        "en_retard": en_retard(demande.echeance, demande.statut, today(acteur.fuseau(demande.caisse))),
    }
    communes = [calcules[nom] if nom in calcules else getattr(demande, nom) for nom in COMMUNES]
    return communes + [_texte(objet.get(nom)) for nom in PROPRES]


def _texte(valeur: Any) -> object:
    """Return a value in one cell: codes after commas, rows after bars, without their identifiers."""
    if not isinstance(valeur, list):
        return valeur
    if not valeur or not isinstance(valeur[0], dict):
        return ", ".join(map(str, valeur))
    lignes = [[csv.cell(v) for nom, v in sorted(ligne.items()) if nom != "id"] for ligne in valeur]
    return " | ".join(" ".join(filter(None, ligne)) for ligne in lignes)
