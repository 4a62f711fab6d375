"""Art. 5: erase a person. What remains of a request names nobody: its type, its days, its département, its outcome.

The columns to erase are those marked `personal()`, in the requests and in every table that hangs on
them: a new one is erased without a word here.
"""

from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.demandes.consentement import CONSENTEMENT_RETIRE
from app.demandes.regles import OUVERTS, Issue, Statut
from app.demandes.service import COTES, avancer
from app.demandes.tables import Demande
from app.droits import SYSTEME, Acteur
from app.erreurs import Introuvable, Validation
from app.evenements.service import publier
from app.journal.service import Objet, inscrire
from app.kit.clock import now
from app.kit.db import erasure
from app.kit.idempotency import erase_answers
from app.kit.jobs import enqueue
from app.kit.session import SYSTEM, see
from app.pieces.regles import RaisonEffacement
from app.pieces.service import effacer as effacer_pieces
from app.rgpd import queries
from app.rgpd.pseudonyme import objet
from app.rgpd.queries import DEMANDES, rattachees, tables_liees
from app.rgpd.regles import nomme
from app.rgpd.schemas import BilanEffacement, Effacement

RGPD, EFFACEE, MOTIF_EFFACE = "rgpd", "demande.effacee", "Effacé."


async def effacer_personne(session: AsyncSession, acteur: Acteur, effacement: Effacement) -> BilanEffacement:
    """Erase a person at the actor's caisse; the open requests are closed first. Raises Introuvable, Validation.

    Every request is locked before anything is written, and the logs come last: nobody waits for us while we
    wait for them.
    """
    if nomme(effacement.motif, effacement.nom, effacement.prenom):
        raise Validation.du_champ(
            "/motif", "ep_nomme_la_personne", "Le motif ne doit pas nommer la personne."
        )
    rows = await session.scalars(queries.de_la_personne(acteur, effacement).with_for_update())
    demandes = list(rows)
    if not demandes or acteur.caisse is None:
        raise Introuvable
    # The wall was passed above, by the caisse and the identity; what hangs on these requests goes whoever holds it.
    await see(session, SYSTEM)
    closes = [demande for demande in demandes if demande.statut in OUVERTS]
    for demande in demandes:
        await vider(session, demande, effacement.motif)
    for demande in closes:
        for cote in COTES:
            await enqueue(
                session,
                "demandes.avertir",
                demande_id=str(demande.id),
                evenement="demande.cloturee",
                cote=cote,
            )
    for demande in closes:
        await publier(session, acteur, "demande.cloturee", de_la_demande(demande), raison=RGPD)
    for demande in demandes:
        await publier(session, acteur, EFFACEE, de_la_demande(demande), raison=RGPD)
    personne = objet(effacement, acteur.caisse)
    if effacement.passages_confirmes:
        await inscrire(session, acteur, "texte.confirme", personne)
    await inscrire(session, acteur, "assure.efface", personne)
    return BilanEffacement(demandes=len(demandes), demandes_closes=len(closes), effacee_le=now())


def de_la_demande(demande: Demande) -> Objet:
    return Objet("demande", demande.id, demande.caisse, demande.partenaire_id)


async def vider(session: AsyncSession, demande: Demande, motif: str) -> None:
    """Close a request if it is open, without an outcome, then erase whatever names the person."""
    with session.no_autoflush:
        if demande.statut in OUVERTS:
            demande.issue = Issue.SANS_SUITE
            await avancer(session, demande, Statut.CLOTUREE)
        for colonne, valeur in _valeurs(demande).items():
            setattr(demande, colonne, valeur)
        demande.effacee_le, demande.motif_effacement = now(), motif
        demande.modifiee_le = now()
    await session.flush()
    await effacer_pieces(session, SYSTEME, [demande.id], RaisonEffacement.RGPD)
    for table in tables_liees():
        if valeurs := erasure(table):
            await session.execute(update(table).where(rattachees(table, [demande.id])).values(**valeurs))
    await erase_answers(session, demande.id)


def _valeurs(demande: Demande) -> dict[str, Any]:
    """Return what erases the columns of a request; that it was cancelled stays, with a reason of its own."""
    annulation = demande.motif_annulation
    garde = annulation if annulation in {None, CONSENTEMENT_RETIRE} else MOTIF_EFFACE
    return erasure(DEMANDES) | {"motif_annulation": garde}


async def vider_seule(session: AsyncSession, demande: Demande, motif: str) -> None:
    """Erase one request in the name of the daily rules, and tell it."""
    await vider(session, demande, motif)
    await publier(session, SYSTEME, EFFACEE, de_la_demande(demande), raison=RGPD)


async def supprimer(session: AsyncSession, demande: Demande) -> None:
    """Delete an erased request with all that hangs on it: after that, only the logs know that it was."""
    dit, id_ = de_la_demande(demande), demande.id
    await erase_answers(session, id_)
    for table in reversed(tables_liees()):
        await session.execute(delete(table).where(rattachees(table, [id_])))
    await session.delete(demande)
    await session.flush()
    await publier(session, SYSTEME, "demande.supprimee", dit, raison=RGPD)
