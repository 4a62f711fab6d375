"""Read the figures of a large caisse: `EP_DATA_DIR=… python -m bench.statistiques [--demandes 100000]`.

Wants an installation of its own, where `demo` ran; it adds requests to it. Figures are ratios taken side by side on
this machine: reading the figures over a bare count of the same rows by the same axes, at two sizes, and how long an
ordinary reading of a request waits while another call reads the figures, over its time when nobody does.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

import sqlalchemy as sa

from app import seed, serving
from app.droits import Acteur, Fonctionnalite, Role
from app.kit.session import database, sight
from app.statistiques.regles import Axe
from app.statistiques.service import Vue
from app.statistiques.service import statistiques as lire

CAISSE, TOURS = "611", 3
AGENT = Acteur(
    None, Role.AGENT_CAISSE, caisse=CAISSE, ouvertes={CAISSE: frozenset(Fonctionnalite)}, humain=False
)
COMPTE = sa.text(
    "SELECT partenaire_id, type, statut, count(*) FROM demandes WHERE caisse = :c GROUP BY 1, 2, 3"
)
UNE = sa.text("SELECT statut FROM demandes WHERE caisse = :c LIMIT 1")


async def figures() -> None:
    async with database().transaction(sight(AGENT)) as session:
        await lire(session, AGENT, Vue((Axe.MOIS,)), Vue((Axe.TYPE,)))


def sql(requete: sa.TextClause) -> Callable[[], Awaitable[None]]:
    async def lue() -> None:
        async with database().transaction(sight(AGENT)) as session:
            (await session.execute(requete, {"c": CAISSE})).all()

    return lue


async def duree(quoi: Callable[[], Awaitable[None]]) -> float:
    debut = time.perf_counter()
    await quoi()
    return time.perf_counter() - debut


async def mesurer() -> None:
    async with database().transaction(sight(AGENT)) as session:
        nombre = await session.scalar(
            sa.text("SELECT count(*) FROM demandes WHERE caisse = :c"), {"c": CAISSE}
        )
    await figures()
    lues = min([await duree(figures) for _ in range(TOURS)])
    compte = min([await duree(sql(COMPTE)) for _ in range(TOURS)])
    print(f"{nombre} requests: the figures take {lues / compte:.0f} times a bare count ({lues:.2f} s here)")
    seule = statistics.median([await duree(sql(UNE)) for _ in range(50)])
    tache, attentes = asyncio.create_task(figures()), []
    while not tache.done():
        attentes.append(await duree(sql(UNE)))
    print(
        f"  a reading beside them: median {statistics.median(attentes) / seule:.1f}, longest"
        f" {max(attentes) / seule:.0f} times its time alone ({max(attentes) * 1000:.0f} ms here)"
    )


async def serie(tailles: list[int]) -> None:
    for taille in tailles:
        await asyncio.to_thread(seed.semer, taille, lambda *_: None)
        await mesurer()
    await database().engine.dispose()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--demandes", type=int, default=100_000)
    serving.prepare()
    total = options.parse_args().demandes
    asyncio.run(serie([total // 10, total - total // 10]))


if __name__ == "__main__":
    main()
