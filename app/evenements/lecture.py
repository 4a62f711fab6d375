from sqlalchemy.ext.asyncio import AsyncSession

from app.droits import Acteur
from app.evenements import queries
from app.evenements.schemas import EvenementLu, Fil


async def suivre(session: AsyncSession, acteur: Acteur, apres: int, limite: int) -> Fil:
    """Return the events that follow a number: those that are not committed yet will have greater ones."""
    rows = (await session.execute(queries.suite(acteur, apres, limite + 1))).all()
    lus = [EvenementLu.model_validate(row) for row in rows[:limite]]
    return Fil(donnees=lus, apres=lus[-1].numero if lus else apres, suite=len(rows) > limite)
