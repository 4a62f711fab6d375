"""Registering the applications (art. 4.1): by the national operator, whoever they belong to."""

import secrets
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.acces.tables import Application, CodeAutorisation, Consentement, Famille
from app.applications import queries
from app.applications.lecture import application_lue
from app.applications.regles import Fiche, Flux, Methode, incoherences
from app.applications.schemas import (
    ApplicationCreation,
    ApplicationCreee,
    ApplicationModification,
    RotationSecret,
    SecretLu,
)
from app.config import settings
from app.conventions import queries as conventions
from app.droits import Acteur
from app.erreurs import ApplicationTerminee, Introuvable, Validation
from app.evenements.service import publier
from app.journal.service import Objet
from app.kit.clock import now, today
from app.kit.etag import check_version
from app.kit.passwords import fingerprint, new_secret
from app.kit.session import SYSTEM, see, sight
from app.referentiel.tables import Caisse

PARIS = ZoneInfo("Europe/Paris")


def objet(application: Application) -> Objet:
    return Objet("application", application.id, application.caisse, application.partenaire_id)


async def creer(session: AsyncSession, acteur: Acteur, depot: ApplicationCreation) -> ApplicationCreee:
    """Register an application; its secret is in this answer, and its hash alone is kept."""
    secret = None if depot.token_endpoint_auth_method is Methode.AUCUNE else new_secret()
    application = Application(
        client_id=f"app-{secrets.token_hex(8)}",
        cree_le=now(),
        scope=sorted(set(depot.scope.split())),
        grant_types=sorted(set(depot.grant_types)),
        **depot.model_dump(exclude={"scope", "grant_types"}),
    )
    _coherente(application)
    await _titulaire_connu(session, depot)
    if secret is not None:
        _donner_secret(application, secret)
    session.add(application)
    await session.flush()
    await publier(session, acteur, "application.creee", objet(application))
    return ApplicationCreee(**application_lue(application).model_dump(), client_secret=secret)


async def modifier(
    session: AsyncSession,
    acteur: Acteur,
    id_: UUID,
    changements: ApplicationModification,
    version: str | None,
) -> Application:
    """Change an application; a scope that it loses ends at once the sessions that hold it."""
    application = await _ouverte(session, acteur, id_, version)
    avant = set(application.scope)
    for champ, valeur in changements.model_dump(exclude_none=True).items():
        setattr(application, champ, sorted(set(valeur.split())) if champ == "scope" else valeur)
    _coherente(application)
    await _marquer(session, application)
    if avant - set(application.scope):
        await _fermer_les_sessions(session, acteur, application)
    await publier(session, acteur, "application.modifiee", objet(application))
    return application


async def changer_secret(
    session: AsyncSession, acteur: Acteur, id_: UUID, rotation: RotationSecret, version: str | None
) -> SecretLu:
    """Give a new secret; the one in use stays good for the overlap.

    A second rotation during an overlap keeps the secret that was in use: an answer that was lost cuts
    nobody. Without any overlap, every former secret ends at once. Raises ApplicationTerminee, Validation.
    """
    application = await _ouverte(session, acteur, id_, version)
    if application.secret is None:
        raise Validation.du_champ("/id", "ep_publique", "Une application publique n'a pas de secret.")
    en_chevauchement = (
        application.ancien_secret_expire_le is not None and application.ancien_secret_expire_le > now()
    )
    if rotation.chevauchement_heures == 0:
        application.ancien_secret = application.ancien_secret_expire_le = None
    elif not en_chevauchement:
        application.ancien_secret = application.secret
        application.ancien_secret_expire_le = _fin_de_l_ancien(application, rotation.chevauchement_heures)
    secret = new_secret()
    _donner_secret(application, secret)
    await _marquer(session, application)
    await publier(session, acteur, "application.secret_change", objet(application))
    return SecretLu(
        client_id=application.client_id,
        client_secret=secret,
        secret_expire_le=today() + timedelta(days=settings().secret_days),
        ancien_secret_expire_le=application.ancien_secret_expire_le,
    )


async def terminer(session: AsyncSession, acteur: Acteur, id_: UUID, version: str | None) -> Application:
    """Art. 4.1: end an application: its tokens are refused at their next call. Twice changes nothing."""
    application = await visible(session, acteur, id_, verrou=True)
    check_version(application.version, version)
    return await finir(session, acteur, application)


async def finir(session: AsyncSession, acteur: Acteur, application: Application) -> Application:
    if application.fin_le is not None:
        return application
    application.fin_le = now()
    application.ancien_secret = application.ancien_secret_expire_le = None
    await _marquer(session, application)
    await _fermer_les_sessions(session, acteur, application, consentements=True)
    await publier(session, acteur, "application.terminee", objet(application))
    return application


async def visible(session: AsyncSession, acteur: Acteur, id_: UUID, *, verrou: bool = False) -> Application:
    """Return an application that the actor may know, locked before a change. Raises Introuvable."""
    statement = queries.applications(acteur).where(Application.id == id_)
    application = await session.scalar(statement.with_for_update() if verrou else statement)
    if application is None:
        raise Introuvable
    return application


async def _ouverte(session: AsyncSession, acteur: Acteur, id_: UUID, version: str | None) -> Application:
    application = await visible(session, acteur, id_, verrou=True)
    check_version(application.version, version)
    if application.fin_le is not None:
        raise ApplicationTerminee
    return application


def _coherente(application: Application) -> None:
    """Raise Validation with everything that does not hold together."""
    fiche = Fiche(
        caisse=application.caisse is not None,
        partenaire=application.partenaire_id is not None,
        flux=frozenset(map(Flux, application.grant_types)),
        confidentielle=application.token_endpoint_auth_method != Methode.AUCUNE,
        redirections=bool(application.redirect_uris),
        portees=frozenset(application.scope),
    )
    if erreurs := incoherences(fiche):
        raise Validation(erreurs=[{"champ": e.champ, "code": e.code, "message": e.message} for e in erreurs])


async def _titulaire_connu(session: AsyncSession, depot: ApplicationCreation) -> None:
    if depot.caisse is not None and await session.get(Caisse, depot.caisse) is None:
        raise Validation.du_champ("/caisse", "ep_inconnu", "Aucune caisse ne porte ce code.")
    if depot.partenaire_id is not None and not await conventions.partenaire_existe(
        session, depot.partenaire_id
    ):
        raise Validation.du_champ(
            "/partenaire_id", "ep_inconnu", "Aucun partenaire ne porte cet identifiant."
        )


def _donner_secret(application: Application, secret: str) -> None:
    application.secret, application.avis_jours = fingerprint(secret), None
    application.secret_expire_le = today() + timedelta(days=settings().secret_days)


def _fin_de_l_ancien(application: Application, heures: int) -> datetime:
    """Return the end of the overlap: never after the last day that the former secret had."""
    dernier = application.secret_expire_le or today()
    return min(
        now() + timedelta(hours=heures), datetime.combine(dernier + timedelta(days=1), time(0), tzinfo=PARIS)
    )


async def _marquer(session: AsyncSession, application: Application) -> None:
    application.version += 1
    await session.flush()


async def _fermer_les_sessions(
    session: AsyncSession, acteur: Acteur, application: Application, *, consentements: bool = False
) -> None:
    """End every signing in through an application, its codes first: the system alone writes them."""
    await see(session, SYSTEM)
    for table in (CodeAutorisation, Consentement) if consentements else (CodeAutorisation,):
        await session.execute(delete(table).where(table.application_id == application.id))
    await session.execute(
        update(Famille)
        .where(Famille.client_id == application.client_id, Famille.revoquee_le.is_(None))
        .values(revoquee_le=now())
    )
    await see(session, sight(acteur))
