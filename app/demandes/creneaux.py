"""Art. 1.2: what each gesture does to the slots of an appointment, and to a document that goes."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.demandes import lecture, queries
from app.demandes.regles import Geste
from app.demandes.regles_creneaux import PASSAGES, StatutCreneau, refus_des_propositions
from app.demandes.schemas_creneaux import CreneauPropose
from app.demandes.service import Effet
from app.demandes.tables import Creneau, Demande, DemandeDocument
from app.droits import Acteur
from app.erreurs import TransitionInterdite, Validation
from app.kit.calendrier import jour_local
from app.kit.clock import now
from app.kit.ids import new_id
from app.referentiel import queries as referentiel


def proposer(session: AsyncSession, creneaux: Sequence[CreneauPropose]) -> Effet:
    """Art. 1.2: offer slots; those that were offered before and wait for a choice are withdrawn."""

    async def effet(demande: Demande) -> None:
        instant = now()
        if refus := refus_des_propositions([(c.debut, c.fin) for c in creneaux], instant):
            noms = ("champ", "code", "message")
            raise Validation(erreurs=[dict(zip(noms, defaut, strict=True)) for defaut in refus])
        await _passer(session, demande, Geste.PROPOSITIONS)
        ajout = {"demande_id": demande.id, "statut": StatutCreneau.PROPOSE, "modifie_le": instant}
        await session.execute(
            insert(Creneau), [{"id": new_id(), **ajout, **creneau.model_dump()} for creneau in creneaux]
        )

    return effet


def confirmer(session: AsyncSession, acteur: Acteur, creneau_id: UUID) -> Effet:
    """Art. 1.2: the partenaire chooses a slot that has not begun; the other offers are refused with it."""

    async def effet(demande: Demande) -> None:
        creneau = (
            await session.execute(
                select(Creneau.statut, Creneau.debut).where(
                    Creneau.id == creneau_id, Creneau.demande_id == demande.id
                )
            )
        ).one_or_none()
        if creneau is None:
            raise Validation.du_champ(
                "/creneau_id", "ep_inconnu", "Aucun créneau de la demande n'a cet identifiant."
            )
        if creneau.statut is not StatutCreneau.PROPOSE or creneau.debut <= now():
            raise TransitionInterdite(
                "Ce créneau n'est plus proposé, ou a commencé.",
                statut=demande.statut.value,
                actions_possibles=lecture.gestes_possibles(
                    acteur, demande, await queries.objet(session, demande)
                ),
            )
        await _changer(session, [Creneau.id == creneau_id], StatutCreneau.CONFIRME, confirme_le=now())
        await _passer(session, demande, Geste.CONFIRMATION)

    return effet


def passer(session: AsyncSession, geste: Geste, motif: str | None) -> Effet:
    """Art. 1.2: refuse what is offered, or call off what holds, and say why."""

    async def effet(demande: Demande) -> None:
        await _passer(session, demande, geste, motif=motif)

    return effet


def constater(session: AsyncSession, *, honore: bool) -> Effet:
    """Art. 1.2: say whether the person came to the slot that was confirmed."""

    async def effet(demande: Demande) -> None:
        await session.execute(
            update(Creneau)
            .where(
                Creneau.demande_id == demande.id,
                Creneau.statut == StatutCreneau.CONFIRME,
                Creneau.honore.is_(None),
            )
            .values(honore=honore)
        )

    return effet


async def _passer(session: AsyncSession, demande: Demande, geste: Geste, **valeurs: Any) -> None:
    """Do to the slots that hold what the table of passages says of a gesture."""
    for depuis, vers in PASSAGES[geste].items():
        tenus = [
            Creneau.demande_id == demande.id,
            Creneau.statut == depuis,
            Creneau.honore.is_(None),
        ]
        await _changer(session, tenus, vers, **valeurs)


async def _changer(session: AsyncSession, lesquels: list[Any], vers: StatutCreneau, **valeurs: Any) -> None:
    await session.execute(update(Creneau).where(*lesquels).values(statut=vers, modifie_le=now(), **valeurs))


def envoyer(session: AsyncSession, le: date) -> Effet:
    """Art. 1.2: the document went by post, to the address of the assuré known to the caisse."""

    async def effet(demande: Demande) -> None:
        caisse = await referentiel.caisse(session, demande.caisse)
        if caisse is None or le < jour_local(demande.deposee_le, caisse.fuseau):
            raise Validation.du_champ(
                "/le", "ep_date_passee", "L'envoi ne peut pas précéder le dépôt de la demande."
            )
        await session.execute(
            update(DemandeDocument).where(DemandeDocument.demande_id == demande.id).values(envoye_le=le)
        )

    return effet
