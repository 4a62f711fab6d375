"""Art. 2.2.2, 2.2.3, 4.1: what the caisse does to the gestionnaires' accounts of its partenaires."""

from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes import fin_de_compte, queries, structures, techniciens
from app.comptes.schemas import FinDeGestionnaire, GestionnaireModification, Motif
from app.comptes.tables import Compte
from app.droits import Acteur, Role
from app.erreurs import Introuvable
from app.evenements.service import publier
from app.kit.etag import check_version


async def gestionnaire(session: AsyncSession, acteur: Acteur, id_: UUID, *, verrou: bool = False) -> Compte:
    compte = await queries.de_la_structure_par_id(session, acteur, Role.GESTIONNAIRE, id_, verrou=verrou)
    if compte is None:
        raise Introuvable
    return compte


async def modifier(
    session: AsyncSession,
    acteur: Acteur,
    id_: UUID,
    changement: GestionnaireModification,
    version: str | None,
) -> Compte:
    """Art. 2.2.2: by the caisse only, on the partenaire's request: téléphone, e-mail, fonction, nom."""
    compte = await gestionnaire(session, acteur, id_, verrou=True)
    check_version(compte.version, version)
    structure = await structures.structure(session, acteur, compte.partenaire_id)
    await structures.exiger_convention(session, acteur, structure.id)
    if changement.email is not None:
        structures.verifier_adresse(structure, Role.GESTIONNAIRE, changement.email)
    await techniciens.changer(
        session, compte, changement.model_dump(exclude_unset=True, exclude={"demande_recue_le"})
    )
    await publier(session, acteur, "compte.modifie", fin_de_compte.objet(compte))
    return compte


async def inactiver(session: AsyncSession, acteur: Acteur, id_: UUID, fin: FinDeGestionnaire) -> Compte:
    """Art. 2.2.3: by the caisse on receipt of the information; never the last one by hand."""
    compte = await gestionnaire(session, acteur, id_)
    await structures.exiger_convention(session, acteur, _structure(compte))
    fini = await finir(session, acteur, id_, fin.motif, fin.effet_le, fin.successeur_id)
    await fin_de_compte.noter_confirmation(session, acteur, fin, fin_de_compte.objet(compte))
    return fini


async def finir(
    session: AsyncSession,
    acteur: Acteur,
    id_: UUID,
    motif: str,
    effet_le: date | None,
    successeur_id: UUID | None,
) -> Compte:
    """End a gestionnaire's account under the lock of its structure, and give its techniciens to another.

    A successor who is named takes them over at once, even when the end is for later.
    """
    compte = await gestionnaire(session, acteur, id_)
    await fin_de_compte.verifier_pas_dernier(session, compte, successeur_id)
    compte = await gestionnaire(session, acteur, id_, verrou=True)
    if successeur_id is not None:
        await fin_de_compte.rattacher_techniciens(session, compte, successeur_id)
    return await fin_de_compte.terminer(session, acteur, compte, motif, effet_le)


async def exclure(session: AsyncSession, acteur: Acteur, role: Role, id_: UUID, exclusion: Motif) -> Compte:
    """Art. 4.1: the caisse excludes a user; even the last gestionnaire: urgency wins."""
    compte = await queries.a_couper(session, acteur, role, id_)
    if compte is None:
        raise Introuvable
    await structures.exiger_convention(session, acteur, _structure(compte))
    exclu = await fin_de_compte.exclure(session, acteur, compte, exclusion.motif)
    await fin_de_compte.noter_confirmation(session, acteur, exclusion, fin_de_compte.objet(compte))
    return exclu


def _structure(compte: Compte) -> UUID:
    if compte.partenaire_id is None:
        raise Introuvable
    return compte.partenaire_id
