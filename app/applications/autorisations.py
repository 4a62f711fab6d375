"""What a structure sees and ends of the applications that act for it (art. 4.1).

It acts as the system on the signings in, which only their holder sees: the structure is in each statement.
"""

from uuid import UUID

from fastapi import Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.acces import consentements
from app.acces.tables import Application
from app.applications import queries
from app.applications.lecture import autorisee_lue
from app.applications.schemas import ApplicationAutorisee
from app.applications.service import finir
from app.comptes.tables import Compte
from app.droits import Acteur
from app.erreurs import Introuvable
from app.evenements.service import publier
from app.journal.service import Objet
from app.kit.clock import now
from app.kit.pagination import Page, Paging, paginate
from app.kit.session import SYSTEM, see, sight


async def lister(
    session: AsyncSession, acteur: Acteur, page: Paging, response: Response
) -> Page[ApplicationAutorisee]:
    structure = _structure(acteur)
    await see(session, SYSTEM)
    statement = queries.autorisees(structure, now())
    lues = await paginate(session, statement, page, response, lambda row: row[0])
    clients = [application.client_id for application in lues.donnees]
    usages = await queries.usages(session, structure, clients, now())
    donnees = [autorisee_lue(application, usages.get(application.client_id)) for application in lues.donnees]
    return Page(donnees=donnees, curseur_suivant=lues.curseur_suivant)


async def retirer(session: AsyncSession, acteur: Acteur, id_: UUID) -> None:
    """End an application for a structure: every consent and token; its own one, whole. Raises Introuvable."""
    structure = _structure(acteur)
    await see(session, SYSTEM)
    application = await session.scalar(queries.autorisees(structure, now()).where(Application.id == id_))
    if application is None:
        raise Introuvable
    siens = await session.scalars(select(Compte.id).where(Compte.partenaire_id == structure))
    await consentements.retirer(session, acteur, application, siens.all())
    if application.partenaire_id == structure:
        await finir(session, acteur, application)
    await see(session, sight(acteur))
    await publier(session, acteur, "application.retiree", Objet("application", id_, partenaire_id=structure))


def _structure(acteur: Acteur) -> UUID:
    if acteur.partenaire_id is None:
        raise Introuvable
    return acteur.partenaire_id
