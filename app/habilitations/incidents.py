"""Art. 4.1: frauds, thefts, losses and misuses, with their proof; the account is cut at once."""

from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes import fin_de_compte, queries, structures
from app.comptes.tables import Compte
from app.droits import Acteur, Role
from app.erreurs import Introuvable, Validation
from app.evenements.service import publier
from app.habilitations.regles import COUPENT_AUSSITOT
from app.habilitations.schemas import IncidentDepot
from app.habilitations.tables import Incident
from app.journal.service import Objet
from app.kit.clock import now
from app.kit.jobs import enqueue


def visibles(acteur: Acteur) -> Select[Incident]:
    """Select the incidents that an actor may know: its structure's, its own, or its caisse's structures'."""
    statement = select(Incident).order_by(Incident.declare_le.desc(), Incident.id.desc())
    if acteur.cote_caisse:
        return statement.where(func.ep_partenaire_de_la_caisse(Incident.partenaire_id, acteur.caisse))
    if acteur.role is Role.GESTIONNAIRE:
        return statement.where(Incident.partenaire_id == acteur.partenaire_id)
    return statement.where(Incident.compte_id == acteur.id)


async def visible(session: AsyncSession, acteur: Acteur, id_: UUID) -> Incident:
    incident = await session.scalar(visibles(acteur).where(Incident.id == id_))
    if incident is None:
        raise Introuvable
    return incident


async def declarer(session: AsyncSession, acteur: Acteur, depot: IncidentDepot) -> Incident:
    """Art. 4.1: fraud, theft, loss: the account is inactivated at once, even the last gestionnaire's."""
    compte = await _compte(session, acteur, depot.compte_id)
    if acteur.cote_caisse and compte.partenaire_id is not None:
        await structures.exiger_convention(session, acteur, compte.partenaire_id)
    coupe = depot.nature in COUPENT_AUSSITOT
    if acteur.id is None:
        raise Introuvable
    incident = Incident(
        nature=depot.nature,
        compte_id=compte.id,
        partenaire_id=compte.partenaire_id,
        caisse=acteur.caisse,
        declarant_id=acteur.id,
        constate_le=depot.constate_le,
        preuve=depot.preuve,
        description=depot.description,
        declare_le=now(),
        compte_coupe=coupe,
    )
    session.add(incident)
    await session.flush()
    cotes = ("structure", "caisses")
    for cote in cotes:
        await enqueue(session, "comptes.avertir_incident", incident_id=str(incident.id), cote=cote)
    if coupe:
        await fin_de_compte.inactiver(session, acteur, compte, f"Incident : {depot.nature.value}")
    objet = Objet("incident", incident.id, acteur.caisse, compte.partenaire_id)
    await publier(session, acteur, "incident.declare", objet)
    await fin_de_compte.noter_confirmation(session, acteur, depot, objet)
    return incident


async def _compte(session: AsyncSession, acteur: Acteur, id_: UUID) -> Compte:
    """Return the account concerned: one's own for a technicien, one of the structure else."""
    for role in (Role.TECHNICIEN, Role.GESTIONNAIRE):
        compte = await queries.a_couper(session, acteur, role, id_)
        if compte is not None and (acteur.role is not Role.TECHNICIEN or compte.id == acteur.id):
            return compte
    raise Validation.du_champ(
        "/compte_id", "ep_inconnu", "Aucun compte que vous puissiez déclarer n'a cet identifiant."
    )
