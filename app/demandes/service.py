"""The gestures on requests: deposit, take, assign, ask, answer, close, cancel, withdraw."""

import secrets
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes import queries as comptes
from app.comptes.regles import Etat
from app.demandes import lecture, queries, regles
from app.demandes.assure import cle_personne, mots
from app.demandes.genres import GENRES
from app.demandes.regles import PREFIXES, Delai, Geste, Issue, Statut, Type
from app.demandes.schemas import DemandeDepot, DemandeLue
from app.demandes.tables import Demande, Message
from app.droits import DROITS, Acteur, Fonctionnalite, Role
from app.erreurs import (
    CaisseNonConventionnee,
    ConsentementManquant,
    DemarcheEnCours,
    FonctionnaliteInactive,
    Introuvable,
    PermissionRefusee,
    TransitionInterdite,
    Validation,
)
from app.evenements.service import publier
from app.journal.service import Objet, inscrire
from app.kit.clock import now, today
from app.kit.etag import check_version
from app.kit.ids import new_id
from app.kit.jobs import enqueue
from app.referentiel import queries as referentiel
from app.referentiel.regles import caisses_du_departement

ALPHABET, LONGUEUR = "23456789ABCDEFGHJKMNPQRSTVWXYZ", 6
CONSENTEMENT_RETIRE, COTES = "consentement_retire", ("caisse", "technicien")


def nouvelle_reference(type_: Type, jour: date) -> str:
    """Return a short, typeable reference, such as SIG-26-7KQ3M9."""
    suffixe = "".join(secrets.choice(ALPHABET) for _ in range(LONGUEUR))
    return f"{PREFIXES[type_]}-{jour:%y}-{suffixe}"


async def deposer(
    session: AsyncSession, acteur: Acteur, type_: Type, depot: DemandeDepot
) -> tuple[Demande, DemandeLue]:
    """Art. 1.1: file a request, with the person's consent, into the queue of the caisse.

    Raises ConsentementManquant, CaisseNonConventionnee, FonctionnaliteInactive, DemarcheEnCours.
    """
    consentement = depot.consentement
    if consentement is None or not consentement.complet:
        raise ConsentementManquant
    if acteur.id is None or acteur.partenaire_id is None:
        raise PermissionRefusee
    assure = depot.assure
    caisse = await _caisse_destinataire(session, acteur, type_, depot)
    personne = cle_personne(assure.nom, assure.prenom, assure.date_naissance)
    ouverte = await queries.deja_ouverte(session, acteur, type_, personne)
    if ouverte and not depot.doublon_confirme:
        raise DemarcheEnCours(reference=ouverte)
    genre, instant = GENRES[type_], now()
    objet = depot.model_dump(mode="json", include=set(genre.champs))
    demande = Demande(
        id=new_id(),
        reference=nouvelle_reference(type_, today()),
        type=type_,
        statut=Statut.DEPOSEE,
        theme=genre.theme(objet),
        caisse=caisse,
        partenaire_id=acteur.partenaire_id,
        auteur_id=acteur.id,
        assure_civilite=assure.civilite,
        assure_nom=assure.nom,
        assure_prenom=assure.prenom,
        assure_date_naissance=assure.date_naissance,
        assure_departement=assure.departement_residence,
        assure_mots=mots(assure.nom, assure.prenom),
        personne_cle=personne,
        consentement_date=consentement.date,
        consentement_modalite=consentement.modalite,
        commentaire=depot.commentaire,
        deposee_le=instant,
        modifiee_le=instant,
        echeance=(await _echeance(session, caisse, type_)).echeance,
    )
    session.add(demande)
    await session.flush()
    session.add(genre.table(demande_id=demande.id, **objet))
    return demande, await _conclure(session, acteur, demande, "demande.deposee", depot.passages_confirmes)


async def _caisse_destinataire(
    session: AsyncSession, acteur: Acteur, type_: Type, depot: DemandeDepot
) -> str:
    """Art. 1.2: the caisse named, else the caisse de rattachement; its convention and function are checked."""
    caisse = depot.caisse
    if caisse is None:
        rattachements = await referentiel.rattachements(session)
        du_departement = caisses_du_departement(depot.assure.departement_residence, rattachements)
        joignables = [code for code in du_departement if code in acteur.ouvertes]
        if len(joignables) > 1:
            raise Validation.du_champ(
                "/caisse", "ep_caisse_ambigue", "Plusieurs caisses servent ce département."
            )
        caisse = next(iter(joignables or du_departement), None)
    if caisse is None or caisse not in acteur.ouvertes:
        raise CaisseNonConventionnee(caisses=sorted(acteur.ouvertes))
    exiger_fonctionnalite(acteur, type_.fonctionnalite, caisse)
    return caisse


def exiger_fonctionnalite(acteur: Acteur, fonctionnalite: Fonctionnalite, caisse: str) -> None:
    """Art. 1.2: refuse, and name, a function that this caisse keeps closed to this structure."""
    if not acteur.cote_caisse and fonctionnalite not in acteur.ouvertes.get(caisse, frozenset()):
        raise FonctionnaliteInactive(fonctionnalite=fonctionnalite.value, caisse=caisse)


async def _echeance(session: AsyncSession, caisse: str, type_: Type) -> Delai:
    ligne = await referentiel.caisse(session, caisse)
    if ligne is None:
        raise Introuvable
    jours = await referentiel.delai(session, caisse, type_.fonctionnalite)
    return regles.echeance_au_depot(today(), jours, ligne.departement)


async def lire(
    session: AsyncSession, acteur: Acteur, id_: UUID, type_: Type | None = None
) -> tuple[Demande, DemandeLue]:
    """Return a request that the actor may read. Raises Introuvable, FonctionnaliteInactive."""
    row = await queries.lire(session, acteur, tuple(acteur.ouvertes), id_)
    if row is None or (type_ is not None and row[0].type is not type_):
        raise Introuvable
    exiger_fonctionnalite(acteur, Fonctionnalite.HISTORIQUE, row[0].caisse)
    return row[0], (await lecture.lues(session, acteur, [row]))[0]


Effet = Callable[[Demande], Awaitable[None]]


async def faire(
    session: AsyncSession,
    acteur: Acteur,
    id_: UUID,
    geste: Geste,
    version: str | None,
    effet: Effet | None = None,
    confirmes: list[dict[str, Any]] | None = None,
) -> tuple[Demande, DemandeLue]:
    """Do a gesture: lock, check the version, the function and the state, apply, tell.

    Raises Introuvable, VersionPerimee, FonctionnaliteInactive, TransitionInterdite.
    """
    demande = await queries.verrouiller(session, acteur, tuple(acteur.ouvertes), id_)
    if demande is None or acteur.role is None:
        raise Introuvable
    check_version(demande.version, version)
    if DROITS[regles.TRANSITIONS[geste].action].celle_de_la_demande:
        exiger_fonctionnalite(acteur, demande.type.fonctionnalite, demande.caisse)
    vers = regles.suivant(geste, demande.statut, acteur.role)
    if vers is None:
        permises = lecture.actions_permises(acteur, demande)
        raise TransitionInterdite(
            statut=demande.statut.value, actions_possibles=regles.actions_possibles(demande.statut, permises)
        )
    with session.no_autoflush:  # the row is written once, whole: its constraints bind its columns together
        if effet:
            await effet(demande)
        await _changer_statut(session, demande, vers)
    return demande, await _conclure(session, acteur, demande, EVENEMENTS[geste], confirmes or [])


EVENEMENTS = {
    Geste.PRISE_EN_CHARGE: "demande.prise_en_charge",
    Geste.AFFECTATION: "demande.affectee",
    Geste.DEMANDE_COMPLEMENT: "demande.complement_demande",
    Geste.MESSAGES: "demande.message",
    Geste.CLOTURE: "demande.cloturee",
    Geste.ANNULATION: "demande.annulee",
    Geste.RETRAIT_CONSENTEMENT: "demande.consentement_retire",
}


async def _changer_statut(session: AsyncSession, demande: Demande, vers: Statut) -> None:
    """Set the state, and stop or start the clock with it."""
    if demande.statut is not vers:
        caisse = await referentiel.caisse(session, demande.caisse)
        departement = caisse.departement if caisse else ""
        delai = Delai(demande.echeance, demande.jours_restants)
        if vers is Statut.COMPLEMENT_DEMANDE:
            delai = regles.suspendre(delai, today(), departement)
        elif demande.statut is Statut.COMPLEMENT_DEMANDE:
            delai = regles.reprendre(delai, today(), departement)
        demande.echeance, demande.jours_restants = delai.echeance, delai.jours_restants
        demande.statut = vers
        if vers not in regles.OUVERTS:
            demande.cloturee_le = now()
    demande.modifiee_le = now()
    demande.version += 1


async def _conclure(
    session: AsyncSession, acteur: Acteur, demande: Demande, evenement: str, confirmes: list[dict[str, Any]]
) -> DemandeLue:
    """Flush, enqueue the mails, read back, then write the event and the journal: they come last."""
    await session.flush()
    for cote in COTES:
        await enqueue(session, "demandes.avertir", demande_id=str(demande.id), evenement=evenement, cote=cote)
    row = await queries.lire(session, acteur, tuple(acteur.ouvertes), demande.id)
    if row is None:
        raise Introuvable
    lue = (await lecture.lues(session, acteur, [row]))[0]
    objet = Objet("demande", demande.id, demande.caisse, demande.partenaire_id)
    await publier(session, acteur, evenement, objet)
    if confirmes:
        await inscrire(session, acteur, "texte.confirme", objet)
    return lue


def prendre(acteur: Acteur) -> Effet:
    """Art. 1.1: the agent who takes a request is in charge of it; a back office leaves it to be assigned."""

    async def effet(demande: Demande) -> None:
        if acteur.humain:
            demande.agent_id = acteur.id

    return effet


def affecter(session: AsyncSession, agent_id: UUID) -> Effet:
    """Art. 1.1: only an active agent of the request's own caisse."""

    async def effet(demande: Demande) -> None:
        agent = await comptes.compte(session, agent_id)
        if (
            agent is None
            or agent.role is not Role.AGENT_CAISSE
            or agent.caisse != demande.caisse
            or agent.statut is not Etat.ACTIF
        ):
            raise Validation.du_champ(
                "/agent_id", "ep_inconnu", "Aucun agent actif de la caisse n'a cet identifiant."
            )
        demande.agent_id = agent_id

    return effet


def ecrire(session: AsyncSession, acteur: Acteur, texte: str) -> Effet:
    async def effet(demande: Demande) -> None:
        session.add(
            Message(
                id=new_id(),
                demande_id=demande.id,
                auteur_id=acteur.id,
                role=acteur.role.value if acteur.role else "systeme",
                texte=texte,
                le=now(),
            )
        )

    return effet


def clore(session: AsyncSession, acteur: Acteur, issue: Issue, message: str) -> Effet:
    """Art. 1.1: close with an outcome, and say why to the partenaire."""

    async def effet(demande: Demande) -> None:
        demande.issue = issue
        await ecrire(session, acteur, message)(demande)

    return effet


def annuler(motif: str) -> Effet:
    async def effet(demande: Demande) -> None:
        demande.motif_annulation = motif

    return effet


def retirer_consentement(le: date) -> Effet:
    """Art. 1.1, RGPD: without consent nothing goes on; a withdrawal is not dated before the consent."""

    async def effet(demande: Demande) -> None:
        if le < demande.consentement_date:
            raise Validation.du_champ(
                "/date", "ep_date_passee", "Le retrait ne peut pas précéder le consentement."
            )
        demande.consentement_retire_le, demande.motif_annulation = le, CONSENTEMENT_RETIRE

    return effet
