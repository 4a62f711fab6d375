"""Art. 2.2.1: what a structure may have: how many accounts, at which addresses."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes import queries
from app.conventions import queries as conventions
from app.droits import Acteur, Role
from app.erreurs import CaisseNonConventionnee, EmailNonProfessionnel, Introuvable, QuotaAtteint, Validation
from app.kit.clock import today
from app.referentiel import queries as referentiel
from app.referentiel.adresses import grand_public, professionnelle
from app.referentiel.quotas import plafonds
from app.referentiel.tables import Partenaire


async def structure(session: AsyncSession, acteur: Acteur, partenaire_id: UUID | None = None) -> Partenaire:
    """Return the actor's structure, or one of its caisse's. Raises Introuvable, Validation."""
    if acteur.cote_caisse and partenaire_id is None:
        raise Validation.du_champ("/partenaire_id", "missing", "L'agent nomme le partenaire.")
    if not acteur.cote_caisse and partenaire_id not in {None, acteur.partenaire_id}:
        raise Introuvable
    voulue = partenaire_id if acteur.cote_caisse else acteur.partenaire_id
    row = await referentiel.partenaire(session, acteur, voulue) if voulue else None
    if row is None:
        raise Introuvable
    partenaire: Partenaire = row[0]
    return partenaire


async def exiger_convention(session: AsyncSession, acteur: Acteur, partenaire_id: UUID) -> str:
    """Return the caisse that acts, or that is asked: its convention with the structure is in force today.

    For a partenaire's own actor, the caisse of its oldest convention in force.
    """
    en_vigueur = await conventions.caisses_en_vigueur(session, partenaire_id, today())
    choix = [caisse for caisse in en_vigueur if not acteur.cote_caisse or caisse == acteur.caisse]
    if not choix:
        raise CaisseNonConventionnee(caisses=en_vigueur)
    return choix[0]


async def verifier_quota(session: AsyncSession, partenaire: Partenaire, role: Role) -> None:
    """Art. 2.2.1: strict under concurrency: creations of a structure go one at a time until their commit.

    Accounts waiting for activation count, inactive ones do not. Raises QuotaAtteint with the figures.
    """
    await queries.verrouiller_structure(session, partenaire.id)
    permis = plafonds(partenaire.effectif)
    maximum = permis.gestionnaires if role is Role.GESTIONNAIRE else permis.techniciens
    utilises = await queries.ouverts(session, partenaire.id, role)
    if utilises >= maximum:
        raise QuotaAtteint(maximum=maximum, utilises=utilises)


def verifier_adresse(partenaire: Partenaire, role: Role, email: str) -> None:
    """Art. 2.2.1: of a declared domain for a technicien; of no consumer provider for anyone."""
    convient = (
        professionnelle(email, partenaire.domaines_email)
        if role is Role.TECHNICIEN
        else not grand_public(email.rpartition("@")[2])
    )
    if not convient:
        raise EmailNonProfessionnel(domaines=partenaire.domaines_email)
