"""Walk a long journal and follow a long feed: `EP_DATA_DIR=… python -m bench.journal [--lignes 200000]`.

Figures are ratios taken side by side on this machine: a verified walk over a bare read of the same lines, the walk
of all the lines over that of the first 50,000, the memory that it adds, and a page of the feed over the same number
of events read by their key. Wants a database of its own; it adds to it.
"""

import argparse
import asyncio
import resource
import time
from collections.abc import Awaitable, Callable

import sqlalchemy as sa

from app import serving
from app.droits import Acteur, Role
from app.evenements.queries import suite
from app.journal.tables import Ligne
from app.journal.verification import LOT, Constat, verifier
from app.kit.session import Scope, Visibility, as_owner, database

CHAINE, PAGE, LOT_ECRIT, LOT_EVENEMENTS, PETIT = "999", 50, 1_000, 10_000, 50_000
LIGNES = sa.text(
    "INSERT INTO journal (chaine, le, role, action, ressource, ressource_id, caisse)"
    " SELECT '999', now(), 'systeme', 'bench.ecrit', 'bench', n, '999' FROM generate_series(1, :n) n"
)
EVENEMENTS = sa.text(
    "INSERT INTO evenements (id, type, ressource, ressource_id, caisse, date)"
    " SELECT gen_random_uuid(), 'bench.ecrit', 'bench', n, lpad((n % 100)::text, 3, '0'), now()"
    " FROM generate_series(1, :n) n"
)


async def remplir(lignes: int) -> None:
    for _ in range(lignes // LOT_ECRIT):  # the head of a chain is one row: many lines are many transactions
        async with as_owner() as session:
            await session.execute(LIGNES, {"n": LOT_ECRIT})
    for _ in range(lignes // LOT_EVENEMENTS):  # one statement for all would meet the time limit of statements
        async with as_owner() as session:
            await session.execute(EVENEMENTS, {"n": LOT_EVENEMENTS})
    async with as_owner() as session:
        await session.execute(sa.text("ANALYZE journal, evenements"))


async def marche() -> None:
    async with database().transaction(one_instant=True) as session:
        assert [a async for a in verifier(session, Constat(), CHAINE)] == []


async def lecture_nue() -> None:
    async with database().transaction(one_instant=True) as session:
        nue = sa.select(Ligne.numero, Ligne.precedente, Ligne.empreinte).where(Ligne.chaine == CHAINE)
        lues = await session.stream(nue.order_by(Ligne.numero).execution_options(yield_per=LOT))
        async for _ in lues.partitions():
            pass


def fil(apres: int) -> Callable[[], Awaitable[None]]:
    acteur = Acteur(None, Role.AGENT_CAISSE, caisse="042", ouvertes={"042": frozenset()}, humain=False)

    async def lire() -> None:
        async with database().transaction(Visibility(Scope.CAISSE, caisses=("042",))) as session:
            assert len((await session.execute(suite(acteur, apres, PAGE))).all()) == PAGE

    return lire


async def par_cle(apres: int) -> None:
    async with database().transaction() as session:
        cles = sa.text("SELECT * FROM evenements WHERE numero > :a ORDER BY numero LIMIT :n")
        (await session.execute(cles, {"a": apres, "n": PAGE})).all()


async def duree(quoi: Callable[[], Awaitable[None]], tours: int) -> float:
    await quoi()
    mesures = []
    for _ in range(tours):
        debut = time.perf_counter()
        await quoi()
        mesures.append(time.perf_counter() - debut)
    return min(mesures)


def memoire() -> float:
    """Return the most memory that this process has ever held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def mesurer(lignes: int) -> None:
    await remplir(PETIT)
    courte, avant = await duree(marche, 2), memoire()
    await remplir(lignes - PETIT)
    verifiee, nue = await duree(marche, 2), await duree(lecture_nue, 2)
    print(f"journal verify: {lignes / verifiee:,.0f} lines a second, {verifiee / nue:.2f} times a bare read")
    print(
        f"{lignes:,} lines: {verifiee / courte:.1f} times {PETIT:,}, for {lignes / PETIT:.0f} times the lines;"
        f" {memoire() - avant:.0f} MiB more at the most, both walks included"
    )
    async with database().transaction() as session:
        fin = await session.scalar(sa.text("SELECT max(numero) FROM evenements"))
    for nom, apres in (("first page", 0), ("last page", fin - 100 * PAGE - 100)):
        page, cle = await duree(fil(apres), 20), await duree(lambda a=apres: par_cle(a), 20)
        print(f"feed, {nom} of {lignes:,} events: {page / cle:.2f} times a read by key")
    await database().engine.dispose()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lignes", type=int, default=200_000)
    serving.prepare()
    asyncio.run(mesurer(options.parse_args().lignes))


if __name__ == "__main__":
    main()
