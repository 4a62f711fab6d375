"""Art. 5: what was confirmed against the guard is reviewed by the caisse; a refused passage is taken out."""

from hashlib import sha256
from typing import Any
from uuid import UUID

from fastapi import Response
from sqlalchemy import Select, Text, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.demandes.lecture import ANCIEN_COMPTE
from app.demandes.regles import Revue
from app.demandes.schemas import Auteur
from app.demandes.tables import Demande, TexteConfirme
from app.droits import Acteur
from app.erreurs import DejaRevu, Introuvable
from app.evenements.service import publier
from app.journal.service import inscrire
from app.kit.clock import now
from app.kit.etag import check_version
from app.kit.idempotency import erase_answers
from app.kit.jobs import enqueue
from app.kit.pagination import Page, Paging, paginate
from app.rgpd.effacement import de_la_demande
from app.rgpd.queries import DEMANDES, rattachees, tables_liees
from app.rgpd.schemas import DecisionTexte, PassageConfirme, RevueDeTexte, TexteConfirmeLu

RETIRE, RETIREE = "[donnée de santé retirée]", "demande.texte_retire"


async def file(
    session: AsyncSession, acteur: Acteur, statut: Revue | None, paging: Paging, response: Response
) -> Page[TexteConfirmeLu]:
    """Return a page of what was confirmed on the requests of the actor's caisse, newest first."""
    statement = _lignes(acteur).order_by(TexteConfirme.le.desc(), TexteConfirme.id.desc())
    if statut is not None:
        statement = statement.where(TexteConfirme.statut == statut)
    return await paginate(session, statement, paging, response, lambda row: _lu(*row))


def _lignes(acteur: Acteur) -> Select[Any]:
    return select(TexteConfirme, func.ep_nom_affiche(TexteConfirme.auteur_id)).where(
        TexteConfirme.caisse == acteur.caisse
    )


def _lu(texte: TexteConfirme, nom: str | None) -> TexteConfirmeLu:
    auteur = Auteur(id=texte.auteur_id, nom_affiche=nom or ANCIEN_COMPTE) if texte.auteur_id else None
    return TexteConfirmeLu(
        id=texte.id,
        ressource="demande",
        ressource_id=texte.demande_id,
        champ=texte.champ,
        passages=[PassageConfirme(**passage) for passage in texte.passages],
        le=texte.le,
        auteur=auteur,
        statut=texte.statut,
        revu_le=texte.revu_le,
        motif=texte.motif,
    )


async def lire(session: AsyncSession, acteur: Acteur, id_: UUID) -> tuple[TexteConfirme, TexteConfirmeLu]:
    """Return a confirmed text of the actor's caisse. Raises Introuvable."""
    row = (await session.execute(_lignes(acteur).where(TexteConfirme.id == id_))).one_or_none()
    if row is None:
        raise Introuvable
    return row[0], _lu(*row)


async def revoir(
    session: AsyncSession, acteur: Acteur, id_: UUID, revue: RevueDeTexte, version: str | None
) -> tuple[TexteConfirme, TexteConfirmeLu]:
    """Decide of a confirmed text, once. Raises Introuvable, VersionPerimee, DejaRevu."""
    row = (
        await session.execute(_lignes(acteur).where(TexteConfirme.id == id_).with_for_update())
    ).one_or_none()
    if row is None:
        raise Introuvable
    texte, nom = row
    check_version(texte.version, version)
    if texte.statut is not Revue.A_REVOIR:
        raise DejaRevu(statut=texte.statut.value)
    demande = await session.get_one(Demande, texte.demande_id, with_for_update=True)
    texte.statut, texte.revu_le, texte.revu_par = Revue(revue.decision), now(), acteur.id
    texte.motif = revue.motif
    await session.flush()
    if revue.decision is DecisionTexte.REFUSE:
        await _retirer(session, demande, texte)
        await enqueue(
            session, "demandes.avertir", demande_id=str(demande.id), evenement=RETIREE, cote="technicien"
        )
        await publier(session, acteur, RETIREE, de_la_demande(demande))
    if revue.passages_confirmes:
        await inscrire(session, acteur, "texte.confirme", de_la_demande(demande))
    await inscrire(session, acteur, f"texte.{texte.statut.value}", de_la_demande(demande))
    return texte, _lu(texte, nom)


async def _retirer(session: AsyncSession, demande: Demande, texte: TexteConfirme) -> None:
    """Replace the passages wherever the text stands, and in no other; kept answers held it too."""
    for table in (DEMANDES, *tables_liees()):
        siennes = table.c.id == demande.id if table is DEMANDES else rattachees(table, [demande.id])
        cle = list(table.primary_key.columns)
        for colonne in table.columns:
            if not (colonne.info.get("personnel") and isinstance(colonne.type, Text)):
                continue
            for *ids, ecrit in await session.execute(
                select(*cle, colonne).where(siennes, colonne.is_not(None))
            ):
                if sha256(ecrit.encode()).hexdigest() == texte.empreinte:
                    lui = [c == v for c, v in zip(cle, ids, strict=True)]
                    await session.execute(
                        update(table).where(*lui).values({colonne.name: masquer(ecrit, texte.passages)})
                    )
    await session.refresh(demande)
    demande.modifiee_le = now()
    demande.version += 1  # even within the instant of its last change: what was read is no longer there
    await session.flush()
    await erase_answers(session, demande.id)


def masquer(ecrit: str, passages: list[dict[str, int]]) -> str:
    """Return a text without some of its passages, each replaced by the same words."""
    for passage in sorted(passages, key=lambda p: p["debut"], reverse=True):
        ecrit = ecrit[: passage["debut"]] + RETIRE + ecrit[passage["fin"] :]
    return ecrit
