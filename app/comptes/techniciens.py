"""Art. 2.2: techniciens are created and managed by the gestionnaires of their structure, only."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes import fin_de_compte, queries, service, structures
from app.comptes.regles import Etat
from app.comptes.schemas import Fin, TechnicienCreation, TechnicienModification
from app.comptes.tables import Compte
from app.droits import Acteur, Role
from app.erreurs import EtatDuCompte, Introuvable, Validation
from app.evenements.service import publier
from app.journal.service import inscrire
from app.kit.etag import check_version
from app.kit.jobs import enqueue


async def creer(session: AsyncSession, acteur: Acteur, depot: TechnicienCreation) -> Compte:
    """Art. 2.2.1: within the quota, at a professional address; the holder chooses the password.

    Raises CaisseNonConventionnee, EmailNonProfessionnel, QuotaAtteint.
    """
    structure = await structures.structure(session, acteur)
    await structures.exiger_convention(session, acteur, structure.id)
    structures.verifier_adresse(structure, Role.TECHNICIEN, depot.email)
    await structures.verifier_quota(session, structure, Role.TECHNICIEN)
    return await service.ouvrir(
        session,
        acteur,
        Role.TECHNICIEN,
        depot,
        partenaire_id=structure.id,
        gestionnaire_id=acteur.id,
        lien=depot.lien,
        equipement_professionnel=depot.equipement_professionnel,
    )


async def technicien(session: AsyncSession, acteur: Acteur, id_: UUID, *, verrou: bool = False) -> Compte:
    compte = await queries.de_la_structure_par_id(session, acteur, Role.TECHNICIEN, id_, verrou=verrou)
    if compte is None:
        raise Introuvable
    return compte


async def modifier(
    session: AsyncSession, acteur: Acteur, id_: UUID, changement: TechnicienModification, version: str | None
) -> Compte:
    compte = await technicien(session, acteur, id_, verrou=True)
    check_version(compte.version, version)
    if changement.email is not None:
        structure = await structures.structure(session, acteur)
        structures.verifier_adresse(structure, Role.TECHNICIEN, changement.email)
    await changer(session, compte, changement.model_dump(exclude_unset=True))
    await publier(session, acteur, "compte.modifie", fin_de_compte.objet(compte))
    return compte


async def changer(session: AsyncSession, compte: Compte, valeurs: Mapping[str, object]) -> None:
    for champ, valeur in valeurs.items():
        if valeur is None:
            raise Validation.du_champ(f"/{champ}", "ep_nul", "Ce champ ne peut pas être vidé.")
        setattr(compte, champ, valeur)
    await session.flush()


async def inactiver(session: AsyncSession, acteur: Acteur, id_: UUID, fin: Fin) -> Compte:
    """Art. 2.2.3: by any gestionnaire of the structure, not only by the one who created the account."""
    compte = await technicien(session, acteur, id_, verrou=True)
    fini = await fin_de_compte.terminer(session, acteur, compte, fin.motif, fin.effet_le)
    await fin_de_compte.noter_confirmation(session, acteur, fin, fin_de_compte.objet(compte))
    return fini


async def reactiver(session: AsyncSession, acteur: Acteur, id_: UUID) -> Compte:
    """Art. 2.2.1, 2.2.3: within the quota, strict as at a creation."""
    structure = await structures.structure(session, acteur)
    await structures.exiger_convention(session, acteur, structure.id)
    await queries.verrouiller_structure(session, structure.id)
    compte = await technicien(session, acteur, id_, verrou=True)
    if fin_de_compte.etat_du_jour(compte) is Etat.INACTIF and not compte.exclu:
        await structures.verifier_quota(session, structure, Role.TECHNICIEN)
    reactive = await fin_de_compte.reactiver(session, acteur, compte)
    if reactive.statut is Etat.EN_ATTENTE:
        await enqueue(session, "comptes.envoyer_activation", compte_id=str(reactive.id))
    return reactive


async def renvoyer_activation(session: AsyncSession, acteur: Acteur, id_: UUID) -> None:
    """Art. 2.2.1: a new link to the holder; the former ones are worth nothing any more."""
    compte = await technicien(session, acteur, id_, verrou=True)
    if fin_de_compte.etat_du_jour(compte) is not Etat.EN_ATTENTE:
        raise EtatDuCompte(statut=compte.statut.value)
    await enqueue(session, "comptes.envoyer_activation", compte_id=str(compte.id))
    await inscrire(session, acteur, "compte.activation_renvoyee", fin_de_compte.objet(compte))
