"""The gestures on requests: take, assign, ask, answer, close, cancel, withdraw."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes import queries as comptes
from app.comptes.regles import Etat
from app.demandes import lecture, mesures, queries, regles
from app.demandes.genres import GENRES
from app.demandes.jointes import exiger_jointes
from app.demandes.regles import Delai, Geste, Issue, Statut, Type
from app.demandes.schemas import DemandeLue
from app.demandes.tables import Demande, Message, TexteConfirme
from app.droits import DROITS, Acteur, Fonctionnalite, Role
from app.erreurs import (
    FonctionnaliteInactive,
    Introuvable,
    TransitionInterdite,
    Validation,
)
from app.evenements.service import publier
from app.journal.service import Objet, inscrire
from app.kit.clock import now, today
from app.kit.etag import check_version
from app.kit.guarded import Corps, check_texts
from app.kit.ids import new_id
from app.kit.jobs import enqueue
from app.referentiel import queries as referentiel

COTES = ("caisse", "technicien")


def exiger_fonctionnalite(acteur: Acteur, fonctionnalite: Fonctionnalite, caisse: str) -> None:
    """Art. 1.2: refuse, and name, a function that this caisse keeps closed to this structure."""
    if not acteur.cote_caisse and fonctionnalite not in acteur.ouvertes.get(caisse, frozenset()):
        raise FonctionnaliteInactive(fonctionnalite=fonctionnalite.value, caisse=caisse)


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
    corps: Corps | None = None,
    *,
    type_: Type | None = None,
    evenement: str | None = None,
) -> tuple[Demande, DemandeLue]:
    """Do a gesture: lock, check the version, the function and the state, apply, tell.

    `type_` is the only kind that the gesture knows; `evenement` replaces the one that it publishes; `corps` is
    what was sent, for the guard.
    Raises Introuvable, VersionPerimee, FonctionnaliteInactive, TransitionInterdite.
    """
    demande = await queries.verrouiller(session, acteur, tuple(acteur.ouvertes), id_)
    if demande is None or acteur.role is None or type_ not in {None, demande.type}:
        raise Introuvable
    check_version(demande.version, version)
    if DROITS[regles.TRANSITIONS[geste].action].celle_de_la_demande:
        exiger_fonctionnalite(acteur, demande.type.fonctionnalite, demande.caisse)
    vers = regles.suivant(geste, demande.statut, acteur.role)
    possibles = await _gestes_possibles(session, acteur, demande)
    if vers is None or geste.value not in possibles:
        raise TransitionInterdite(statut=demande.statut.value, actions_possibles=possibles)
    with session.no_autoflush:  # the row is written once, whole: its constraints bind its columns together
        if effet:
            await effet(demande)
        await avancer(session, demande, vers)
    return demande, await conclure(session, acteur, demande, evenement or EVENEMENTS[geste], corps)


async def _gestes_possibles(session: AsyncSession, acteur: Acteur, demande: Demande) -> list[str]:
    objet = await queries.objet(session, demande) if GENRES[demande.type].gestes else {}
    return lecture.gestes_possibles(acteur, demande, objet)


EVENEMENTS = {
    Geste.PRISE_EN_CHARGE: "demande.prise_en_charge",
    Geste.AFFECTATION: "demande.affectee",
    Geste.DEMANDE_COMPLEMENT: "demande.complement_demande",
    Geste.MESSAGES: "demande.message",
    Geste.CLOTURE: "demande.cloturee",
    Geste.ANNULATION: "demande.annulee",
    Geste.RETRAIT_CONSENTEMENT: "demande.consentement_retire",
    Geste.PROPOSITIONS: "rendez_vous.propose",
    Geste.CONFIRMATION: "rendez_vous.confirme",
    Geste.REFUS: "rendez_vous.refuse",
    Geste.ANNULATION_CRENEAU: "rendez_vous.annule",
    Geste.ISSUE: "rendez_vous.honore",
    Geste.ENVOI: "document.envoye",
}


async def avancer(session: AsyncSession, demande: Demande, vers: Statut) -> None:
    """Set the state, and what follows from it: the end of what the kind left open, and the clock."""
    if demande.statut is not vers and vers not in regles.OUVERTS:
        demande.cloturee_le = now()
        for suite in GENRES[demande.type].suites.values():
            await session.execute(suite.a_la_fin(demande.id, now()))
    avant, demande.statut = demande.statut, vers
    await _regler_le_delai(session, demande)
    await mesures.mesurer(session, demande, avant)
    demande.modifiee_le = now()
    demande.version += 1


async def _regler_le_delai(session: AsyncSession, demande: Demande) -> None:
    """Stop the clock while the partenaire is awaited, by the state or by the kind; else start it again."""
    attend = GENRES[demande.type].attend
    attendu = demande.statut is Statut.COMPLEMENT_DEMANDE
    if attend and demande.statut in regles.OUVERTS and not attendu:
        attendu = attend(await queries.objet(session, demande), now())
    delai = Delai(demande.echeance, demande.jours_restants)
    if attendu is (delai.jours_restants is not None):
        return
    caisse = await referentiel.caisse(session, demande.caisse)
    if caisse is None:
        raise Introuvable
    regler = regles.suspendre if attendu else regles.reprendre
    delai = regler(delai, today(caisse.fuseau), caisse.departement)
    demande.echeance, demande.jours_restants = delai.echeance, delai.jours_restants


async def conclure(
    session: AsyncSession, acteur: Acteur, demande: Demande, evenement: str, corps: Corps | None
) -> DemandeLue:
    """Flush, enqueue the mails, read back, then write the event and the journal: they come last.

    `corps` is what was sent: read once more with the words that the caisse added. Raises DonneeDeSante.
    """
    confirmes = await _confirmes(session, demande.caisse, corps)
    session.add_all(textes_confirmes(acteur, demande, confirmes))
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


async def _confirmes(session: AsyncSession, code: str, corps: Corps | None) -> list[dict[str, Any]]:
    """Art. 5: return the passages that the author confirmed, by the words of everybody and those of the caisse."""
    if corps is None:
        return []
    caisse = await referentiel.caisse(session, code)
    if caisse is not None and caisse.termes_garde:
        check_texts(corps, caisse.termes_garde)
    return corps.passages_confirmes


def textes_confirmes(
    acteur: Acteur, demande: Demande, confirmes: list[dict[str, Any]]
) -> list[TexteConfirme]:
    """Art. 5: what the author confirmed against the guard, one line a text, for the caisse to review."""
    return [
        TexteConfirme(
            id=new_id(),
            demande_id=demande.id,
            caisse=demande.caisse,
            champ=champ,
            empreinte=empreinte,
            passages=[
                {"debut": p["debut"], "fin": p["fin"]}
                for p in confirmes
                if (p["champ"], p["empreinte"]) == (champ, empreinte)
            ],
            auteur_id=acteur.id,
            role=acteur.role.value if acteur.role else "systeme",
            le=now(),
        )
        for champ, empreinte in dict.fromkeys((p["champ"], p["empreinte"]) for p in confirmes)
    ]


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


def ecrire(session: AsyncSession, acteur: Acteur, texte: str, pieces: Sequence[UUID] = ()) -> Effet:
    """Add a message; `pieces` are of this request and of the author's side (art. 1.3)."""

    async def effet(demande: Demande) -> None:
        jointes = await exiger_jointes(session, acteur, demande.id, pieces)
        session.add(
            Message(
                id=new_id(),
                demande_id=demande.id,
                auteur_id=acteur.id,
                role=acteur.role.value if acteur.role else "systeme",
                texte=texte,
                pieces=jointes,
                le=now(),
            )
        )

    return effet


def clore(
    session: AsyncSession, acteur: Acteur, issue: Issue, message: str, pieces: Sequence[UUID] = ()
) -> Effet:
    """Art. 1.1: close with an outcome, and say why to the partenaire."""

    async def effet(demande: Demande) -> None:
        demande.issue = issue
        await ecrire(session, acteur, message, pieces)(demande)

    return effet


def annuler(motif: str) -> Effet:
    async def effet(demande: Demande) -> None:
        demande.motif_annulation = motif

    return effet
