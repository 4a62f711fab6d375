"""Art. 5: find a person, whoever spelt the name; that one searched is in the journal."""

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.demandes.lecture import lues
from app.droits import Acteur
from app.journal.service import inscrire
from app.kit.pagination import Page, Paging, paginate
from app.rgpd import queries
from app.rgpd.pseudonyme import objet
from app.rgpd.queries import RANGS
from app.rgpd.schemas import DemandeTrouvee, Personne


async def chercher(
    session: AsyncSession, acteur: Acteur, personne: Personne, paging: Paging, response: Response
) -> Page[DemandeTrouvee]:
    """Return a page of the person's requests at the actor's caisse, the surest first."""
    rows = await paginate(session, queries.recherche(acteur, personne), paging, response, tuple)
    demandes = await lues(session, acteur, [row[:4] for row in rows.donnees])
    await inscrire(session, acteur, "assure.recherche", objet(personne, acteur.caisse or ""))
    return Page(
        donnees=[
            DemandeTrouvee(**lue.model_dump(), rapprochement=RANGS[row[4]])
            for lue, row in zip(demandes, rows.donnees, strict=True)
        ],
        curseur_suivant=rows.curseur_suivant,
    )
