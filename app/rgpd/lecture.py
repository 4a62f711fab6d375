"""All that is held about one person at one caisse, as it is written in `assure.json`."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import LargeBinary
from sqlalchemy.ext.asyncio import AsyncSession

from app.demandes.tables import Demande
from app.evenements.tables import Evenement
from app.journal.service import Objet
from app.journal.tables import Ligne
from app.kit.clock import now
from app.rgpd import queries
from app.rgpd.queries import DEMANDES, tables_liees
from app.rgpd.schemas import Personne

# What the machine computes from the rest, or keeps for itself, and who acted: the person's agents are not the person.
TECHNIQUES = {"version", "assure_mots", "assure_sons", "personne_cle", "auteur_id", "agent_id", "demande_id"}
TECHNIQUES |= {"kid", "demandeur_id", "deposant_id"}
EVENEMENT = ("numero", "type", "ressource", "ressource_id", "date", "raison")
LIGNE = ("numero", "le", "role", "action", "ressource", "ressource_id")


async def dossier(
    session: AsyncSession, personne: Personne, sujet: Objet, demandes: Sequence[Demande]
) -> dict[str, Any]:
    """Return the person's file: every table that hangs on the requests is read, so none can be forgotten."""
    ids = [demande.id for demande in demandes]
    liees = {table: await queries.lignes(session, table, ids) for table in tables_liees()}
    sujets = {str(sujet.id), *map(str, ids)}
    for table, rows in liees.items():
        sujets |= set(queries.identifiants(rows, table))
    evenements = await queries.traces(session, Evenement, sujets)
    journal = await queries.traces(session, Ligne, sujets)
    return {
        "assure": personne.model_dump(include={"nom", "prenom", "date_naissance"}),
        "caisse": sujet.caisse,
        "exporte_le": now(),
        "demandes": [_demande(demande, liees) for demande in demandes],
        "evenements": [{nom: getattr(e, nom) for nom in EVENEMENT} for e in evenements],
        "journal": [{nom: getattr(ligne, nom) for nom in LIGNE} for ligne in journal],
    }


def _demande(demande: Demande, liees: Mapping[Any, Sequence[Any]]) -> dict[str, Any]:
    lue = {c.name: getattr(demande, c.key) for c in DEMANDES.columns if _lisible(c)}
    for table, rows in liees.items():
        siennes = [row for row in rows if row.get("demande_id") == demande.id]
        lue[table.name] = [{c.name: row[c.name] for c in table.columns if _lisible(c)} for row in siennes]
    return lue


def _lisible(colonne: Any) -> bool:
    return colonne.name not in TECHNIQUES and not isinstance(colonne.type, LargeBinary)
