"""Signing in: by password, by refresh token, by an application for itself."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.acces import cles, clients, connexions, oauth
from app.acces.oauth import JetonsLus, Refused, TokenRequest
from app.acces.regles import PORTEE_CGU, PORTEE_MOT_DE_PASSE
from app.acces.tables import Application, Famille, JetonRafraichissement
from app.comptes import queries as comptes
from app.comptes.regles import cgu_a_accepter, mot_de_passe_expire_le
from app.comptes.tables import Compte
from app.config import settings
from app.conventions import queries as conventions
from app.droits import DROITS, Acteur, Role
from app.erreurs import Maintenance
from app.journal.service import Objet, inscrire
from app.kit.clock import now, today
from app.kit.ids import new_id
from app.kit.jobs import enqueue
from app.kit.outage import MEMORY
from app.kit.passwords import fingerprint, new_secret

SWAGGER = "swagger-ui"


def portees_du_role(role: Role) -> frozenset[str]:
    """Return every scope that a role can use: those of its rows in the table of rights."""
    return frozenset(d.portee.value for d in DROITS.values() if role in d.roles and d.portee)


async def par_mot_de_passe(session: AsyncSession, demande: TokenRequest) -> JetonsLus | Refused:
    """Sign in with a personal identifiant and password, where this grant is on."""
    if not settings().password_grant_on:
        return oauth.UNSUPPORTED
    if not demande.username or not demande.password:
        return oauth.INVALID_REQUEST
    if demande.client_id not in {"", SWAGGER}:
        return oauth.UNAUTHORIZED_CLIENT
    compte = await connexions.verifier(session, demande.username, demande.password, demande.origin)
    if isinstance(compte, Refused):
        return compte
    portees = portees_du_role(compte.role)
    if not demande.scope <= portees:
        return oauth.INVALID_SCOPE
    famille = nouvelle_famille(demande.scope or portees, SWAGGER, compte=compte)
    session.add(famille)
    jetons = await jetons_du_compte(session, compte, famille)
    await connexions.reussie(session, compte, demande.origin)
    return jetons


async def par_rafraichissement(session: AsyncSession, demande: TokenRequest) -> JetonsLus | Refused:
    """Rotate a refresh token; one that comes back after its use ends its whole family."""
    if not demande.refresh_token:
        return oauth.INVALID_REQUEST
    jeton = await session.get(JetonRafraichissement, fingerprint(demande.refresh_token), with_for_update=True)
    famille = await session.get(Famille, jeton.famille_id, with_for_update=True) if jeton else None
    if jeton is None or famille is None:
        return oauth.INVALID_REFRESH
    refus = await _client_de_la_famille(session, demande, famille)
    if refus:
        return refus
    if jeton.utilise_le is not None:
        if famille.revoquee_le is None and famille.compte_id is not None:
            await enqueue(session, "provenance.annoncer_rejeu", compte_id=str(famille.compte_id))
        famille.revoquee_le = famille.revoquee_le or now()
        await inscrire(session, Acteur(famille.compte_id, None), "jeton.rejoue", Objet("famille", famille.id))
        return oauth.INVALID_REFRESH
    return await _tourner(session, demande, jeton, famille)


async def _tourner(
    session: AsyncSession, demande: TokenRequest, jeton: JetonRafraichissement, famille: Famille
) -> JetonsLus | Refused:
    """Use up a refresh token for the next ones. What refuses after the family's own end leaves it good.

    A `scope` narrows the access token, not the family; what was not granted is left out (RFC 6749, 3.3, 6).
    """
    compte = await comptes.compte(session, famille.compte_id) if famille.compte_id else None
    perdue = famille.revoquee_le is not None or famille.expire_le <= now()
    if (
        perdue
        or compte is None
        or not await connexions.actif(session, compte)
        or famille.epoque != compte.epoque
    ):
        return oauth.INVALID_REFRESH
    if refus := await connexions.interdite(session, compte, demande.origin):
        return refus
    if demande.scope and famille.scope and demande.scope.isdisjoint(famille.scope):
        return oauth.INVALID_SCOPE
    jeton.utilise_le = now()
    jetons = await jetons_du_compte(session, compte, famille, demande.scope)
    await connexions.poursuivie(session, compte, demande.origin)
    return jetons


async def _client_de_la_famille(
    session: AsyncSession, demande: TokenRequest, famille: Famille
) -> Refused | None:
    if famille.client_id == SWAGGER:
        return None if demande.client_id in {"", SWAGGER} else oauth.INVALID_REFRESH
    application = await clients.authentifier(session, demande)
    if isinstance(application, Refused):
        return application
    return None if application.client_id == famille.client_id else oauth.INVALID_REFRESH


async def par_application(session: AsyncSession, demande: TokenRequest) -> JetonsLus | Refused:
    """Open a session for an application acting for itself, within its registered scopes."""
    application = await clients.prouver(session, demande)
    if isinstance(application, Refused):
        return application
    if application.secret is None:
        return oauth.INVALID_CLIENT
    acteur = await _au_nom_de(session, application)
    if "client_credentials" not in application.grant_types or acteur is None:
        return oauth.UNAUTHORIZED_CLIENT
    if not demande.scope <= frozenset(application.scope):
        return oauth.INVALID_SCOPE
    famille = nouvelle_famille(
        demande.scope or frozenset(application.scope), application.client_id, application_id=application.id
    )
    session.add(famille)
    await session.flush()
    claims = {
        "sub": application.client_id,
        "role": acteur.role.value if acteur.role else None,
        "caisse": acteur.caisse,
        "partenaire_id": str(acteur.partenaire_id) if acteur.partenaire_id else None,
    }
    jetons = await _jetons(famille, claims, frozenset(famille.scope))
    objet = Objet("application", application.id, application.caisse, application.partenaire_id)
    await inscrire(session, acteur, "connexion.reussie", objet)
    return jetons


async def _au_nom_de(session: AsyncSession, application: Application) -> Acteur | None:
    """Return whom an application acts as without a person: an agent of its caisse, a technicien of its structure.

    Public software belongs to nobody, and acts as nobody; nor does that of a structure without a convention.
    """
    if application.caisse is not None:
        return Acteur(application.id, Role.AGENT_CAISSE, caisse=application.caisse, humain=False)
    structure = application.partenaire_id
    if structure is None or await conventions.structure_close(session, structure, today()):
        return None
    return Acteur(application.id, Role.TECHNICIEN, structure, humain=False)


def nouvelle_famille(
    portees: frozenset[str], client: str, *, compte: Compte | None = None, application_id: UUID | None = None
) -> Famille:
    return Famille(
        id=new_id(),
        compte_id=compte.id if compte else None,
        epoque=compte.epoque if compte else None,
        application_id=application_id,
        client_id=client,
        scope=sorted(portees),
        cree_le=now(),
        expire_le=now() + timedelta(seconds=settings().refresh_token_ttl),
    )


async def jetons_du_compte(
    session: AsyncSession, compte: Compte, famille: Famille, voulues: frozenset[str] = frozenset()
) -> JetonsLus:
    """Return the next tokens of a family; `voulues` are the scopes wanted of its access token, all when empty."""
    await session.flush()
    secret = new_secret("r-")
    session.add(JetonRafraichissement(empreinte=fingerprint(secret), famille_id=famille.id, emis_le=now()))
    await session.flush()
    claims = {
        "sub": str(compte.id),
        "role": compte.role.value,
        "partenaire_id": str(compte.partenaire_id) if compte.partenaire_id else None,
        "caisse": compte.caisse,
    }
    jetons = await _jetons(famille, claims, await _portees(session, compte, famille, voulues))
    return jetons.model_copy(update={"refresh_token": secret})


async def limite(session: AsyncSession, compte: Compte) -> str | None:
    """Art. 2.1, 2.2.1: until the password is renewed, then the CGU accepted, only that is permitted."""
    if compte.mot_de_passe_change_le is not None:
        expire = mot_de_passe_expire_le(compte.mot_de_passe_change_le, settings().password_days)
        if today() > expire:
            return PORTEE_MOT_DE_PASSE
    cgu = await comptes.cgu_en_vigueur(session)
    return PORTEE_CGU if cgu_a_accepter(compte.cgu_version, cgu.version if cgu else None) else None


async def _portees(
    session: AsyncSession, compte: Compte, famille: Famille, voulues: frozenset[str]
) -> frozenset[str]:
    seule = await limite(session, compte)
    ouvertes = frozenset(famille.scope) & portees_du_role(compte.role)
    return frozenset({seule}) if seule else ouvertes & (voulues or ouvertes)


def _hors_maintenance(claims: dict[str, str | None]) -> None:
    """Art. 3.2: during a maintenance, only the administrateur signs in: told once the caller has proved itself.

    Raises Maintenance: the transaction is undone, so a refresh token is not used up.
    """
    if claims["role"] != Role.ADMINISTRATEUR and MEMORY.end_of_maintenance(now()):
        raise Maintenance(referents=MEMORY.of_claims(claims))


async def _jetons(famille: Famille, claims: dict[str, str | None], portees: frozenset[str]) -> JetonsLus:
    _hors_maintenance(claims)
    await cles.ready_to_sign()
    ttl, scope = settings().access_token_ttl, " ".join(sorted(portees))
    common = {"client_id": famille.client_id, "scope": scope, "jti": str(new_id()), "sid": str(famille.id)}
    return JetonsLus(access_token=cles.keyring().sign(claims | common, ttl), expires_in=ttl, scope=scope)


async def revoquer_familles(session: AsyncSession, compte_id: UUID) -> None:
    """Art. 4.1: end every signing in of an account; its tokens are refused at their next call."""
    await session.execute(
        update(Famille)
        .where(Famille.compte_id == compte_id, Famille.revoquee_le.is_(None))
        .values(revoquee_le=now())
    )
