"""Art. 1.2: the functions of one convention, against the caisse's choice for all: every choice is kept."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.conventions import actes, queries
from app.conventions.schemas import FonctionnalitesConvention
from app.conventions.tables import Convention, ReglageConvention
from app.droits import Acteur, Fonctionnalite
from app.kit.clock import now, today
from app.kit.ids import new_id


async def regler(
    session: AsyncSession, acteur: Acteur, id_: UUID, choix: FonctionnalitesConvention, version: str | None
) -> Convention:
    """Art. 1.2: open or close functions for this convention alone, from today; what stays is not written."""
    convention = await actes.ouvrir(session, acteur, id_, version)
    presents = (await queries.reglages(session, [id_], today()))[id_]
    changes = {f: active for f, active in choix.choix().items() if presents.get(f) is not active}
    if not changes:
        return convention
    await choisir(session, acteur, id_, changes, today())
    return await actes.conclure(session, acteur, convention, "convention.fonctionnalites_reglees")


async def choisir(
    session: AsyncSession,
    acteur: Acteur,
    id_: UUID,
    choix: Mapping[Fonctionnalite, bool | None],
    a_compter_du: date | None,
    avenant_id: UUID | None = None,
) -> None:
    """Write choices with their day and their author; `a_compter_du` None is « from the beginning »."""
    rows = [
        {
            "id": new_id(),
            "convention_id": id_,
            "avenant_id": avenant_id,
            "fonctionnalite": fonctionnalite,
            "active": active,
            "a_compter_du": a_compter_du,
            "modifie_le": now(),
            "auteur_id": acteur.id,
        }
        for fonctionnalite, active in choix.items()
    ]
    if rows:
        await session.execute(insert(ReglageConvention), rows)
