"""The journal is sealed every hour: what is older than that can be vouched for (art. 9).

The log line is a copy of the seal outside the database.
"""

import structlog

from app.journal import sceaux
from app.kit.jobs import jobs
from app.kit.session import database

log = structlog.get_logger("journal")


@jobs.periodic(cron="3 * * * *")
@jobs.task(queueing_lock="journal.sceller", pass_context=False)
async def sceller(timestamp: int) -> None:
    _ = timestamp
    async with database().transaction() as session:
        sceau = await sceaux.sceller(session)
        await sceaux.oublier(session)
    log.info("sealed", rang=sceau.rang, sceau=sceau.sceau)
