"""The consents that people give to applications: remembered, widened when more is asked, ended at will."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.acces.tables import Application, CodeAutorisation, Consentement, Famille
from app.comptes.fin_de_compte import objet
from app.comptes.tables import Compte
from app.droits import Acteur
from app.journal.service import Objet, inscrire
from app.kit.clock import now
from app.kit.ids import new_id


async def donne(session: AsyncSession, compte_id: UUID, application_id: UUID) -> Consentement | None:
    return await session.scalar(
        select(Consentement).where(
            Consentement.compte_id == compte_id, Consentement.application_id == application_id
        )
    )


def de(compte_id: UUID | None) -> Select[Consentement, Application]:
    """Select what a person lets applications do, newest first."""
    return (
        select(Consentement, Application)
        .join(Application, Application.id == Consentement.application_id)
        .where(Consentement.compte_id == compte_id)
        .order_by(Consentement.id.desc())
    )


async def accorder(
    session: AsyncSession,
    compte: Compte,
    application: Application,
    montrees: frozenset[str],
    choisies: frozenset[str],
) -> None:
    """Remember what a person ticked; what was granted before and not shown this time stays granted."""
    avant = await donne(session, compte.id, application.id)
    scope = sorted((frozenset(avant.scope if avant else ()) - montrees) | choisies)
    valeurs = {"scope": scope, "accorde_le": now()}
    await session.execute(
        insert(Consentement)
        .values(id=new_id(), version=1, compte_id=compte.id, application_id=application.id, **valeurs)
        .on_conflict_do_update(
            index_elements=[Consentement.compte_id, Consentement.application_id],
            set_=valeurs | {"version": Consentement.version + 1},
        )
    )
    titulaire = Acteur(compte.id, compte.role, compte.partenaire_id, compte.caisse)
    await inscrire(session, titulaire, "consentement.accorde", objet(compte))


async def retirer(
    session: AsyncSession, acteur: Acteur, application: Application, comptes: Collection[UUID]
) -> None:
    """End the consents of some accounts to an application, at once: its codes and its tokens with them.

    Codes go first: one that is being exchanged holds its row, and its family is then seen here.
    """
    for table in (CodeAutorisation, Consentement):
        await session.execute(
            delete(table).where(table.application_id == application.id, table.compte_id.in_(comptes))
        )
    await session.execute(
        update(Famille)
        .where(
            Famille.application_id == application.id,
            Famille.compte_id.in_(comptes),
            Famille.revoquee_le.is_(None),
        )
        .values(revoquee_le=now())
    )
    cible = Objet("application", application.id, application.caisse, acteur.partenaire_id)
    await inscrire(session, acteur, "consentement.retire", cible)
