from uuid import UUID

from sqlalchemy import Select, Uuid, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes.regles_mot_de_passe import MEMOIRE
from app.comptes.tables import AncienMotDePasse, Compte, VersionCgu
from app.droits import Role
from app.kit.ids import new_id
from app.referentiel.tables import Caisse, Partenaire


async def compte(session: AsyncSession, id_: UUID, *, verrou: bool = False) -> Compte | None:
    return await session.get(Compte, id_, with_for_update=verrou, populate_existing=verrou)


async def par_identifiant(session: AsyncSession, identifiant: str) -> Compte | None:
    return await session.scalar(select(Compte).where(Compte.identifiant == identifiant))


async def id_ou_leurre(session: AsyncSession, identifiant: str) -> UUID:
    """Return the id of an identifiant's account, or one of nobody: the same statement, the same time."""
    trouve = select(Compte.id).where(Compte.identifiant == identifiant).scalar_subquery()
    return (await session.execute(select(func.coalesce(trouve, literal(new_id(), Uuid()))))).scalar_one()


async def noms_du_compte(session: AsyncSession, compte: Compte) -> list[str]:
    """Return the names that must not make a password: of the person, and of the structure or caisse."""
    noms = [compte.nom, compte.prenom, compte.email.removesuffix(f".{compte.email.rpartition('.')[2]}")]
    partenaire = await session.get(Partenaire, compte.partenaire_id) if compte.partenaire_id else None
    caisse = await session.get(Caisse, compte.caisse) if compte.caisse else None
    structure = [partenaire.raison_sociale] if partenaire else [caisse.nom] if caisse else []
    return [*noms, compte.identifiant, *structure]


def derniers_mots_de_passe(compte_id: UUID, combien: int) -> Select[AncienMotDePasse]:
    """Select the former passwords of an account, newest first."""
    statement = select(AncienMotDePasse).where(AncienMotDePasse.compte_id == compte_id)
    return statement.order_by(AncienMotDePasse.id.desc()).limit(combien)


async def anciens_mots_de_passe(session: AsyncSession, compte_id: UUID) -> list[str]:
    statement = derniers_mots_de_passe(compte_id, MEMOIRE)
    return list(await session.scalars(statement.with_only_columns(AncienMotDePasse.empreinte)))


def agents(caisse: str | None = None) -> Select[Compte]:
    """Select the agents of one caisse, or of all, newest first."""
    statement = select(Compte).where(Compte.role == Role.AGENT_CAISSE).order_by(Compte.id.desc())
    return statement if caisse is None else statement.where(Compte.caisse == caisse)


async def cgu_en_vigueur(session: AsyncSession) -> VersionCgu | None:
    return await session.scalar(select(VersionCgu).order_by(VersionCgu.publiee_le.desc()).limit(1))
