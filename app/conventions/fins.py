"""Art. 8.1, 8.2: how a convention ends: not renewed, or terminated."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.conventions import actes, mises_en_demeure
from app.conventions.avenants import pendant_la_convention
from app.conventions.regles import (
    VIVANTES,
    Cause,
    Partie,
    manquement_permis,
    periode_du_jour,
    resiliable_le,
    statut,
)
from app.conventions.schemas import Denonciation, Resiliation
from app.conventions.tables import Convention
from app.droits import Acteur
from app.erreurs import EtatDeLaConvention, PreavisDeMiseEnDemeure, Validation
from app.kit.clock import today


async def denoncer(
    session: AsyncSession, acteur: Acteur, id_: UUID, denonciation: Denonciation, version: str | None
) -> Convention:
    """Art. 8.1: no renewal: the convention is in force until the end of its current period, then expires.

    Raises Introuvable, VersionPerimee, EtatDeLaConvention, Validation.
    """
    convention = await _pas_encore(session, acteur, id_, version, "denoncee_le")
    periode = periode_du_jour(convention.termes, today())
    if periode is None or not periode.debut <= denonciation.le <= periode.fin:
        raise Validation.du_champ(
            "/le",
            "ep_hors_periode",
            "La dénonciation est datée de la période en cours, qu'elle rend la dernière.",
        )
    convention.denoncee_le, convention.denoncee_par = denonciation.le, denonciation.partie
    convention.motif_denonciation = denonciation.motif
    return await actes.conclure(session, acteur, convention, "convention.denoncee", denonciation)


async def resilier(
    session: AsyncSession, acteur: Acteur, id_: UUID, resiliation: Resiliation, version: str | None
) -> Convention:
    """Art. 8.2: end the convention on a day, past or to come; the convention métier takes it with it.

    Raises Introuvable, VersionPerimee, EtatDeLaConvention, Validation, PreavisDeMiseEnDemeure.
    """
    convention = await _pas_encore(session, acteur, id_, version, "resiliee_le")
    pendant_la_convention(convention, resiliation.le, "/le")
    partie = await _partie(session, convention, resiliation)
    convention.resiliee_le, convention.resiliee_par = resiliation.le, partie
    convention.resiliation_objet, convention.resiliation_cause = resiliation.objet, resiliation.cause
    convention.motif_resiliation = resiliation.motif
    convention.mise_en_demeure_id = resiliation.mise_en_demeure_id
    evenement = actes.RESILIEE if resiliation.le <= today() else "convention.resiliation_prevue"
    return await actes.conclure(session, acteur, convention, evenement, resiliation)


async def _pas_encore(
    session: AsyncSession, acteur: Acteur, id_: UUID, version: str | None, champ: str
) -> Convention:
    """Return a convention in force that this act has not touched: a denunciation, a termination is one."""
    convention = await actes.ouvrir(session, acteur, id_, version, *VIVANTES)
    if getattr(convention, champ) is not None:
        raise EtatDeLaConvention(statut=statut(convention.termes, today()).value)
    return convention


async def _partie(session: AsyncSession, convention: Convention, resiliation: Resiliation) -> Partie | None:
    """Art. 8.2: who ends it; a breach needs a formal notice whose 30 days are over, not repaired."""
    if resiliation.cause is not Cause.MANQUEMENT:
        if resiliation.mise_en_demeure_id is not None:
            raise Validation.du_champ(
                "/mise_en_demeure_id", "ep_sans_objet", "Une mise en demeure ne fonde qu'un manquement."
            )
        return resiliation.partie
    if resiliation.mise_en_demeure_id is None:
        raise Validation.du_champ(
            "/mise_en_demeure_id", "missing", "Un manquement se fonde sur une mise en demeure."
        )
    demeure = await mises_en_demeure.de_la_convention(session, convention.id, resiliation.mise_en_demeure_id)
    if demeure is None:
        raise Validation.du_champ(
            "/mise_en_demeure_id",
            "ep_inconnu",
            "Aucune mise en demeure de cette convention n'a cet identifiant.",
        )
    if resiliation.partie not in {None, demeure.partie}:
        raise Validation.du_champ("/partie", "ep_autre_partie", "Celle qui a mis en demeure résilie.")
    if not manquement_permis(demeure.recue_le, demeure.reparee_le, resiliation.le):
        raise PreavisDeMiseEnDemeure(
            resiliable_le=resiliable_le(demeure.recue_le).isoformat(),
            reparee_le=demeure.reparee_le.isoformat() if demeure.reparee_le else None,
        )
    return demeure.partie
