"""Art. 4.2: the caisse opens a review, the gestionnaire confirms or ends each account, either closes it."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import or_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified

from app.comptes import fin_de_compte, structures
from app.comptes import queries as comptes
from app.comptes.regles import Etat
from app.conventions import queries as conventions
from app.droits import SYSTEME, Acteur, Role
from app.erreurs import (
    CaisseNonConventionnee,
    EtatDuCompte,
    Introuvable,
    RevueClose,
    RevueDejaOuverte,
    Validation,
)
from app.evenements.service import publier
from app.habilitations import queries, regles_revue
from app.habilitations.regles_revue import DecisionRevue, StatutRevue
from app.habilitations.schemas_revue import DecisionPrise, RevueOuverture
from app.habilitations.tables import LigneRevue, RevueHabilitation
from app.journal.service import Objet
from app.kit.clock import now, today
from app.kit.etag import check_version
from app.kit.jobs import enqueue

MOTIF = "Revue d'habilitation"
Lue = tuple[RevueHabilitation, list[dict[str, Any]] | None]


async def visible(session: AsyncSession, acteur: Acteur, id_: UUID) -> Lue:
    statement = queries.visibles(acteur).where(RevueHabilitation.id == id_)
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise Introuvable
    return row[0], row[1]


async def ouvrir_une(
    session: AsyncSession, acteur: Acteur, partenaire_id: UUID, depot: RevueOuverture
) -> Lue:
    """Open the review of one structure. Raises Introuvable, CaisseNonConventionnee, RevueDejaOuverte."""
    structure = await structures.structure(session, acteur, partenaire_id)
    caisse = await structures.exiger_convention(session, acteur, structure.id)
    ouvertes = await _ouvrir(session, acteur, [structure.id], caisse, depot.echeance, depot.periodicite_mois)
    if not ouvertes:
        raise RevueDejaOuverte(revue_id=str(await queries.ouverte(session, structure.id, caisse)))
    return await visible(session, acteur, ouvertes[0].id)


async def ouvrir_toutes(
    session: AsyncSession, acteur: Acteur, depot: RevueOuverture
) -> tuple[list[Lue], list[UUID]]:
    """Open one for each structure whose convention is in force: (reviews, structures that had one open)."""
    caisse = acteur.caisse
    if caisse is None:
        raise Introuvable
    partenaires = await conventions.partenaires_en_vigueur(session, caisse, today())
    ouvertes = await _ouvrir(session, acteur, partenaires, caisse, depot.echeance, depot.periodicite_mois)
    statement = queries.visibles(acteur).where(RevueHabilitation.id.in_([r.id for r in ouvertes]))
    lues = [(row[0], row[1]) for row in await session.execute(statement)]
    servies = {revue.partenaire_id for revue in ouvertes}
    return lues, [id_ for id_ in partenaires if id_ not in servies]


async def _ouvrir(
    session: AsyncSession,
    acteur: Acteur,
    partenaires: Sequence[UUID],
    caisse: str,
    echeance: date,
    periodicite_mois: int | None,
    jour: date | None = None,
) -> list[RevueHabilitation]:
    revues = await queries.ouvrir(
        session,
        partenaires,
        caisse=caisse,
        echeance=echeance,
        periodicite_mois=periodicite_mois,
        ouverte_jour=jour or today(),
        ouverte_le=now(),
        ouverte_par=acteur.id,
    )
    for revue in revues:
        await _avertir(session, revue.id, "revue.ouverte", "structure")
    for revue in revues:
        await publier(session, acteur, "revue.ouverte", _objet(revue))
    return revues


async def decider(
    session: AsyncSession, acteur: Acteur, id_: UUID, prise: DecisionPrise, version: str | None
) -> Lue:
    """Art. 4.2: an account is kept, or ended: at once for a technicien, by the caisse for a gestionnaire.

    Raises Introuvable, RevueClose, CaisseNonConventionnee, EtatDuCompte, Validation.
    """
    revue = await _ouverte(session, acteur, id_, version)
    if revue.caisse not in acteur.ouvertes:
        raise CaisseNonConventionnee(caisses=sorted(acteur.ouvertes))
    ligne = await session.get(LigneRevue, (revue.id, prise.compte_id))
    compte = await comptes.compte(session, prise.compte_id, verrou=True) if ligne else None
    if ligne is None or compte is None:
        raise Validation.du_champ("/compte_id", "ep_inconnu", "Ce compte n'est pas dans la revue.")
    if ligne.decision is prise.decision:
        return await visible(session, acteur, id_)
    fini = fin_de_compte.etat_du_jour(compte) is Etat.INACTIF
    if prise.decision is DecisionRevue.MAINTENIR and fini:
        raise EtatDuCompte(statut=Etat.INACTIF.value)
    ligne.decision, ligne.decidee_le, ligne.decidee_par = prise.decision, now(), acteur.id
    flag_modified(revue, "statut")  # a decision is a new version of its review
    await session.flush()
    if prise.decision is DecisionRevue.INACTIVER and ligne.role is Role.TECHNICIEN:
        await fin_de_compte.inactiver(session, acteur, compte, MOTIF)
    elif prise.decision is DecisionRevue.INACTIVER and not fini:
        await _avertir(session, revue.id, "revue.decision", "caisse")
    await publier(session, acteur, "revue.decision", _objet(revue))
    return await visible(session, acteur, id_)


async def clore(session: AsyncSession, acteur: Acteur, id_: UUID, version: str | None) -> Lue:
    """Art. 4.2: by either side, even with accounts undecided: they stay as they are, and it shows."""
    revue = await _ouverte(session, acteur, id_, version)
    revue.statut, revue.close_le, revue.close_par = StatutRevue.CLOSE, now(), acteur.id
    await session.flush()
    await publier(session, acteur, "revue.close", _objet(revue))
    return await visible(session, acteur, id_)


async def _ouverte(
    session: AsyncSession, acteur: Acteur, id_: UUID, version: str | None
) -> RevueHabilitation:
    revue = await queries.verrouiller(session, acteur, id_)
    if revue is None:
        raise Introuvable
    check_version(revue.version, version)
    if revue.statut is StatutRevue.CLOSE:
        raise RevueClose
    return revue


async def rappeler(session: AsyncSession, jour: date) -> int:
    """Art. 4.2: remind the gestionnaires of what is due in seven days or overdue, once a day at most."""
    return sum([await rappeler_une(session, id_, jour) for id_ in await a_rappeler(session, jour)])


async def a_rappeler(session: AsyncSession, jour: date) -> list[UUID]:
    """List the open reviews to remind of; a caisse whose convention has ended reminds nobody."""
    return [
        revue.id
        for revue in await queries.ouvertes(session)
        if regles_revue.rappel_du(revue.echeance, revue.rappel_le, jour)
        and await _conventionnee(session, revue, jour)
    ]


async def rappeler_une(session: AsyncSession, id_: UUID, jour: date) -> bool:
    """Remind once of one review; it is no new version of it."""
    table = RevueHabilitation
    rappelee = await session.scalar(
        update(table)
        .where(
            table.id == id_,
            table.statut == StatutRevue.OUVERTE,
            or_(table.rappel_le.is_(None), table.rappel_le < jour),
        )
        .values(rappel_le=jour)
        .returning(table.id)
    )
    if rappelee is not None:
        await _avertir(session, id_, "revue.rappel", "structure")
    return rappelee is not None


async def rouvrir_periodiques(session: AsyncSession, jour: date) -> int:
    """Art. 4.2: at regular intervals: a closed review opens again when its interval since the opening is over."""
    return sum([await rouvrir_une(session, id_, jour) for id_ in await a_rouvrir(session, jour)])


async def a_rouvrir(session: AsyncSession, jour: date) -> list[UUID]:
    """List the closed reviews whose turn has come: the newest of its structure and caisse alone has a next one."""
    return [
        revue.id
        for revue in await queries.dernieres(session)
        if revue.statut is StatutRevue.CLOSE
        and regles_revue.reouverture_due(revue.ouverte_jour, revue.periodicite_mois, jour)
        and await _conventionnee(session, revue, jour)
    ]


async def rouvrir_une(session: AsyncSession, id_: UUID, jour: date) -> bool:
    """Open the next review after a closed one; nothing when another is open."""
    revue = await session.get_one(RevueHabilitation, id_)
    echeance = regles_revue.echeance_suivante(revue.ouverte_jour, revue.echeance, jour)
    ouvertes = await _ouvrir(
        session, SYSTEME, [revue.partenaire_id], revue.caisse, echeance, revue.periodicite_mois, jour
    )
    return bool(ouvertes)


async def _conventionnee(session: AsyncSession, revue: RevueHabilitation, jour: date) -> bool:
    return revue.caisse in await conventions.caisses_en_vigueur(session, revue.partenaire_id, jour)


async def _avertir(session: AsyncSession, revue_id: UUID, evenement: str, cote: str) -> None:
    await enqueue(session, "comptes.avertir_revue", revue_id=str(revue_id), evenement=evenement, cote=cote)


def _objet(revue: RevueHabilitation) -> Objet:
    return Objet("revue_habilitation", revue.id, revue.caisse, revue.partenaire_id)
