from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.droits import Acteur
from app.evenements.tables import Evenement
from app.journal.service import Objet, inscrire
from app.kit.clock import now
from app.kit.ids import new_id


async def publier(
    session: AsyncSession, acteur: Acteur, type_: str, objet: Objet, *, raison: str | None = None
) -> None:
    """Write the event and its journal line, in the transaction of what they tell.

    To be called last: from here to the commit, events are written one transaction after the other,
    so that their numbers follow the order in which readers can see them.
    """
    await session.execute(
        insert(Evenement).values(
            id=new_id(),
            type=type_,
            ressource=objet.ressource,
            ressource_id=str(objet.id),
            partenaire_id=objet.partenaire_id,
            caisse=objet.caisse,
            date=now(),
            raison=raison,
        )
    )
    await inscrire(session, acteur, type_, objet)
