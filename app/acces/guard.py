"""The guard of every route: who calls, and may they do this now?"""

from dataclasses import replace
from typing import Any
from uuid import UUID

from fastapi import Depends, Request, Security
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import HTTPBearer, OAuth2, OAuth2AuthorizationCodeBearer, OAuth2PasswordBearer
from sqlalchemy.ext.asyncio import AsyncSession

from app.acces import cles, queries
from app.acces.regles import Situation, decider
from app.acces.regles_oauth import LIBELLES
from app.comptes.regles import Etat, etat, mot_de_passe_expire_le
from app.config import settings
from app.droits import DROITS, Acteur, Action, Fonctionnalite, Role
from app.erreurs import JetonInvalide
from app.kit import limits
from app.kit.clock import live_in, now, today
from app.kit.session import SCOPES as VISIBLE
from app.kit.session import SessionDep, Visibility, see, sight
from app.kit.tokens import InvalidToken
from app.provenance.origine import origine
from app.provenance.regles import dans_un_reseau

# Those that some action of the table demands.
SCOPES = {
    portee.value: libelle
    for portee, libelle in LIBELLES.items()
    if any(droit.portee is portee for droit in DROITS.values())
}
bearer = HTTPBearer(
    scheme_name="jeton",
    bearerFormat="JWT",
    auto_error=False,
    description="Jeton d'accès RFC 9068 (RFC 8725).",
)
JETON, AUTORISER = "/v1/oauth/token", "/v1/oauth/authorize"
code_flow = OAuth2AuthorizationCodeBearer(
    authorizationUrl=AUTORISER,
    tokenUrl=JETON,
    refreshUrl=JETON,
    scheme_name="autorisation",
    scopes=SCOPES,
    auto_error=False,
    description="Connexion d'une personne dans la page du service : code d'autorisation, PKCE S256.",
)
application_flow = OAuth2(
    flows=OAuthFlows(clientCredentials=OAuthFlowClientCredentials(tokenUrl=JETON, scopes=SCOPES)),
    scheme_name="application",
    auto_error=False,
    description="Une application qui agit pour elle-même : `client_credentials`.",
)
password_flow = OAuth2PasswordBearer(
    tokenUrl=JETON,
    refreshUrl=JETON,
    scheme_name="connexion",
    scopes=SCOPES,
    auto_error=False,
    description="Identifiant et mot de passe, pour l'essai seulement : coupé en production.",
)

TOUTES = frozenset(Fonctionnalite)


async def read_token(request: Request) -> dict[str, Any]:
    """Return the claims of the caller's token. Raises JetonInvalide."""
    given = request.headers.getlist("authorization")
    scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    if scheme.lower() != "bearer" or not token:
        raise JetonInvalide(entetes={"WWW-Authenticate": "Bearer"})
    keyring = cles.keyring()
    await cles.ready_for(keyring.kid_of(token))
    try:
        return keyring.read(token)
    except InvalidToken:
        raise JetonInvalide from None


async def situation(session: AsyncSession, claims: dict[str, Any], adresse: str) -> tuple[Acteur, Situation]:
    """Read the caller's account, or application, as it stands now: a token gives an identity only."""
    try:
        role, famille = Role(claims["role"]), UUID(str(claims["sid"]))
        partenaire = UUID(str(claims["partenaire_id"])) if claims.get("partenaire_id") else None
    except (KeyError, ValueError):
        raise JetonInvalide from None
    caisses = (claims["caisse"],) if claims.get("caisse") else ()
    compte_id = _uuid(claims["sub"])
    await see(session, Visibility(VISIBLE[role], compte_id, partenaire, caisses))
    portees = frozenset(str(claims["scope"]).split())
    if compte_id is None:
        return await _application(session, claims, famille, portees, adresse)
    row = await queries.etat_compte(session, compte_id, famille, today())
    if (
        row is None
        or row.role != role
        or row.partenaire_id != partenaire
        or row.caisse != claims.get("caisse")
    ):
        raise JetonInvalide
    return personne(row, portees, hors_reseau=not dans_un_reseau(adresse, row.reseaux or ()))


def personne(row: Any, portees: frozenset[str], *, hors_reseau: bool = False) -> tuple[Acteur, Situation]:
    """Return who calls and their situation, from the row that decides of a person's call."""
    fuseaux = _habiter(row)
    finie = queries.close(row.conventions, now())
    ouvertes = {row.caisse: TOUTES} if row.caisse else queries.ouvertures(row.conventions, now())
    change_le = row.mot_de_passe_change_le
    acteur = Acteur(row.id, row.role, row.partenaire_id, row.caisse, ouvertes, fuseaux=fuseaux)
    return acteur, Situation(
        role=row.role,
        statut=Etat.INACTIF if finie else etat(row.statut, row.fin_prevue_le, today()),
        famille_vivante=row.valable and row.expire_le > now(),
        portees=portees,
        personne=True,
        cgu_acceptee=row.cgu_version,
        cgu_en_vigueur=row.cgu_en_vigueur,
        mot_de_passe_expire_le=mot_de_passe_expire_le(change_le, settings().password_days)
        if change_le
        else None,
        jour=today(),
        ouvertes=ouvertes,
        hors_reseau=hors_reseau,
    )


async def _application(
    session: AsyncSession, claims: dict[str, Any], famille: UUID, portees: frozenset[str], adresse: str
) -> tuple[Acteur, Situation]:
    """Read an application acting for itself: as its caisse's agent, or its structure's technicien, who only reads."""
    row = await queries.etat_application(session, claims["sub"], famille, today())
    if row is None or (row.caisse, _texte(row.partenaire_id)) != (claims["caisse"], claims["partenaire_id"]):
        raise JetonInvalide
    role, fuseaux = Role.AGENT_CAISSE if row.caisse else Role.TECHNICIEN, _habiter(row)
    if claims["role"] != role or (row.caisse is None and row.partenaire_id is None):
        raise JetonInvalide
    finie = row.fin_le is not None or (row.caisse is None and queries.close(row.conventions, now()))
    ouvertes = {row.caisse: TOUTES} if row.caisse else queries.ouvertures(row.conventions, now())
    acteur = Acteur(row.id, role, row.partenaire_id, row.caisse, ouvertes, humain=False, fuseaux=fuseaux)
    return acteur, Situation(
        role=role,
        statut=Etat.INACTIF if finie else Etat.ACTIF,
        famille_vivante=row.revoquee_le is None and row.expire_le > now(),
        portees=portees,
        personne=False,
        cgu_acceptee=None,
        cgu_en_vigueur=None,
        mot_de_passe_expire_le=None,
        jour=today(),
        ouvertes=ouvertes,
        hors_reseau=not dans_un_reseau(adresse, row.reseaux),
    )


def _texte(id_: UUID | None) -> str | None:
    return str(id_) if id_ else None


async def vivant(session: AsyncSession, claims: dict[str, Any]) -> bool:
    """Tell whether a token would open anything at all now: for its examination (RFC 7662)."""
    try:
        _, vue = await situation(session, claims, "")
    except JetonInvalide:
        return False
    # From where it will be used is not known here: its networks are checked when it is.
    return decider(replace(vue, hors_reseau=False), Action.MOI_LIRE) is None


def _habiter(row: Any) -> dict[str, str]:
    """Return the time zones of the caller's caisses; when they have one in common, the call lives its days."""
    fuseaux = queries.fuseaux(row)
    if len(set(fuseaux.values())) == 1:
        live_in(next(iter(fuseaux.values())))
    return fuseaux


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def appelant(request: Request, session: AsyncSession) -> tuple[Acteur, Situation]:
    request.state.claims = await read_token(request)
    return await situation(session, request.state.claims, origine(request).adresse)


async def laisser_passer(
    request: Request, session: AsyncSession, acteur: Acteur, vue: Situation, action: Action
) -> Acteur:
    refus = decider(vue, action)
    if refus:
        raise refus
    await see(session, sight(acteur))
    request.state.acteur, request.state.situation = acteur, vue
    return acteur


async def encore(request: Request, session: AsyncSession, action: Action) -> Acteur:
    """Check an actor again, in a second transaction of one call: much may have changed while a body came.

    The token was valid when the call began; the account, its convention and its functions are read anew.
    """
    acteur, vue = await situation(session, request.state.claims, origine(request).adresse)
    return await laisser_passer(request, session, acteur, vue, action)


def exiger(action: Action) -> Any:
    """Return the dependency that lets an actor through to one action, and to nothing else."""
    if DROITS[action].public:
        raise ValueError(f"{action}: a public action has no caller to check")

    async def garde(request: Request, session: SessionDep) -> Acteur:
        acteur, vue = await appelant(request, session)
        if acteur.id is not None:
            limits.count(request, acteur.id)
        return await laisser_passer(request, session, acteur, vue, action)

    garde.action = action  # type: ignore[attr-defined]  # read by the contract and its tests
    return Depends(garde)


def public(action: Action) -> Any:
    """Return the dependency that names the action of a route without a token: a link authorises, or nothing."""
    if not DROITS[action].public:
        raise ValueError(f"{action}: this action needs a token")

    async def garde() -> None:
        """Nobody is known: the transaction sees nothing until its service says what it needs."""

    garde.action = action  # type: ignore[attr-defined]  # read by the contract and its tests
    return Depends(garde)


SECURITE = [Security(scheme) for scheme in (bearer, code_flow, application_flow, password_flow)]
