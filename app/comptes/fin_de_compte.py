"""Art. 2.2.3, 4.1: how an account ends, now or on a day, and what follows."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes import liens, queries, regles
from app.comptes.regles import Etat, NatureLien
from app.comptes.tables import Compte
from app.droits import Acteur, Role
from app.erreurs import CompteExclu, DernierGestionnaire, EtatDuCompte, Validation
from app.evenements.service import publier
from app.journal.service import Objet, inscrire
from app.kit.clock import now, today
from app.kit.guarded import Corps
from app.kit.jobs import enqueue


def objet(compte: Compte) -> Objet:
    return Objet("compte", compte.id, compte.caisse, compte.partenaire_id)


async def inactiver(
    session: AsyncSession, acteur: Acteur, compte: Compte, motif: str, le: datetime | None = None
) -> Compte:
    """Art. 4.1: at once: the next call with a token obtained before is refused. Twice changes nothing.

    `le`: since when, if that is already past.
    """
    if compte.statut is Etat.INACTIF:
        return compte
    await _eteindre(session, compte, motif, le)
    if compte.role is Role.GESTIONNAIRE:
        await rattacher_techniciens(session, compte)
    await _annoncer(session, acteur, compte, "compte.inactive")
    return compte


async def terminer(
    session: AsyncSession, acteur: Acteur, compte: Compte, motif: str, effet_le: date | None
) -> Compte:
    """End an account today, or on a day to come: until then it works. Raises EtatDuCompte, Validation."""
    if etat_du_jour(compte) is Etat.INACTIF:
        raise EtatDuCompte(statut=Etat.INACTIF.value)
    if effet_le is None or effet_le == today():
        return await inactiver(session, acteur, compte, motif)
    if effet_le < today():
        raise Validation.du_champ("/effet_le", "ep_date_passee", "La date d'effet ne peut pas être passée.")
    compte.fin_prevue_le, compte.fin_prevue_motif = effet_le, motif
    await session.flush()
    await publier(session, acteur, "compte.fin_prevue", objet(compte))
    return compte


async def exclure(session: AsyncSession, acteur: Acteur, compte: Compte, motif: str) -> Compte:
    """Art. 4.1: without delay, and no gestionnaire gives the account back; the partenaire is told."""
    if compte.exclu:
        return compte
    compte.exclu = True
    if compte.statut is not Etat.INACTIF:
        await _eteindre(session, compte, motif)
    await session.flush()
    if compte.role is Role.GESTIONNAIRE:
        await rattacher_techniciens(session, compte)
    await _annoncer(session, acteur, compte, "compte.exclu")
    return compte


async def _eteindre(session: AsyncSession, compte: Compte, motif: str, le: datetime | None = None) -> None:
    """Switch an account off: from now on its tokens and its links are worth nothing."""
    compte.statut, compte.inactive_le, compte.motif_inactivation = Etat.INACTIF, le or now(), motif
    compte.fin_prevue_le = compte.fin_prevue_motif = None
    compte.epoque += 1
    await session.flush()
    for nature in NatureLien:
        await liens.perimer(session, compte.id, nature)


async def reactiver(session: AsyncSession, acteur: Acteur, compte: Compte) -> Compte:
    """Art. 2.2.3: the former password, no former token. The quota was checked under its lock."""
    if compte.exclu:
        raise CompteExclu
    if etat_du_jour(compte) is not Etat.INACTIF:
        raise EtatDuCompte(statut=compte.statut.value)
    compte.statut = Etat.ACTIF if compte.mot_de_passe else Etat.EN_ATTENTE
    compte.inactive_le = compte.motif_inactivation = None
    compte.fin_prevue_le = compte.fin_prevue_motif = None
    compte.epoque += 1
    await session.flush()
    await _annoncer(session, acteur, compte, "compte.reactive")
    return compte


def etat_du_jour(compte: Compte) -> Etat:
    return regles.etat(compte.statut, compte.fin_prevue_le, today())


async def verifier_pas_dernier(session: AsyncSession, compte: Compte, successeur_id: UUID | None) -> None:
    """Art. 2.2.3: another gestionnaire stays, or a successor who is active. The structure is locked first.

    Raises DernierGestionnaire, Validation.
    """
    if compte.partenaire_id is None:
        return
    await queries.verrouiller_structure(session, compte.partenaire_id)
    autres = await queries.gestionnaires_durables(session, compte.partenaire_id, sauf=compte.id)
    if successeur_id is not None and successeur_id not in {autre.id for autre in autres}:
        raise Validation.du_champ(
            "/successeur_id",
            "ep_successeur",
            "Le successeur est un autre gestionnaire actif de la structure.",
        )
    if regles.dernier(len(autres)):
        raise DernierGestionnaire


async def rattacher_techniciens(
    session: AsyncSession, ancien: Compte, successeur_id: UUID | None = None
) -> None:
    """Art. 2.2.3: the techniciens of a gestionnaire who leaves go to the successor, else to the newest one."""
    if ancien.partenaire_id is None:
        return
    if successeur_id is None:
        autres = await queries.gestionnaires_durables(session, ancien.partenaire_id, sauf=ancien.id)
        successeur_id = autres[-1].id if autres else None
    await session.execute(
        update(Compte).where(Compte.gestionnaire_id == ancien.id).values(gestionnaire_id=successeur_id)
    )


async def adopter_techniciens(session: AsyncSession, nouveau: Compte) -> None:
    """Art. 2.2.3: a gestionnaire who begins takes the techniciens that a former one left with nobody."""
    if nouveau.role is Role.GESTIONNAIRE:
        await session.execute(
            update(Compte)
            .where(
                Compte.partenaire_id == nouveau.partenaire_id,
                Compte.role == Role.TECHNICIEN,
                Compte.gestionnaire_id.is_(None),
            )
            .values(gestionnaire_id=nouveau.id)
        )


async def noter_confirmation(session: AsyncSession, acteur: Acteur, corps: Corps, dit: Objet) -> None:
    """Art. 5: that an author confirmed a text taken for health data is journaled. To be called last."""
    if corps.passages_confirmes:
        await inscrire(session, acteur, "texte.confirme", dit)


async def _annoncer(session: AsyncSession, acteur: Acteur, compte: Compte, evenement: str) -> None:
    """Tell the other side: the structure when a caisse acts, the caisses when the structure does."""
    if compte.partenaire_id is not None:
        tache = "comptes.avertir_structure" if acteur.cote_caisse else "comptes.avertir_caisses"
        await enqueue(session, tache, compte_id=str(compte.id), evenement=evenement)
    await publier(session, acteur, evenement, objet(compte))
