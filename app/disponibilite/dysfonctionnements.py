"""Art. 3.3: a malfunction is reported with what is needed, answered or passed on, and followed to its end."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.disponibilite import lecture
from app.disponibilite import queries_dysfonctionnement as queries
from app.disponibilite.regles_dysfonctionnement import (
    Geste,
    StatutDysfonctionnement,
    actions_possibles,
    au_signalement,
    suivant,
)
from app.disponibilite.schemas_dysfonctionnement import DysfonctionnementDepot, DysfonctionnementLu
from app.disponibilite.tables import Dysfonctionnement, Echange
from app.droits import Acteur
from app.erreurs import CaisseNonConventionnee, Introuvable, TransitionInterdite
from app.evenements.service import publier
from app.journal.service import Objet, inscrire
from app.kit.clock import now
from app.kit.etag import check_version
from app.kit.ids import new_id
from app.kit.jobs import enqueue

Resultat = tuple[Dysfonctionnement, DysfonctionnementLu]

EVENEMENTS = {
    Geste.REPONSE: "dysfonctionnement.repondu",
    Geste.COMPLEMENT: "dysfonctionnement.complete",
    Geste.TRANSMISSION: "dysfonctionnement.transmis",
    Geste.CLOTURE: "dysfonctionnement.resolu",
}


async def signaler(session: AsyncSession, acteur: Acteur, depot: DysfonctionnementDepot) -> Resultat:
    """Report a malfunction to a caisse that is open to the caller. Raises CaisseNonConventionnee."""
    seule = next(iter(acteur.ouvertes)) if len(acteur.ouvertes) == 1 else None
    caisse = depot.caisse or seule
    if caisse is None or caisse not in acteur.ouvertes:
        raise CaisseNonConventionnee(caisses=sorted(acteur.ouvertes))
    if acteur.id is None or acteur.role is None:
        raise Introuvable
    instant, statut = now(), au_signalement(acteur.role)
    dysfonctionnement = Dysfonctionnement(
        **depot.model_dump(exclude={"caisse", "texte_confirme"}),
        id=new_id(),
        caisse=caisse,
        partenaire_id=acteur.partenaire_id,
        auteur_id=acteur.id,
        statut=statut,
        signale_le=instant,
        modifie_le=instant,
        transmis_le=instant if statut is StatutDysfonctionnement.TRANSMIS else None,
    )
    session.add(dysfonctionnement)
    return await _conclure(
        session,
        acteur,
        dysfonctionnement,
        "dysfonctionnement.signale",
        confirme=bool(depot.passages_confirmes),
    )


async def lire(session: AsyncSession, acteur: Acteur, id_: UUID) -> Resultat:
    row = await queries.un(session, acteur, id_)
    if row is None:
        raise Introuvable
    return row[0], (await lecture.lus(session, acteur, [row]))[0]


async def faire(
    session: AsyncSession,
    acteur: Acteur,
    id_: UUID,
    geste: Geste,
    texte: str | None,
    version: str | None,
    *,
    confirme: bool,
) -> Resultat:
    """Do a gesture: lock, check the version and the state, apply, tell.

    Raises Introuvable, VersionPerimee, TransitionInterdite.
    """
    dysfonctionnement = await queries.verrouiller(session, acteur, id_)
    if dysfonctionnement is None or acteur.id is None or acteur.role is None:
        raise Introuvable
    check_version(dysfonctionnement.version, version)
    vers = suivant(geste, dysfonctionnement.statut)
    if vers is None:
        possibles = actions_possibles(dysfonctionnement.statut, lecture.actions_permises(acteur))
        raise TransitionInterdite(
            "L'état du dysfonctionnement ne permet pas cette action.",
            statut=dysfonctionnement.statut.value,
            actions_possibles=possibles,
        )
    _avancer(dysfonctionnement, vers)
    if texte is not None:
        session.add(
            Echange(
                id=new_id(),
                dysfonctionnement_id=id_,
                auteur_id=acteur.id,
                role=acteur.role,
                geste=geste,
                texte=texte,
                le=dysfonctionnement.modifie_le,
            )
        )
    return await _conclure(session, acteur, dysfonctionnement, EVENEMENTS[geste], confirme=confirme)


def _avancer(dysfonctionnement: Dysfonctionnement, vers: StatutDysfonctionnement) -> None:
    instant = now()
    if vers is StatutDysfonctionnement.TRANSMIS and dysfonctionnement.transmis_le is None:
        dysfonctionnement.transmis_le = instant
    if vers is StatutDysfonctionnement.RESOLU:
        dysfonctionnement.resolu_le = instant
    dysfonctionnement.statut, dysfonctionnement.modifie_le = vers, instant
    dysfonctionnement.version += 1


async def _conclure(
    session: AsyncSession,
    acteur: Acteur,
    dysfonctionnement: Dysfonctionnement,
    evenement: str,
    *,
    confirme: bool,
) -> Resultat:
    """Flush, enqueue the mails, read back, then write the event and the journal: they come last."""
    await session.flush()
    id_ = dysfonctionnement.id
    await enqueue(
        session,
        "disponibilite.avertir_dysfonctionnement",
        dysfonctionnement_id=str(id_),
        evenement=evenement,
        acteur_id=str(acteur.id),
    )
    resultat = await lire(session, acteur, id_)
    objet = Objet("dysfonctionnement", id_, dysfonctionnement.caisse, dysfonctionnement.partenaire_id)
    await publier(session, acteur, evenement, objet)
    if confirme:
        await inscrire(session, acteur, "texte.confirme", objet)
    return resultat
