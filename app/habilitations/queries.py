from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, insert, or_, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by, distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes.regles import Etat
from app.comptes.tables import Compte
from app.droits import Acteur, Role
from app.habilitations.regles_revue import StatutRevue
from app.habilitations.tables import LigneRevue, RevueHabilitation
from app.kit.clock import today
from app.kit.ids import new_id
from app.referentiel.tables import Partenaire

_ligne = func.jsonb_build_object(
    "compte_id",
    LigneRevue.compte_id,
    "role",
    LigneRevue.role,
    "decision",
    LigneRevue.decision,
    "decidee_le",
    LigneRevue.decidee_le,
)
_lignes = (
    select(func.jsonb_agg(aggregate_order_by(_ligne, LigneRevue.role, LigneRevue.compte_id)))
    .where(LigneRevue.revue_id == RevueHabilitation.id)
    .correlate(RevueHabilitation)
    .scalar_subquery()
)


def visibles(acteur: Acteur) -> Select[RevueHabilitation, Any]:
    """Select the reviews of the actor's structure, or those that its caisse opened, newest first.

    Each with its lines, gestionnaires first: one round trip a page.
    """
    table = RevueHabilitation
    sienne = (
        table.caisse == acteur.caisse if acteur.cote_caisse else table.partenaire_id == acteur.partenaire_id
    )
    return select(table, _lignes).where(sienne).order_by(table.id.desc())


def filtrees(
    acteur: Acteur, statut: StatutRevue | None, en_retard: bool | None, partenaire_id: UUID | None
) -> Select[RevueHabilitation, Any]:
    table, statement = RevueHabilitation, visibles(acteur)
    if statut is not None:
        statement = statement.where(table.statut == statut)
    if partenaire_id is not None:
        statement = statement.where(table.partenaire_id == partenaire_id)
    if en_retard is not None:
        retard = (table.statut == StatutRevue.OUVERTE) & (table.echeance < today())
        statement = statement.where(retard if en_retard else ~retard)
    return statement


async def verrouiller(session: AsyncSession, acteur: Acteur, id_: UUID) -> RevueHabilitation | None:
    """Return a review for its decisions to be taken one at a time."""
    statement = visibles(acteur).with_only_columns(RevueHabilitation).where(RevueHabilitation.id == id_)
    revue: RevueHabilitation | None = await session.scalar(statement.with_for_update())
    return revue


async def ouvrir(
    session: AsyncSession, partenaires: Sequence[UUID], **colonnes: object
) -> list[RevueHabilitation]:
    """Insert a review for each structure that has none open, with its accounts; return the new ones."""
    if not partenaires:
        return []
    communes = {"version": 1, "statut": StatutRevue.OUVERTE, **colonnes}
    valeurs = [{"id": new_id(), "partenaire_id": id_, **communes} for id_ in partenaires]
    rows = await session.scalars(
        upsert(RevueHabilitation)
        .values(valeurs)
        .on_conflict_do_nothing(
            index_elements=["partenaire_id", "caisse"], index_where=text("statut = 'ouverte'")
        )
        .returning(RevueHabilitation)
    )
    revues = list(rows)
    await session.execute(
        insert(LigneRevue).from_select(
            ["revue_id", "compte_id", "role"],
            select(RevueHabilitation.id, Compte.id, Compte.role)
            .join(Compte, Compte.partenaire_id == RevueHabilitation.partenaire_id)
            .where(
                RevueHabilitation.id.in_([revue.id for revue in revues]),
                Compte.statut != Etat.INACTIF,
                or_(Compte.fin_prevue_le.is_(None), Compte.fin_prevue_le > RevueHabilitation.ouverte_jour),
            ),
        )
    )
    return revues


async def ouverte(session: AsyncSession, partenaire_id: UUID, caisse: str) -> UUID | None:
    """Return the open review of a structure and a caisse."""
    return await session.scalar(
        select(RevueHabilitation.id).filter_by(
            partenaire_id=partenaire_id, caisse=caisse, statut=StatutRevue.OUVERTE
        )
    )


async def ouvertes(session: AsyncSession) -> list[RevueHabilitation]:
    rows = await session.scalars(
        select(RevueHabilitation)
        .where(RevueHabilitation.statut == StatutRevue.OUVERTE)
        .order_by(RevueHabilitation.id)
    )
    return list(rows)


async def dernieres(session: AsyncSession) -> list[RevueHabilitation]:
    """Return the newest review of each structure and caisse: it says whether there is a next one."""
    table = RevueHabilitation
    rows = await session.scalars(
        select(table)
        .ext(distinct_on(table.partenaire_id, table.caisse))
        .order_by(table.partenaire_id, table.caisse, table.id.desc())
    )
    return list(rows)


def tableau(acteur: Acteur) -> Select[Compte, str]:
    """Select the accounts that the actor habilitates, deleted ones excepted, with their structure's name."""
    sienne = (
        func.ep_partenaire_de_la_caisse(Compte.partenaire_id, acteur.caisse)
        if acteur.cote_caisse
        else Compte.partenaire_id == acteur.partenaire_id
    )
    return (
        select(Compte, Partenaire.raison_sociale)
        .join(Partenaire, Partenaire.id == Compte.partenaire_id)
        .where(Compte.role.in_((Role.TECHNICIEN, Role.GESTIONNAIRE)), Compte.supprime_le.is_(None), sienne)
    )
