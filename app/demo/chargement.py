"""The order of the demo: who there is, then what they did."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sqlalchemy import func, select

from app.comptes import queries as comptes_queries
from app.demo import documents, rendez_vous, signalements
from app.demo.personnages import CAISSES
from app.demo.structures import creer_application, creer_caisses, creer_comptes, creer_structures
from app.kit.session import database
from app.pieces import controles
from app.referentiel.tables import Caisse

Avance = Callable[[int, int], None]


class DejaRemplie(Exception):  # noqa: N818  # the fact
    """The database is not empty."""


async def charger(avance: Avance) -> dict[str, list[dict[str, Any]]]:
    """Fill an empty database, and return its accounts and applications. Raises DejaRemplie.

    `avance` hears of each request done, and of how many there will be.
    """
    async with database().transaction() as session:
        if await session.scalar(select(func.count()).select_from(Caisse)):
            raise DejaRemplie
        cgu = await comptes_queries.cgu_en_vigueur(session)
        await creer_caisses(session)
        partenaires = await creer_structures(session)
        comptes = await creer_comptes(session, partenaires, cgu.version if cgu else None)
        applications = [await creer_application(session, code) for code, *_ in CAISSES]
        applications.append(await creer_application(session, None))
    histoires = [*signalements.histoires(), *rendez_vous.histoires(), *documents.histoires()]
    try:
        for rang, histoire in enumerate(histoires, start=1):
            await histoire()
            avance(rang, len(histoires))
    finally:
        controles.BAC.stop()
    return {"comptes": [asdict(c) for c in comptes], "applications": [asdict(a) for a in applications]}
