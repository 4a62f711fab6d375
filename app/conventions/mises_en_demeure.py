"""Art. 8.2: the formal notice for a breach, its receipt, its repair."""

from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.conventions import actes, queries
from app.conventions.regles import VIVANTES, entree_en_vigueur
from app.conventions.schemas_actes import MiseEnDemeureDepot, Reparation
from app.conventions.tables import Convention, MiseEnDemeure
from app.droits import Acteur
from app.erreurs import DejaReparee, Introuvable, Validation
from app.kit.clock import now, today


async def enregistrer(
    session: AsyncSession, acteur: Acteur, id_: UUID, depot: MiseEnDemeureDepot, version: str | None
) -> MiseEnDemeure:
    """Record a notice that was received. Raises Introuvable, VersionPerimee, EtatDeLaConvention, Validation."""
    convention = await actes.ouvrir(session, acteur, id_, version, *VIVANTES)
    _entre(entree_en_vigueur(convention.termes), depot.recue_le, "/recue_le")
    demeure = MiseEnDemeure(
        convention_id=id_,
        partie=depot.partie,
        recue_le=depot.recue_le,
        motif=depot.motif,
        enregistree_le=now(),
        auteur_id=acteur.id,
    )
    session.add(demeure)
    await session.flush()
    await actes.conclure(session, acteur, convention, "convention.mise_en_demeure", depot)
    return demeure


async def reparer(
    session: AsyncSession,
    acteur: Acteur,
    id_: UUID,
    demeure_id: UUID,
    reparation: Reparation,
    version: str | None,
) -> MiseEnDemeure:
    """Art. 8.2: a repaired breach ends nothing: a termination to come that leans on it falls.

    Raises Introuvable, VersionPerimee, EtatDeLaConvention, DejaReparee, Validation.
    """
    convention = await actes.visible(session, acteur, id_, verrou=True)
    demeure = await de_la_convention(session, id_, demeure_id)
    if demeure is None:
        raise Introuvable
    convention = await actes.ouvrir(session, acteur, id_, version, *VIVANTES)
    if demeure.reparee_le is not None:
        raise DejaReparee
    _entre(demeure.recue_le, reparation.le, "/le")
    demeure.reparee_le = reparation.le
    evenement = "convention.manquement_repare"
    if convention.mise_en_demeure_id == demeure_id:
        _annuler_resiliation(convention)
        evenement = "convention.resiliation_annulee"
    await actes.conclure(session, acteur, convention, evenement)
    return demeure


def _annuler_resiliation(convention: Convention) -> None:
    convention.resiliee_le = convention.resiliee_par = convention.motif_resiliation = None
    convention.resiliation_objet = convention.resiliation_cause = convention.mise_en_demeure_id = None


async def de_la_convention(session: AsyncSession, id_: UUID, demeure_id: UUID) -> MiseEnDemeure | None:
    return await session.scalar(queries.mises_en_demeure(id_).where(MiseEnDemeure.id == demeure_id))


async def lire(session: AsyncSession, acteur: Acteur, id_: UUID, demeure_id: UUID) -> MiseEnDemeure:
    await actes.visible(session, acteur, id_)
    demeure = await de_la_convention(session, id_, demeure_id)
    if demeure is None:
        raise Introuvable
    return demeure


def _entre(debut: date | None, jour: date, champ: str) -> None:
    """Refuse a day that has not come, or that precedes what it answers."""
    if jour > today():
        raise Validation.du_champ(champ, "ep_futur", "Ce jour n'est pas encore venu.")
    if debut is None or jour < debut:
        raise Validation.du_champ(champ, "ep_trop_tot", "Ce jour précède ce à quoi il répond.")
