from datetime import date
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.conventions import queries
from app.conventions.regles import Partie, Statut, se_chevauchent, statut
from app.conventions.schemas import ConventionCreation, FonctionnalitesConvention, Signature, Suspension
from app.conventions.tables import Convention, ReglageConvention
from app.droits import Acteur
from app.erreurs import (
    ConventionDejaOuverte,
    DejaSignee,
    EtatDeLaConvention,
    Introuvable,
    PermissionRefusee,
    Validation,
)
from app.evenements.service import publier
from app.journal.service import Objet, inscrire
from app.kit.clock import now, today
from app.kit.etag import check_version
from app.kit.jobs import enqueue


async def creer(session: AsyncSession, acteur: Acteur, depot: ConventionCreation) -> Convention:
    if acteur.caisse is None or depot.caisse not in {None, acteur.caisse}:
        raise PermissionRefusee("Un agent ne crée de convention que pour sa caisse.")
    if not await queries.partenaire_existe(session, depot.partenaire_id):
        raise Validation.du_champ(
            "/partenaire_id", "ep_inconnu", "Aucun partenaire ne porte cet identifiant."
        )
    for champ in ("signee_partenaire_le", "signee_caisse_le"):
        _deja_passe(getattr(depot, champ), f"/{champ}")
    _deja_passe(depot.metier.signee_le, "/metier/signee_le")
    convention = Convention(
        partenaire_id=depot.partenaire_id,
        caisse=acteur.caisse,
        metier_reference=depot.metier.reference,
        metier_signee_le=depot.metier.signee_le,
        signee_partenaire_le=depot.signee_partenaire_le,
        signee_caisse_le=depot.signee_caisse_le,
        tacite_reconduction=depot.tacite_reconduction,
    )
    await _sans_chevauchement(session, convention)
    session.add(convention)
    await session.flush()
    if depot.fonctionnalites:
        await _regler(session, convention.id, depot.fonctionnalites)
    await publier(session, acteur, "convention.creee", _objet(convention))
    return convention


async def signer(
    session: AsyncSession, acteur: Acteur, id_: UUID, signature: Signature, version: str | None
) -> Convention:
    """Art. 8.1: record the signature of one party; the last one brings the convention into force."""
    convention = await visible(session, acteur, id_, verrou=True)
    check_version(convention.version, version)
    _deja_passe(signature.le, "/le")
    champ = {Partie.PARTENAIRE: "signee_partenaire_le", Partie.CAISSE: "signee_caisse_le"}[signature.partie]
    if getattr(convention, champ) is not None:
        raise DejaSignee
    setattr(convention, champ, signature.le)
    await _sans_chevauchement(session, convention)
    await session.flush()
    await publier(session, acteur, "convention.signee", _objet(convention))
    return convention


async def regler_fonctionnalites(
    session: AsyncSession, acteur: Acteur, id_: UUID, choix: FonctionnalitesConvention, version: str | None
) -> Convention:
    """Art. 1.2: open or close functions for this convention alone, against the caisse's default."""
    convention = await visible(session, acteur, id_, verrou=True)
    check_version(convention.version, version)
    await _regler(session, id_, choix)
    convention.version += 1
    await session.flush()
    await publier(session, acteur, "convention.fonctionnalites_reglees", _objet(convention))
    return convention


async def suspendre(session: AsyncSession, acteur: Acteur, id_: UUID, suspension: Suspension) -> Convention:
    """Art. 4.1: for a misuse, the caisse cuts the access of the whole structure to itself, at once."""
    convention = await visible(session, acteur, id_, verrou=True)
    if statut(convention.termes, today()) is not Statut.EN_VIGUEUR:
        raise EtatDeLaConvention(statut=statut(convention.termes, today()).value)
    convention.suspendue_le, convention.motif_suspension = now(), suspension.motif
    await _annoncer_suspension(session, acteur, convention, "convention.suspendue")
    if suspension.passages_confirmes:
        await inscrire(session, acteur, "texte.confirme", _objet(convention))
    return convention


async def lever_suspension(session: AsyncSession, acteur: Acteur, id_: UUID) -> Convention:
    convention = await visible(session, acteur, id_, verrou=True)
    if convention.suspendue_le is None:
        raise EtatDeLaConvention(statut=statut(convention.termes, today()).value)
    convention.suspendue_le = convention.motif_suspension = None
    return await _annoncer_suspension(session, acteur, convention, "convention.suspension_levee")


async def _annoncer_suspension(
    session: AsyncSession, acteur: Acteur, convention: Convention, evenement: str
) -> Convention:
    await session.flush()
    await enqueue(session, "conventions.avertir", convention_id=str(convention.id), evenement=evenement)
    await publier(session, acteur, evenement, _objet(convention))
    return convention


async def visible(session: AsyncSession, acteur: Acteur, id_: UUID, *, verrou: bool = False) -> Convention:
    """Return a convention of the actor's side, locked before a change. Raises Introuvable."""
    statement = queries.conventions(acteur).where(Convention.id == id_)
    convention = await session.scalar(statement.with_for_update() if verrou else statement)
    if convention is None:
        raise Introuvable
    return convention


async def _sans_chevauchement(session: AsyncSession, convention: Convention) -> None:
    with session.no_autoflush:
        autres = await queries.signees(session, convention.partenaire_id, convention.caisse)
    for autre in autres:
        if autre is not convention and se_chevauchent(convention.termes, autre.termes):
            raise ConventionDejaOuverte(convention_id=str(autre.id))


async def _regler(session: AsyncSession, id_: UUID, choix: FonctionnalitesConvention) -> None:
    await session.execute(delete(ReglageConvention).where(ReglageConvention.convention_id == id_))
    rows = [
        {"convention_id": id_, "fonctionnalite": f, "active": active}
        for f, active in choix.choix().items()
        if active is not None
    ]
    if rows:
        await session.execute(insert(ReglageConvention), rows)


def _deja_passe(jour: date | None, champ: str) -> None:
    if jour is not None and jour > today():
        raise Validation.du_champ(
            champ, "ep_futur", "Une signature ne peut pas être datée d'un jour à venir."
        )


def _objet(convention: Convention) -> Objet:
    return Objet("convention", convention.id, convention.caisse, convention.partenaire_id)
