"""The consents that a person gave to applications (contract, « DELETE »): read, and taken back at once.

As the system: a consent is its holder's, and the application that it names is nobody's to see.
"""

from uuid import UUID

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.acces import consentements
from app.acces.tables import Consentement
from app.applications.lecture import consentement_lu
from app.applications.schemas import ConsentementApplicationLu
from app.droits import Acteur
from app.erreurs import Introuvable
from app.kit.pagination import Page, Paging, paginate
from app.kit.session import SYSTEM, see


async def lister(
    session: AsyncSession, acteur: Acteur, page: Paging, response: Response
) -> Page[ConsentementApplicationLu]:
    await see(session, SYSTEM)
    return await paginate(
        session, consentements.de(acteur.id), page, response, lambda row: consentement_lu(*row)
    )


async def retirer(session: AsyncSession, acteur: Acteur, id_: UUID) -> None:
    """End a consent: the application's tokens for its holder are refused at their next call. Raises Introuvable."""
    await see(session, SYSTEM)
    row = (await session.execute(consentements.de(acteur.id).where(Consentement.id == id_))).one_or_none()
    if row is None or acteur.id is None:
        raise Introuvable
    await consentements.retirer(session, acteur, row[1], [acteur.id])
