from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.droits import Acteur
from app.journal.tables import Ligne
from app.kit.clock import now

NATIONAL = "national"


@dataclass(frozen=True, slots=True)
class Objet:
    """What an act bears on: identifiers, and whose they are."""

    ressource: str
    id: UUID | str
    caisse: str | None = None
    partenaire_id: UUID | None = None


async def inscrire(session: AsyncSession, acteur: Acteur, action: str, objet: Objet) -> None:
    """Write a line. To be called last: the line takes the journal's lock until the commit."""
    await session.execute(
        insert(Ligne).values(
            chaine=objet.caisse or NATIONAL,
            le=now(),
            acteur_id=acteur.id,
            role=acteur.role.value if acteur.role else "systeme",
            action=action,
            ressource=objet.ressource,
            ressource_id=str(objet.id),
            caisse=objet.caisse,
            partenaire_id=objet.partenaire_id,
        )
    )
