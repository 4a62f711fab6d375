"""From rows to what a caller reads."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.demandes import queries
from app.demandes.genres import GENRES
from app.demandes.regles import actions_possibles, en_retard
from app.demandes.schemas import AssureLu, Auteur, ConsentementLu, DemandeLue, MessageLu
from app.demandes.tables import Demande, Message
from app.droits import DROITS, Acteur, Action
from app.kit.clock import now, today
from app.pieces import queries as pieces_queries
from app.pieces.schemas import PieceLue

ANCIEN_COMPTE = "ancien compte"


def actions_permises(acteur: Acteur, demande: Demande) -> frozenset[Action]:
    """Return what the table of rights leaves to this actor on this request: the guard's own answer."""
    actives = acteur.ouvertes.get(demande.caisse, frozenset())
    return frozenset(
        action
        for action, droit in DROITS.items()
        if acteur.role in droit.roles
        and (acteur.cote_caisse or not droit.celle_de_la_demande or demande.type.fonctionnalite in actives)
    )


def gestes_possibles(acteur: Acteur, demande: Demande, objet: dict[str, Any]) -> list[str]:
    """Return the gestures open to this actor on this request now; `objet` are its kind's own fields."""
    gestes = GENRES[demande.type].gestes
    propres = gestes(objet, acteur.role, now()) if gestes and objet else frozenset()
    return actions_possibles(demande.statut, actions_permises(acteur, demande), propres)


async def lues(session: AsyncSession, acteur: Acteur, rows: Sequence[Any]) -> list[DemandeLue]:
    """Read requests whole: their kind's fields, pieces and messages, in three more queries for a page."""
    demandes = [row[0] for row in rows]
    objets = await queries.objets(session, demandes)
    ids = [demande.id for demande in demandes]
    messages = await queries.messages(session, ids)
    pieces = await pieces_queries.des_demandes(session, acteur, ids)
    return [
        _lue(
            acteur,
            row,
            objets.get(row[0].id, {}),
            [PieceLue.model_validate(piece, from_attributes=True) for piece in pieces[row[0].id]],
            [_message(*m) for m in messages[row[0].id]],
        )
        for row in rows
    ]


def _lue(
    acteur: Acteur, row: Any, objet: dict[str, Any], pieces: list[PieceLue], messages: list[MessageLu]
) -> DemandeLue:
    demande, auteur, agent, liees = row
    return DemandeLue(
        id=demande.id,
        reference=demande.reference,
        type=demande.type,
        statut=demande.statut,
        issue=demande.issue,
        theme=demande.theme,
        caisse=demande.caisse,
        partenaire_id=demande.partenaire_id,
        auteur=_auteur(demande.auteur_id, auteur),
        agent=_auteur(demande.agent_id, agent),
        assure=_assure(demande),
        consentement=ConsentementLu(
            recueilli=True,
            date=demande.consentement_date,
            modalite=demande.consentement_modalite,
            retire_le=demande.consentement_retire_le,
        ),
        objet=objet,
        commentaire=demande.commentaire,
        pieces=pieces,
        messages=messages,
        deposee_le=demande.deposee_le,
        modifiee_le=demande.modifiee_le,
        cloturee_le=demande.cloturee_le,
        echeance=demande.echeance,
        en_retard=en_retard(demande.echeance, demande.statut, today(acteur.fuseau(demande.caisse))),
        motif_annulation=demande.motif_annulation,
        effacee_le=demande.effacee_le,
        motif_effacement=demande.motif_effacement,
        demandes_liees=list(liees or []),
        actions_possibles=gestes_possibles(acteur, demande, objet),
    )


def _auteur(id_: UUID | None, nom: str | None) -> Auteur | None:
    return Auteur(id=id_, nom_affiche=nom or ANCIEN_COMPTE) if id_ else None


def _assure(demande: Demande) -> AssureLu | None:
    if demande.assure_nom is None:
        return None
    return AssureLu(
        civilite=demande.assure_civilite,
        nom=demande.assure_nom,
        prenom=demande.assure_prenom,
        date_naissance=demande.assure_date_naissance,
        departement_residence=demande.assure_departement,
    )


def _message(message: Message, nom: str | None) -> MessageLu:
    return MessageLu(
        id=message.id,
        auteur=_auteur(message.auteur_id, nom),
        role=message.role,
        texte=message.texte,
        pieces=message.pieces,
        le=message.le,
    )
