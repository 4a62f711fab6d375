"""The way of an authorization request: who asks, who is there, what is still needed, and where to go back."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

from sqlalchemy.ext.asyncio import AsyncSession

from app.acces import codes, connexions, consentements, queries, service
from app.acces.regles import PORTEE_CGU, PORTEE_MOT_DE_PASSE
from app.acces.regles_oauth import (
    LONGEST_PARAMETER,
    Answerable,
    Asked,
    Unanswerable,
    read,
    refusal_on_page,
    sert,
)
from app.acces.tables import Application
from app.comptes.tables import Compte
from app.config import settings
from app.referentiel.tables import Caisse, Partenaire

SWAGGER_RETURN = "/docs/oauth2-redirect"
Parametres = list[tuple[str, str]]


class Etape(StrEnum):
    """What a person still has to do before the application is answered."""

    CONNEXION = "connexion"
    MOT_DE_PASSE = "mot-de-passe"
    CGU = "cgu"
    CONSENTEMENT = "consentement"


# What an application that asked not to disturb anybody is told instead (prompt=none).
SANS_DERANGER = {
    Etape.CONNEXION: Answerable("login_required", "Personne n'est connecté dans ce navigateur."),
    Etape.MOT_DE_PASSE: Answerable("interaction_required", "Le mot de passe est à renouveler."),
    Etape.CGU: Answerable("interaction_required", "Les conditions d'utilisation sont à accepter."),
    Etape.CONSENTEMENT: Answerable("consent_required", "L'application n'est pas encore autorisée."),
}
REFUSE = Answerable("access_denied", "La personne a refusé, ou ce profil n'est pas servi par l'application.")
RIEN_D_OUVERT = Answerable("invalid_scope", "Aucune portée demandée n'est ouverte à ce profil.")


@dataclass(frozen=True, slots=True)
class Demande:
    """A request whose application and address are known: it can be answered, if only by a refusal."""

    application: Application
    redirect_uri: str
    state: str
    lue: Asked | Answerable


async def lire(session: AsyncSession, parametres: Parametres) -> Demande | Unanswerable:
    given = dict(parametres)
    application = await connue(session, given.get("client_id", ""))
    refus = refusal_on_page(parametres, adresses(application) if application else None)
    if refus or application is None:
        return refus or Unanswerable("")
    lue = read(parametres, application.scope)
    etat = lue.state if isinstance(lue, Asked) else _etat(parametres)
    return Demande(application, given["redirect_uri"], etat, lue)


def _etat(parametres: Parametres) -> str:
    """Return the state of a refused request, when it can be told: given once, short."""
    etats = [valeur for nom, valeur in parametres if nom == "state"]
    lisible = len(etats) == 1 and len(etats[0]) <= LONGEST_PARAMETER and etats[0].isprintable()
    return etats[0] if lisible else ""


async def connue(session: AsyncSession, client_id: str) -> Application | None:
    """Return an application that may send people here."""
    application = await queries.application(session, client_id) if connexions.plausible(client_id) else None
    if application is None or application.fin_le is not None or codes.GRANT not in application.grant_types:
        return None
    return application if application.client_id != service.SWAGGER or settings().docs else None


def adresses(application: Application) -> Collection[str]:
    """Return the addresses to which an application is answered; Swagger UI's is on this server."""
    if application.client_id == service.SWAGGER:
        return [settings().base_url + SWAGGER_RETURN]
    return application.redirect_uris


def servie(application: Application, compte: Compte) -> bool:
    """Art. 2.2: is the application for this person? Swagger UI serves everybody."""
    return application.client_id == service.SWAGGER or sert(
        compte.role,
        compte.caisse,
        compte.partenaire_id,
        caisse=application.caisse,
        partenaire=application.partenaire_id,
    )


def ouvertes(asked: Asked, compte: Compte) -> frozenset[str]:
    """Return the scopes of a request that the person's profile has: the rest could not be used."""
    return asked.scope & service.portees_du_role(compte.role)


async def prealable(session: AsyncSession, compte: Compte) -> Etape | None:
    """Art. 2.1, 2.2.1: what the person owes us before any application: a new password, the CGU."""
    limite = await service.limite(session, compte)
    return {PORTEE_MOT_DE_PASSE: Etape.MOT_DE_PASSE, PORTEE_CGU: Etape.CGU}.get(limite or "")


async def etape(session: AsyncSession, demande: Demande, asked: Asked, compte: Compte | None) -> Etape | None:
    """Return what is still needed, in order; nothing: the application can be answered."""
    if compte is None or "login" in asked.prompt:
        return Etape.CONNEXION
    if du := await prealable(session, compte):
        return du
    if not servie(demande.application, compte) or "consent" in asked.prompt:
        return Etape.CONSENTEMENT
    donne = await consentements.donne(session, compte.id, demande.application.id)
    assez = donne is not None and ouvertes(asked, compte) <= frozenset(donne.scope)
    return None if assez else Etape.CONSENTEMENT


async def sans_deranger(
    session: AsyncSession, demande: Demande, asked: Asked, compte: Compte | None
) -> Answerable | None:
    """Return the answer to prompt=none when something is missing, or None: a code can be given."""
    manque = await etape(session, demande, asked, compte)
    if compte is not None and not servie(demande.application, compte):
        return REFUSE
    return SANS_DERANGER[manque] if manque else None


async def pour_qui(session: AsyncSession, compte: Compte) -> str:
    """Return the structure or the caisse that a person acts for."""
    if compte.partenaire_id is not None:
        partenaire = await session.get(Partenaire, compte.partenaire_id)
        return partenaire.raison_sociale if partenaire else ""
    caisse = await session.get(Caisse, compte.caisse) if compte.caisse else None
    return caisse.nom if caisse else "l'opérateur national"


async def accepter(
    session: AsyncSession, demande: Demande, asked: Asked, compte: Compte, portees: frozenset[str]
) -> str:
    """Return the address to which the person goes back, with a code."""
    if asked.scope and not ouvertes(asked, compte):
        return retour(demande, RIEN_D_OUVERT)
    code = await codes.donner(session, compte, demande.application, asked, portees)
    return _retour(demande, {"code": code})


def retour(demande: Demande, refus: Answerable) -> str:
    return _retour(demande, {"error": refus.error, "error_description": _ascii(refus.description)})


def _ascii(sentence: str) -> str:
    """Return a sentence without its accents: RFC 6749, 4.1.2.1 allows ASCII alone."""
    return unicodedata.normalize("NFKD", sentence).encode("ascii", "ignore").decode()


def _retour(demande: Demande, reponse: dict[str, str]) -> str:
    """Return the address of the application with the answer; `iss` tells who answers (RFC 9207)."""
    etat = {"state": demande.state} if demande.state else {}
    suite = urlencode(reponse | etat | {"iss": settings().base_url})
    return f"{demande.redirect_uri}{'&' if '?' in demande.redirect_uri else '?'}{suite}"


def apres_connexion(parametres: Parametres) -> str:
    """Return the query of the same request once the person has just signed in: no second time."""
    reste = [
        (nom, " ".join(mot for mot in valeur.split() if mot != "login") if nom == "prompt" else valeur)
        for nom, valeur in parametres
    ]
    return urlencode([(nom, valeur) for nom, valeur in reste if (nom, valeur) != ("prompt", "")])
