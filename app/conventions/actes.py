"""What every act on a convention does: lock it, change it, deduce its days, tell both sides."""

from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from app.conventions import queries
from app.conventions.regles import (
    FINIES,
    StatutConvention,
    entree_en_vigueur,
    fin_de_vie,
    prochain_jalon,
    se_chevauchent,
    statut,
    survenus,
)
from app.conventions.tables import Convention
from app.droits import SYSTEME, Acteur
from app.erreurs import ConventionDejaOuverte, EtatDeLaConvention, Introuvable
from app.evenements.service import publier
from app.journal.service import Objet, inscrire
from app.kit.calendrier import UN_JOUR
from app.kit.clock import today
from app.kit.etag import check_version
from app.kit.guarded import Corps
from app.kit.jobs import enqueue
from app.kit.session import seeing_all

RESILIEE, EXPIREE = "convention.resiliee", "convention.expiree"
# Before a structure has its gestionnaires there is nobody to write to, and the agent is the one who acts.
SANS_COURRIER = {"convention.creee", "convention.signee"}
# What the folders above settle of a structure that is closed since a day: the application enters it as it is built,
# nothing is called upward.
FERMETURES: list[Callable[[AsyncSession, UUID, date], Awaitable[None]]] = []


def objet(convention: Convention) -> Objet:
    return Objet("convention", convention.id, convention.caisse, convention.partenaire_id)


async def visible(session: AsyncSession, acteur: Acteur, id_: UUID, *, verrou: bool = False) -> Convention:
    """Return a convention of the actor's side, locked before a change. Raises Introuvable."""
    statement = queries.conventions(acteur).where(Convention.id == id_)
    if verrou:  # what was read before the lock may have changed since
        statement = statement.with_for_update().execution_options(populate_existing=True)
    convention = await session.scalar(statement)
    if convention is None:
        raise Introuvable
    if verrou:  # the avenants that were written while the lock was awaited
        await session.refresh(convention, ["changements"])
    return convention


async def ouvrir(
    session: AsyncSession, acteur: Acteur, id_: UUID, version: str | None, *etats: StatutConvention
) -> Convention:
    """Return a convention ready for an act: locked, at the version that was read, in one of these states.

    What its days brought and the daily rules have not told yet is told first, so that events are in order.
    Raises Introuvable, VersionPerimee, EtatDeLaConvention.
    """
    convention = await visible(session, acteur, id_, verrou=True)
    check_version(convention.version, version)
    present = statut(convention.termes, today())
    if etats and present not in etats:
        raise EtatDeLaConvention(statut=present.value)
    await constater(session, convention, today())
    return convention


async def solder(session: AsyncSession, partenaire_id: UUID) -> None:
    """Art. 2.2.3: before a convention begins, settle what the past days ended and no daily rule has settled.

    Only a signature opens a structure that was closed: every other act wants a convention that is alive. Today is
    left to the daily rule: one convention may end and the next one begin the same day. To be called first: it
    takes the locks of the structure.
    """
    async with seeing_all(session):  # the conventions with the other caisses too
        depuis = await queries.close_depuis(session, partenaire_id, today() - UN_JOUR)
        if depuis is not None:
            for fermer in FERMETURES:
                await fermer(session, partenaire_id, depuis)


async def conclure(
    session: AsyncSession, acteur: Acteur, convention: Convention, evenement: str, corps: Corps | None = None
) -> Convention:
    """Deduce what the new dates imply, then tell it: to be called last. Raises ConventionDejaOuverte."""
    await deduire(session, convention)
    convention.version += 1
    await session.flush()
    await annoncer(session, acteur, convention, evenement)
    if evenement != RESILIEE and statut(convention.termes, today()) in FINIES:  # dates already past
        await annoncer(session, acteur, convention, EXPIREE)
    if corps and corps.passages_confirmes:
        await inscrire(session, acteur, "texte.confirme", objet(convention))
    return convention


async def deduire(session: AsyncSession, convention: Convention) -> None:
    """Store the period that the dates imply, which overlaps no other, and the next day to watch."""
    with session.no_autoflush:
        autres = await queries.signees(session, convention.partenaire_id, convention.caisse)
    for autre in autres:
        if autre is not convention and se_chevauchent(convention.termes, autre.termes):
            raise ConventionDejaOuverte(convention_id=str(autre.id))
    debut, fin = entree_en_vigueur(convention.termes), fin_de_vie(convention.termes)
    vide = debut is not None and fin is not None and fin <= debut
    convention.periode = None if debut is None else Range(empty=True) if vide else Range(debut, fin)
    convention.a_regler_le = prochain_jalon(convention.termes, today())


async def constater(session: AsyncSession, convention: Convention, jour: date) -> bool:
    """Art. 8: tell what the days brought by themselves, one after the other, up to one. Twice tells nothing."""
    constate = False
    while convention.a_regler_le is not None and convention.a_regler_le <= jour:
        le = convention.a_regler_le
        jalons = survenus(convention.termes, le)
        convention.a_regler_le = prochain_jalon(convention.termes, le)
        await session.flush()
        for jalon in jalons:
            await annoncer(session, SYSTEME, convention, f"convention.{jalon.value}")
        constate = constate or bool(jalons)
    return constate


async def annoncer(session: AsyncSession, acteur: Acteur, convention: Convention, evenement: str) -> None:
    """Write to both sides, and publish. The gestionnaires are those of this instant, whatever follows."""
    if evenement not in SANS_COURRIER:
        dit = {"convention_id": str(convention.id), "evenement": evenement}
        await enqueue(session, "conventions.avertir_caisse", **dit)
        gestionnaires = await session.scalar(select(func.ep_gestionnaires(convention.partenaire_id)))
        for compte_id in gestionnaires or []:
            await enqueue(session, "conventions.avertir", compte_id=str(compte_id), **dit)
    await publier(session, acteur, evenement, objet(convention))
