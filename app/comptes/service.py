import secrets
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes import fin_de_compte, queries
from app.comptes.regles import PREFIXES
from app.comptes.schemas import AgentCreation, CguPublication, Identite
from app.comptes.tables import Compte, VersionCgu
from app.droits import Acteur, Role
from app.erreurs import DejaExistant, Introuvable, Validation
from app.evenements.service import publier
from app.journal.service import Objet, inscrire
from app.kit.clock import now
from app.kit.jobs import enqueue
from app.referentiel import queries as referentiel

ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"


def nouvel_identifiant(role: Role) -> str:
    """Return a personal identifiant, typeable, that tells the profile and nothing of the person."""
    return f"{PREFIXES[role]}-" + "".join(secrets.choice(ALPHABET) for _ in range(8))


async def creer_agent(session: AsyncSession, acteur: Acteur, depot: AgentCreation) -> Compte:
    if await referentiel.caisse(session, depot.caisse) is None:
        raise Validation.du_champ("/caisse", "ep_inconnu", "Aucune caisse ne porte ce code.")
    identite = Identite.model_validate(depot.model_dump(exclude={"caisse"}))
    return await ouvrir(session, acteur, Role.AGENT_CAISSE, identite, caisse=depot.caisse)


async def ouvrir(
    session: AsyncSession,
    acteur: Acteur,
    role: Role,
    identite: Identite,
    **appartenance: Any,
) -> Compte:
    """Art. 2.2.1: open an account; its holder receives a link and chooses the password."""
    compte = Compte(
        identifiant=nouvel_identifiant(role),
        role=role,
        cree_le=now(),
        **{champ: getattr(identite, champ) for champ in Identite.model_fields},
        **appartenance,
    )
    session.add(compte)
    await session.flush()
    await enqueue(session, "comptes.envoyer_activation", compte_id=str(compte.id))
    await publier(session, acteur, "compte.cree", fin_de_compte.objet(compte))
    return compte


async def agent(session: AsyncSession, acteur: Acteur, id_: UUID, *, verrou: bool = False) -> Compte:
    """Return an agent that the actor may know: of its own caisse, or any for the administrateur."""
    compte = await queries.compte(session, id_, verrou=verrou)
    if compte is None or compte.role is not Role.AGENT_CAISSE:
        raise Introuvable
    if acteur.cote_caisse and compte.caisse != acteur.caisse:
        raise Introuvable
    return compte


async def inactiver_agent(session: AsyncSession, acteur: Acteur, id_: UUID, motif: str) -> Compte:
    return await fin_de_compte.inactiver(
        session, acteur, await agent(session, acteur, id_, verrou=True), motif
    )


async def accepter_cgu(session: AsyncSession, acteur: Acteur, version: str) -> None:
    """Art. 2.1: keep the version and the time."""
    cgu = await queries.cgu_en_vigueur(session)
    if cgu is None or cgu.version != version:
        raise Validation.du_champ(
            "/version", "ep_version", "Ce n'est pas la version en vigueur (GET /v1/cgu)."
        )
    compte = await queries.compte(session, _id(acteur), verrou=True)
    if compte is None:
        raise Introuvable
    compte.cgu_version, compte.cgu_acceptee_le = version, now()
    await session.flush()
    await inscrire(session, acteur, "cgu.acceptees", fin_de_compte.objet(compte))


async def publier_cgu(session: AsyncSession, acteur: Acteur, publication: CguPublication) -> VersionCgu:
    cgu = VersionCgu(version=publication.version, texte=publication.texte, publiee_le=now())
    session.add(cgu)
    try:
        await session.flush()
    except IntegrityError:
        raise DejaExistant(champ="/version") from None
    await publier(session, acteur, "cgu.publiees", Objet("cgu", cgu.version))
    return cgu


def _id(acteur: Acteur) -> UUID:
    if acteur.id is None:
        raise Introuvable
    return acteur.id
