from uuid import UUID

from sqlalchemy import Select, Uuid, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes.regles import Etat
from app.comptes.regles_mot_de_passe import MEMOIRE
from app.comptes.tables import AncienMotDePasse, Compte, VersionCgu
from app.droits import Acteur, Role
from app.kit.clock import today
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


def de_la_structure(acteur: Acteur, role: Role) -> Select[Compte]:
    """Select the accounts of a profile that the actor may know, deleted ones excepted, newest first.

    A gestionnaire knows its structure's; an agent, those of the structures of its caisse.
    """
    sienne = (
        func.ep_partenaire_de_la_caisse(Compte.partenaire_id, acteur.caisse)
        if acteur.cote_caisse
        else Compte.partenaire_id == acteur.partenaire_id
    )
    return (
        select(Compte)
        .where(Compte.role == role, Compte.supprime_le.is_(None), sienne)
        .order_by(Compte.id.desc())
    )


async def de_la_structure_par_id(
    session: AsyncSession, acteur: Acteur, role: Role, id_: UUID, *, verrou: bool = False
) -> Compte | None:
    statement = de_la_structure(acteur, role).where(Compte.id == id_)
    if verrou:  # what was read before the lock may have changed since
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return await session.scalar(statement)


async def a_couper(session: AsyncSession, acteur: Acteur, role: Role, id_: UUID) -> Compte | None:
    """Return an account, locked, to be cut; a gestionnaire's structure first: nobody counts it meanwhile."""
    compte = await de_la_structure_par_id(session, acteur, role, id_)
    if compte is None:
        return None
    if role is Role.GESTIONNAIRE and compte.partenaire_id is not None:
        await verrouiller_structure(session, compte.partenaire_id)
    return await de_la_structure_par_id(session, acteur, role, id_, verrou=True)


async def verrouiller_structure(session: AsyncSession, partenaire_id: UUID) -> None:
    """Make what counts the accounts of a structure wait its turn, until the commit."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"comptes/{partenaire_id}"))))


async def ouverts(session: AsyncSession, partenaire_id: UUID, role: Role) -> int:
    """Count the accounts that take a place in the quota: active, waiting, or ending later."""
    nombre = await session.scalar(
        select(func.count())
        .select_from(Compte)
        .where(
            Compte.partenaire_id == partenaire_id,
            Compte.role == role,
            Compte.statut != Etat.INACTIF,
            or_(Compte.fin_prevue_le.is_(None), Compte.fin_prevue_le > today()),
        )
    )
    return nombre or 0


async def gestionnaires_durables(session: AsyncSession, partenaire_id: UUID, *, sauf: UUID) -> list[Compte]:
    """Return the other active gestionnaires of a structure whose end is not scheduled, oldest first."""
    rows = await session.scalars(
        select(Compte)
        .where(
            Compte.partenaire_id == partenaire_id,
            Compte.role == Role.GESTIONNAIRE,
            Compte.statut == Etat.ACTIF,
            Compte.fin_prevue_le.is_(None),
            Compte.id != sauf,
        )
        .order_by(Compte.active_le, Compte.id)
    )
    return list(rows)
