"""Art. 1.3, 3.1: the pieces of a request: who may deposit and read them, and how one is received.

A deposit is two short transactions around a long part without any: the caller is authorised, the file comes and is
checked and sealed into the store, then the caller is authorised again and the row is written.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.demandes import lecture, queries
from app.demandes.regles import OUVERTS, Type
from app.demandes.service import exiger_fonctionnalite
from app.demandes.tables import Demande
from app.droits import Acteur
from app.erreurs import (
    CorpsIllisible,
    Introuvable,
    PartenaireNonHabilite,
    PieceTropGrande,
    Probleme,
    TransitionInterdite,
    Validation,
)
from app.kit import multipart, storage
from app.kit.ids import new_id
from app.kit.messages import SENTENCES
from app.kit.middlewares import allow_body
from app.kit.pagination import Page, Paging, paginate
from app.kit.problems import pointer
from app.kit.session import release
from app.pieces import contenus, controles, service
from app.pieces import queries as pieces
from app.pieces.regles import TAILLE_MAXIMALE, Antivirus, Sens, natures, sens_du_depot
from app.pieces.schemas import PieceLue
from app.pieces.service import Depot, Rattachement
from app.pieces.tables import Piece
from app.referentiel import queries as referentiel

LU_AVANT_REFUS = 3 * TAILLE_MAXIMALE  # bytes: a client that still writes does not read its refusal
MULTIPART = "Le corps n'est pas un multipart/form-data complet."


async def visible(session: AsyncSession, acteur: Acteur, demande_id: UUID) -> Demande:
    """Return a request whose pieces the actor may read. Raises Introuvable, FonctionnaliteInactive."""
    demande = await queries.trouver(session, acteur, tuple(acteur.ouvertes), demande_id)
    if demande is None:
        raise Introuvable
    exiger_fonctionnalite(acteur, demande.type.fonctionnalite, demande.caisse)
    return demande


async def exiger_depot(
    session: AsyncSession, acteur: Acteur, demande_id: UUID, *, verrou: bool = False
) -> Demande:
    """Return a request that takes a piece of this actor; locked, deposits come one at a time and the count is strict.

    Raises Introuvable, FonctionnaliteInactive, TransitionInterdite, PartenaireNonHabilite, TropDePieces.
    """
    demande = await visible(session, acteur, demande_id)
    if verrou and await queries.verrouiller(session, acteur, tuple(acteur.ouvertes), demande_id):
        await session.refresh(demande)
    if demande.statut not in OUVERTS:
        objets = await queries.objets(session, [demande])
        possibles = lecture.gestes_possibles(acteur, demande, objets[demande.id])
        raise TransitionInterdite(statut=demande.statut.value, actions_possibles=possibles)
    if sens_du_depot(acteur.role) is Sens.SORTANTE:
        await _exiger_habilite(session, acteur, demande.partenaire_id)
    await service.verifier_nombre(session, demande.id)
    return demande


async def _exiger_habilite(session: AsyncSession, acteur: Acteur, partenaire_id: UUID) -> None:
    """Art. 1.3: only an organisme habilité receives documents through the portal."""
    ligne = await referentiel.partenaire(session, acteur, partenaire_id)
    if ligne is None or not ligne[0].organisme_habilite:
        raise PartenaireNonHabilite


@asynccontextmanager
async def recevoir(
    request: Request, session: AsyncSession, acteur: Acteur, demande_id: UUID
) -> AsyncIterator[Depot]:
    """Receive, check and store a file, holding no connection; what is raised while it is used takes the file back.

    Raises what `exiger_depot` raises, CorpsIllisible, Validation, PieceTropGrande, TypeDePieceRefuse, PieceIllisible.
    """
    allow_body(request, LU_AVANT_REFUS)
    try:
        demande = await exiger_depot(session, acteur, demande_id)
        admises = natures(sens_du_depot(acteur.role), await _document_demande(session, demande))
        await release(session)
        depot = await _recevoir(request, acteur, admises)
    except Probleme:
        await release(session)
        await multipart.drain(request)
        raise
    try:
        yield depot
    except BaseException:
        with suppress(storage.Unreachable):  # else the sweep takes it
            await storage.delete(str(depot.id))
        raise


async def _document_demande(session: AsyncSession, demande: Demande) -> str | None:
    if demande.type is not Type.DOCUMENT:
        return None
    return str((await queries.objets(session, [demande]))[demande.id]["document"])


async def _recevoir(request: Request, acteur: Acteur, admises: frozenset[str]) -> Depot:
    try:
        arrivee = await multipart.receive(request, "fichier", {"nature"}, TAILLE_MAXIMALE)
    except multipart.TooBig:
        raise PieceTropGrande(maximum=TAILLE_MAXIMALE) from None
    except multipart.Malformed:
        raise CorpsIllisible(MULTIPART) from None
    with arrivee:
        _verifier_champs(arrivee, admises)
        async with controles.PLACES:
            return await controler(arrivee, sens_du_depot(acteur.role))


def _verifier_champs(arrivee: multipart.Upload, admises: frozenset[str]) -> None:
    """Raise Validation: a field that is missing, unknown, given twice, or a kind that this request does not take."""
    refus = [
        (pointer(("body", nom), unknown=True), "extra_forbidden", SENTENCES["extra_forbidden"])
        for nom in arrivee.unknown
    ]
    refus += [(f"/{nom}", "ep_repete", "Ce champ n'est attendu qu'une fois.") for nom in arrivee.repeated]
    if arrivee.file is None:
        refus.append(("/fichier", "missing", SENTENCES["missing"]))
    if "nature" not in arrivee.fields:
        refus.append(("/nature", "missing", SENTENCES["missing"]))
    elif arrivee.fields["nature"] not in admises:
        attendues = "Cette nature n'est pas attendue ici : " + ", ".join(sorted(admises)) + "."
        refus.append(("/nature", "ep_nature", attendues))
    if refus:
        champs = [{"champ": champ, "code": code, "message": message} for champ, code, message in refus]
        raise Validation(erreurs=champs)


async def controler(arrivee: multipart.Upload, sens: Sens) -> Depot:
    """Art. 3.1: return a file that was examined, scanned and sealed into the store; it is not a piece yet.

    Raises TypeDePieceRefuse, PieceIllisible, ServiceIndisponible.
    """
    type_mime = await controles.examiner(arrivee)
    antivirus = await controles.analyser(arrivee)
    id_ = new_id()
    kid, cle = (None, None) if antivirus is Antivirus.INFECTEE else await contenus.ranger(id_, arrivee)
    nature = arrivee.fields["nature"]
    return Depot(id_, sens, nature, type_mime, arrivee.size, arrivee.sha256, antivirus, kid, cle)


async def deposer(session: AsyncSession, acteur: Acteur, demande_id: UUID, depot: Depot) -> Piece:
    """Write the piece, in a transaction that checks everything again under the lock of the request."""
    demande = await exiger_depot(session, acteur, demande_id, verrou=True)
    rattachement = Rattachement(
        demande.id, demande.reference, demande.caisse, demande.partenaire_id, demande.auteur_id
    )
    return await service.deposer(session, acteur, depot, rattachement)


async def page(
    session: AsyncSession, acteur: Acteur, demande_id: UUID, paging: Paging, response: Response
) -> Page[PieceLue]:
    await visible(session, acteur, demande_id)
    return await paginate(
        session, pieces.de_la_demande(acteur, demande_id), paging, response, lambda row: lue(row[0])
    )


async def lire(session: AsyncSession, acteur: Acteur, demande_id: UUID, id_: UUID) -> Piece:
    """Return a piece that the actor may read. Raises Introuvable, FonctionnaliteInactive."""
    await visible(session, acteur, demande_id)
    return await service.lire(session, acteur, demande_id, id_)


def lue(piece: Piece) -> PieceLue:
    return PieceLue.model_validate(piece, from_attributes=True)
