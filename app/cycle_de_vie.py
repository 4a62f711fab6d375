"""The daily rules, one list; each act in its own transaction, and twice changes nothing more.

Access follows the dates at every call, whether this ran or not: here is settled what must be stored.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.acces import cles, codes, throttle
from app.applications import echeances as secrets_applications
from app.comptes import echeances, liens
from app.conventions import echeances as conventions
from app.demandes import creneaux_du_jour
from app.habilitations import revues, suppression
from app.journal import conservation
from app.kit import clock, idempotency
from app.kit.jobs import jobs
from app.kit.session import database
from app.portail import sessions
from app.provenance import appareils
from app.rgpd import purges
from app.rgpd import purges_assistance as assistance
from app.webhooks import livraison

PARIS = ZoneInfo("Europe/Paris")

# What a rule bears on: an identifier, or the name of a chain of the journal.
Chercher = Callable[[AsyncSession, date], Awaitable[Sequence[Any]]]
Appliquer = Callable[[AsyncSession, Any, date], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Regle:
    nom: str
    article: str
    chercher: Chercher
    appliquer: Appliquer


REGLES: tuple[Regle, ...] = (
    # Before the accounts: the mails of the end of a convention go to the gestionnaires of that day.
    Regle("convention.echeance", "8.1", conventions.a_constater, conventions.constater),
    Regle("compte.fin_annoncee", "2.2.3", echeances.fins_prevues, echeances.finir),
    Regle("compte.fin_des_conventions", "2.2.3", echeances.des_structures_closes, echeances.fermer),
    Regle("compte.suppression", "2.2.3", suppression.a_supprimer, suppression.supprimer),
    Regle("revue.reouverture", "4.2", revues.a_rouvrir, revues.rouvrir_une),
    Regle("revue.rappel", "4.2", revues.a_rappeler, revues.rappeler_une),
    Regle(
        "application.secret_a_renouveler",
        "4.1",
        secrets_applications.a_annoncer,
        secrets_applications.annoncer,
    ),
    Regle("rendez_vous.rappel", "1.2", creneaux_du_jour.a_rappeler_ce_jour, creneaux_du_jour.rappeler),
    Regle("rendez_vous.echu", "1.2", creneaux_du_jour.echus, creneaux_du_jour.echoir),
    Regle("habilitation.effacement", "5", suppression.refus_a_effacer, suppression.effacer_refus),
    Regle("journal.purge", "5", conservation.a_purger, conservation.purger),
    Regle("demande.consentement_retire", "5", purges.consentements_retires, purges.vider_retiree),
    Regle("piece.conservation", "5, 7.1", purges.pieces_echues, purges.effacer_les_pieces),
    Regle("demande.conservation", "5, 7.1", purges.a_vider, purges.vider_echue),
    Regle("demande.residu", "5, 7.1", purges.residus, purges.supprimer_residu),
    Regle("maintenance.conservation", "5", assistance.maintenances, assistance.supprimer_maintenance),
    Regle("avis.conservation", "5", assistance.avis, assistance.supprimer_avis),
    Regle(
        "dysfonctionnement.conservation",
        "5, 7.1",
        assistance.dysfonctionnements,
        assistance.supprimer_dysfonctionnement,
    ),
)


@dataclass(frozen=True, slots=True)
class Acte:
    """What was done, or would be: a rule and the row that it bears on."""

    regle: str
    article: str
    id: str


async def vivre(jour: date, *, a_blanc: bool = False) -> list[Acte]:
    """Run the rules as of a day; catching up after a stop is the same as running on time."""
    actes: list[Acte] = []
    with clock.pretend(datetime.combine(jour, time(12), tzinfo=PARIS)):
        for regle in REGLES:
            async with database().transaction() as session:
                cibles = await regle.chercher(session, jour)
            faits = [cible for cible in cibles if a_blanc or await _appliquer(regle, cible, jour)]
            actes += [Acte(regle.nom, regle.article, str(cible)) for cible in faits]
        if not a_blanc:
            await _oublier(jour)
    return actes


async def _appliquer(regle: Regle, cible: Any, jour: date) -> bool:
    async with database().transaction() as session:
        return await regle.appliquer(session, cible, jour)


async def _oublier(jour: date) -> None:
    """Forget what was kept for a time: idempotent answers, failed sign-ins, links, codes, sessions, devices, keys."""
    async with database().transaction() as session:
        await idempotency.purge(session)
        await throttle.purge(session)
        await liens.oublier(session)
        await codes.oublier(session)
        await sessions.oublier(session)
        await cles.oublier(session)
        await livraison.oublier(session)
        await appareils.oublier(session, jour)


# In UTC: the hour when every caisse, from the Antilles to La Réunion, lives the same day.
@jobs.periodic(cron="10 4 * * *")
@jobs.task(queueing_lock="cycle_de_vie", pass_context=False)
async def chaque_jour(timestamp: int) -> None:
    _ = timestamp
    await vivre(clock.today())
