"""What the observation reads, each in one statement: windows, jobs, contacts."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.conventions.regles import en_vigueur
from app.conventions.tables import Convention
from app.disponibilite.tables import Maintenance
from app.droits import Fonctionnalite
from app.kit.outage import Channel
from app.referentiel import queries as referentiel
from app.referentiel.regles import fonctionnalites_ouvertes
from app.referentiel.tables import Caisse, ListeReferents

# The jobs that are due, the oldest of them, and the last sign of a worker: along the queue's own indexes.
JOBS = text(
    """
    SELECT (SELECT count(*) FROM procrastinate_jobs
            WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now()) AS en_attente,
        (SELECT now() - coalesce(j.scheduled_at, min(e.at)) FROM (
            SELECT id, scheduled_at FROM procrastinate_jobs
            WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now() ORDER BY id LIMIT 1) j
            LEFT JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred'
            GROUP BY j.id, j.scheduled_at) AS attente,
        (SELECT now() - max(last_heartbeat) FROM procrastinate_workers) AS dernier_signe
    """
)


async def travaux(session: AsyncSession) -> tuple[int, timedelta, timedelta | None]:
    row = (await session.execute(JOBS)).one()
    return row.en_attente, row.attente or timedelta(0), row.dernier_signe


async def fenetres(session: AsyncSession, instant: datetime) -> list[Maintenance]:
    """Return the windows in force or to come, the nearest first."""
    rows = await session.scalars(
        select(Maintenance)
        .where(Maintenance.annulee_le.is_(None), Maintenance.fin > instant)
        .order_by(Maintenance.debut, Maintenance.id)
    )
    return list(rows)


async def voies(session: AsyncSession) -> dict[str, Channel]:
    """Return, for each caisse, the functions that it opens to all and its référents."""
    codes = list(await session.scalars(select(Caisse.code)))
    reglages = await referentiel.reglages(session, codes)
    listes = await session.execute(
        select(ListeReferents.caisse, ListeReferents.personnes).where(ListeReferents.caisse.is_not(None))
    )
    personnes: dict[str, list[dict[str, Any]]] = {caisse: nommes for caisse, nommes in listes if caisse}
    ouvertes = {
        code: fonctionnalites_ouvertes({f: r.active for f, r in reglages[code].items()}, {}) for code in codes
    }
    return {
        code: Channel(
            tuple(f.value for f in Fonctionnalite if f in ouvertes[code]), tuple(personnes.get(code, []))
        )
        for code in sorted(codes)
    }


async def portees(session: AsyncSession, jour: date) -> dict[str, tuple[str, ...]]:
    """Return, for each structure, the caisses whose convention with it is in force on a day."""
    par_structure: dict[str, set[str]] = {}
    for convention in await session.scalars(select(Convention)):
        if en_vigueur(convention.termes, jour):
            par_structure.setdefault(str(convention.partenaire_id), set()).add(convention.caisse)
    return {structure: tuple(sorted(caisses)) for structure, caisses in par_structure.items()}
