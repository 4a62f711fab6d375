"""Art. 2.2.3: six months after its end an account is deleted: invisible, and of the person nothing is left."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes.fin_de_compte import objet
from app.comptes.regles import Etat, suppression_prevue_le
from app.comptes.tables import AncienMotDePasse, Compte, Lien
from app.droits import SYSTEME
from app.evenements.service import publier
from app.habilitations.regles import StatutHabilitation
from app.habilitations.tables import DemandeHabilitation, Incident
from app.kit.calendrier import jour_local
from app.kit.db import erasure

PARIS = "Europe/Paris"


def echu(compte: Compte, jour: date) -> bool:
    """Tell whether an account has been inactive for six months on a day."""
    if compte.statut is not Etat.INACTIF or compte.inactive_le is None or compte.supprime_le is not None:
        return False
    return suppression_prevue_le(jour_local(compte.inactive_le, PARIS)) <= jour


async def a_supprimer(session: AsyncSession, jour: date) -> list[UUID]:
    rows = await session.scalars(
        select(Compte).where(Compte.statut == Etat.INACTIF, Compte.supprime_le.is_(None)).order_by(Compte.id)
    )
    return [compte.id for compte in rows if echu(compte, jour)]


async def supprimer(session: AsyncSession, id_: UUID, jour: date) -> bool:
    """Erase the person everywhere; the history of requests keeps a neutral author."""
    compte = await session.get(Compte, id_, with_for_update=True)
    if compte is None or not echu(compte, jour):
        return False
    for champ, valeur in erasure(Compte.__table__).items():
        setattr(compte, champ, valeur)
    compte.supprime_le = jour
    await session.flush()
    await session.execute(delete(Lien).where(Lien.compte_id == id_))
    await session.execute(delete(AncienMotDePasse).where(AncienMotDePasse.compte_id == id_))
    await session.execute(
        update(DemandeHabilitation)
        .where(or_(DemandeHabilitation.compte_id == id_, DemandeHabilitation.gestionnaire_id == id_))
        .values(**_habilitation())
    )
    await session.execute(
        update(Incident).where(Incident.compte_id == id_).values(**erasure(Incident.__table__))
    )
    await publier(session, SYSTEME, "compte.supprime", objet(compte))
    return True


def _habilitation() -> dict[str, Any]:
    """Return what erases a request: that it was refused stays, with a reason of its own."""
    return {
        champ: valeur
        for champ, valeur in erasure(DemandeHabilitation.__table__).items()
        if champ != "motif_refus"
    }


async def refus_a_effacer(session: AsyncSession, jour: date) -> list[UUID]:
    """List the refused creations, six months old: the person they named has no account."""
    rows = await session.scalars(
        select(DemandeHabilitation).where(
            DemandeHabilitation.statut == StatutHabilitation.REFUSEE,
            DemandeHabilitation.identite.is_not(None),
        )
    )
    return [
        demande.id
        for demande in rows
        if demande.decidee_le and suppression_prevue_le(jour_local(demande.decidee_le, PARIS)) <= jour
    ]


async def effacer_refus(session: AsyncSession, id_: UUID, _: date) -> bool:
    demande = await session.get(DemandeHabilitation, id_, with_for_update=True)
    if demande is None or demande.identite is None:
        return False
    for champ, valeur in _habilitation().items():
        setattr(demande, champ, valeur)
    demande.motif_refus = "Effacé six mois après la décision."
    await session.flush()
    return True
