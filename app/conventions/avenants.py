"""Art. 8.3: a change of the convention, with its day and what it changes; the former terms stay readable."""

from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.conventions import actes, fonctionnalites, queries
from app.conventions.regles import VIVANTES, entree_en_vigueur, fin_de_vie
from app.conventions.schemas_actes import AvenantDepot
from app.conventions.tables import Avenant, Convention
from app.droits import Acteur
from app.erreurs import Introuvable, Validation
from app.kit.clock import now, today


async def conclure(
    session: AsyncSession, acteur: Acteur, id_: UUID, depot: AvenantDepot, version: str | None
) -> Avenant:
    """Record an avenant: from its day, past or to come, the terms are its own.

    Raises Introuvable, VersionPerimee, EtatDeLaConvention, Validation, ConventionDejaOuverte.
    """
    convention = await actes.ouvrir(session, acteur, id_, version, *VIVANTES)
    modifications = depot.modifications
    pendant_la_convention(convention, depot.le, "/le")
    if modifications.fin_le is not None and modifications.fin_le < max(depot.le, today()):
        raise Validation.du_champ(
            "/modifications/fin_le", "ep_date_passee", "Une fin fixée par avenant n'est pas déjà passée."
        )
    avenant = Avenant(
        convention_id=id_,
        le=depot.le,
        objet=depot.objet,
        tacite_reconduction=modifications.tacite_reconduction,
        fin_le=modifications.fin_le,
        objet_convention=modifications.objet,
        enregistre_le=now(),
        auteur_id=acteur.id,
    )
    session.add(avenant)
    await session.flush()
    await fonctionnalites.choisir(session, acteur, id_, modifications.choix(), depot.le, avenant.id)
    await session.refresh(convention, ["changements"])
    await actes.conclure(session, acteur, convention, "convention.avenant", depot)
    return avenant


def pendant_la_convention(convention: Convention, jour: date, champ: str) -> None:
    """Art. 8: an act on a convention is dated between its entry into force and its end. Raises Validation."""
    debut, fin = entree_en_vigueur(convention.termes), fin_de_vie(convention.termes)
    if debut is None or jour < debut or (fin is not None and jour >= fin):
        raise Validation.du_champ(
            champ, "ep_hors_convention", "La convention n'est pas en vigueur ce jour-là."
        )


async def lire(session: AsyncSession, acteur: Acteur, id_: UUID, avenant_id: UUID) -> Avenant:
    await actes.visible(session, acteur, id_)
    avenant = await session.scalar(queries.avenants(id_).where(Avenant.id == avenant_id))
    if avenant is None:
        raise Introuvable
    return avenant
