"""The pages where somebody signs in, accepts the CGU and consents: forms without a script, that work without one."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.acces.oauth import Refused
from app.acces.regles_oauth import LIBELLES
from app.comptes.regles import PREFIXES
from app.comptes.regles_mot_de_passe import MAXIMUM, MINIMUM
from app.comptes.tables import Compte, VersionCgu
from app.portail import navigateur, pages

# A browser severs a window from the one that opened it, unless both are ours (Swagger UI's): COOP holds from the
# first answer of the way to the last. The form's own origin is sent back to us, and nowhere else.
EN_TETES = {"Cross-Origin-Opener-Policy": "same-origin", "Referrer-Policy": "same-origin"}
FORM_ACTION = "form-action 'self'"
ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-]+(:[0-9]{1,5})?|http://\[::1\](:[0-9]{1,5})?")
IDENTIFIANT = re.compile(rf"[{''.join(PREFIXES.values())}]-[a-z0-9-]{{1,40}}")
TITRES = {
    "connexion.html": "Se connecter",
    "connecte.html": "Vous êtes connecté",
    "mot_de_passe.html": "Changer votre mot de passe",
    "oublie.html": "Mot de passe oublié",
    "cgu.html": "Conditions générales d'utilisation",
    "consentement.html": "Autoriser une application",
    "accords.html": "Vos applications autorisées",
    "profil.html": "Cette application n'est pas ouverte à votre profil",
    "demande_refusee.html": "Cette demande de connexion ne peut pas aboutir",
}
PERIMEE = "Cette page était ouverte depuis trop longtemps : recommencez."
A_COCHER = "Cochez au moins un droit, ou refusez."


def aller(adresse: str) -> RedirectResponse:
    """Go on with a GET, whatever came: 303, so that no password is posted again elsewhere (RFC 9700, 4.12)."""
    return RedirectResponse(adresse, 303, headers=EN_TETES)


def montrer(
    request: Request, gabarit: str, statut: int = 200, *, retour: str = "", **valeurs: Any
) -> HTMLResponse:
    """Show a page to a browser; `retour` is the application's address, where its form may lead in the end."""
    secret = navigateur.secret_of(request)
    nouveau = "" if secret else navigateur.stranger()
    reponse = pages.page(
        gabarit,
        statut,
        titre=TITRES[gabarit],
        champ_csrf=navigateur.FIELD,
        jeton_csrf=navigateur.token(secret or nouveau),
        requete=request.url.query,
        **valeurs,
    )
    reponse.headers.update(EN_TETES)
    politique = pages.HEADERS["Content-Security-Policy"]
    reponse.headers["Content-Security-Policy"] = politique.replace(FORM_ACTION, _vers(retour))
    if nouveau:
        navigateur.remember(reponse, nouveau)
    return reponse


def _vers(retour: str) -> str:
    """Return the directive of where a form may lead: browsers apply it to the redirections that follow, too."""
    parties = urlsplit(retour)
    origine = f"{parties.scheme}://{parties.netloc}"
    return f"{FORM_ACTION} {origine}" if ORIGIN.fullmatch(origine) else FORM_ACTION


def connexion(
    request: Request, application: str = "", refus: str = "", identifiant: str = "", **reste: Any
) -> HTMLResponse:
    connu = identifiant if IDENTIFIANT.fullmatch(identifiant) else ""
    statut = reste.pop("statut", 200)
    return montrer(
        request, "connexion.html", statut, application=application, refus=refus, identifiant=connu, **reste
    )


def refus_de_connexion(request: Request, application: str, refus: Refused, **reste: Any) -> HTMLResponse:
    """Show the token endpoint's own refusal, with the time to wait where it has one."""
    reponse = connexion(request, application, refus.description, statut=refus.status, **reste)
    attente = refus.answer().headers.get("retry-after")
    if attente:
        reponse.headers["Retry-After"] = attente
    return reponse


def mot_de_passe(
    request: Request, compte: Compte, refus: Mapping[str, Sequence[str]], *, expire: bool, retour: str = ""
) -> HTMLResponse:
    return montrer(
        request,
        "mot_de_passe.html",
        422 if refus else 200,
        retour=retour,
        identifiant=compte.identifiant,
        expire=expire,
        refus=refus,
        minimum=MINIMUM,
        maximum=MAXIMUM,
    )


def cgu(
    request: Request, version: VersionCgu, refus: str = "", a_cocher: str = "", retour: str = ""
) -> HTMLResponse:
    """`refus` is about the page, `a_cocher` about its box."""
    statut = 422 if refus or a_cocher else 200
    return montrer(
        request,
        "cgu.html",
        statut,
        retour=retour,
        version=version.version,
        texte=version.texte,
        refus=refus,
        a_cocher=a_cocher,
    )


def consentement(
    request: Request,
    compte: Compte,
    pour: str,
    application: str,
    portees: frozenset[str],
    cochees: frozenset[str],
    *,
    retour: str,
    refus: str = "",
) -> HTMLResponse:
    montrees = [
        (portee.value, phrase, portee.value in cochees)
        for portee, phrase in LIBELLES.items()
        if portee.value in portees
    ]
    return montrer(
        request,
        "consentement.html",
        422 if refus else 200,
        retour=retour,
        application=application,
        identifiant=compte.identifiant,
        pour=pour,
        portees=montrees,
        refus=refus,
        vers=urlsplit(retour).netloc,
    )
