"""Art. 3.2: the windows of maintenance: announced to all, kept by every process, cancelled when they must be."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.disponibilite import regles
from app.disponibilite.regles import DUREE_MAXIMALE, StatutMaintenance
from app.disponibilite.schemas import MaintenanceAnnulation, MaintenanceDepot, MaintenanceLue
from app.disponibilite.tables import Maintenance
from app.droits import Acteur
from app.erreurs import Introuvable, TransitionInterdite, Validation
from app.evenements.service import publier
from app.journal.service import Objet, inscrire
from app.kit.clock import now
from app.kit.etag import check_version
from app.kit.ids import new_id
from app.kit.jobs import enqueue
from app.kit.outage import MEMORY, Window
from app.kit.session import after_commit


async def annoncer(session: AsyncSession, acteur: Acteur, depot: MaintenanceDepot) -> Maintenance:
    """Art. 3.2: announce a window, by mail and event too; from its commit this process keeps it.

    The others learn of it within `EP_STATUS_SECONDS`. Raises Validation.
    """
    if depot.fin <= max(depot.debut, now()):
        raise Validation.du_champ("/fin", "ep_fin", "La fin doit être à venir, et suivre le début.")
    if depot.fin - depot.debut > DUREE_MAXIMALE:
        raise Validation.du_champ("/fin", "ep_duree", "Une maintenance dure sept jours au plus.")
    if acteur.id is None:
        raise Introuvable
    maintenance = Maintenance(
        id=new_id(),
        debut=depot.debut,
        fin=depot.fin,
        message=depot.message,
        annoncee_le=now(),
        auteur_id=acteur.id,
    )
    session.add(maintenance)
    await session.flush()
    window = Window(maintenance.id, maintenance.debut, maintenance.fin)
    after_commit(session, lambda: MEMORY.add(window))
    await _dire(session, acteur, maintenance, "maintenance.annoncee", confirme=bool(depot.passages_confirmes))
    return maintenance


async def annuler(
    session: AsyncSession,
    acteur: Acteur,
    id_: UUID,
    annulation: MaintenanceAnnulation | None,
    version: str | None,
) -> Maintenance:
    """Cancel a window to come, or end at once the one in force. Raises Introuvable, TransitionInterdite."""
    maintenance = await session.get(Maintenance, id_, with_for_update=True)
    if maintenance is None:
        raise Introuvable
    check_version(maintenance.version, version)
    statut = statut_de(maintenance)
    if statut not in {StatutMaintenance.ANNONCEE, StatutMaintenance.EN_COURS}:
        raise TransitionInterdite(
            "Cette maintenance est terminée ou déjà annulée.", statut=statut.value, actions_possibles=[]
        )
    maintenance.annulee_le = now()
    maintenance.motif_annulation = annulation.motif if annulation else None
    await session.flush()
    after_commit(session, lambda: MEMORY.remove(id_))
    confirme = bool(annulation and annulation.passages_confirmes)
    await _dire(session, acteur, maintenance, "maintenance.annulee", confirme=confirme)
    return maintenance


async def _dire(
    session: AsyncSession, acteur: Acteur, maintenance: Maintenance, evenement: str, *, confirme: bool
) -> None:
    await enqueue(
        session, "disponibilite.diffuser_maintenance", maintenance_id=str(maintenance.id), evenement=evenement
    )
    objet = Objet("maintenance", maintenance.id)
    await publier(session, acteur, evenement, objet)
    if confirme:
        await inscrire(session, acteur, "texte.confirme", objet)


def toutes() -> Select[Maintenance]:
    return select(Maintenance).order_by(Maintenance.debut.desc(), Maintenance.id.desc())


async def une(session: AsyncSession, id_: UUID) -> Maintenance:
    maintenance = await session.get(Maintenance, id_)
    if maintenance is None:
        raise Introuvable
    return maintenance


def statut_de(maintenance: Maintenance) -> StatutMaintenance:
    annulee = maintenance.annulee_le is not None
    return regles.statut(maintenance.debut, maintenance.fin, annulee=annulee, maintenant=now())


def lire(maintenance: Maintenance) -> MaintenanceLue:
    return MaintenanceLue(
        id=maintenance.id,
        debut=maintenance.debut,
        fin=maintenance.fin,
        message=maintenance.message,
        statut=statut_de(maintenance),
        urgente=regles.urgente(maintenance.annoncee_le, maintenance.debut),
        annoncee_le=maintenance.annoncee_le,
        annulee_le=maintenance.annulee_le,
        motif_annulation=maintenance.motif_annulation,
    )
