"""Signing in, out, and a new password, in pages: each carries the application's request in its address."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from app.acces import connexions, mots_de_passe, oauth
from app.acces.oauth import Refused
from app.acces.schemas import MotDePasseChangement
from app.comptes.regles_mot_de_passe import PLUS_LONG_LU
from app.comptes.tables import Compte
from app.erreurs import MotDePasseFaible, NirInterdit, TropDeRequetes
from app.kit.guarded import check_texts
from app.kit.route import TransactionRoute
from app.portail import navigateur, pages_connexion, parcours, sessions
from app.portail.pages_connexion import PERIMEE, aller, montrer
from app.portail.parcours import Etape
from app.portail.visite import AUTORISER, Visite, VisiteDep, acteur
from app.provenance.origine import origine

connexion_router = APIRouter(route_class=TransactionRoute, include_in_schema=False)
Saisie = Annotated[str, Form()]
Csrf = Annotated[str, Form(alias=navigateur.FIELD)]


@connexion_router.get("/connexion")
async def montrer_connexion(visite: VisiteDep) -> Response:
    if refus := visite.illisible():
        return refus
    if visite.compte is not None and visite.asked is None:
        return montrer(visite.request, "connecte.html", identifiant=visite.compte.identifiant)
    return pages_connexion.connexion(visite.request, visite.application, retour=visite.retour)


@connexion_router.post("/connexion")
async def se_connecter(
    visite: VisiteDep, csrf: Csrf = "", identifiant: Saisie = "", mot_de_passe: Saisie = ""
) -> Response:
    """Art. 2.1: the same throttle, time and sentence as the token endpoint."""
    if refus := visite.illisible():
        return refus
    request, application = visite.request, visite.application
    champs = {"identifiant": identifiant, "retour": visite.retour}
    if not navigateur.genuine(request, csrf):
        return pages_connexion.connexion(request, application, PERIMEE, statut=403, **champs)
    compte = await connexions.verifier(visite.session, identifiant, mot_de_passe, origine(request))
    if isinstance(compte, Refused):
        return pages_connexion.refus_de_connexion(request, application, compte, **champs)
    await sessions.fermer(visite.session, navigateur.secret_of(request))
    secret = await sessions.ouvrir(visite.session, compte)
    await connexions.reussie(visite.session, compte, origine(request))
    return await _apres(visite, compte, secret)


async def _apres(visite: Visite, compte: Compte, secret: str) -> Response:
    query = parcours.apres_connexion(visite.parametres)
    etape = None if query else await parcours.prealable(visite.session, compte)
    reponse = aller(f"{AUTORISER}?{query}" if query else f"/{etape or Etape.CONNEXION}")
    navigateur.remember(reponse, secret)
    return reponse


@connexion_router.post("/deconnexion")
async def se_deconnecter(visite: VisiteDep, csrf: Csrf = "") -> Response:
    if not navigateur.genuine(visite.request, csrf):
        return pages_connexion.connexion(visite.request, visite.application, PERIMEE, statut=403)
    await sessions.fermer(visite.session, navigateur.secret_of(visite.request))
    reponse = aller(visite.a(Etape.CONNEXION))
    navigateur.forget(reponse)
    return reponse


@connexion_router.get("/mot-de-passe")
async def montrer_mot_de_passe(visite: VisiteDep) -> Response:
    return await _mot_de_passe(visite, {})


async def _mot_de_passe(visite: Visite, refus: dict[str, list[str]]) -> Response:
    if refus_ := visite.illisible():
        return refus_
    if visite.compte is None:
        return aller(visite.a(Etape.CONNEXION))
    expire = await parcours.prealable(visite.session, visite.compte) is Etape.MOT_DE_PASSE
    return pages_connexion.mot_de_passe(
        visite.request, visite.compte, refus, expire=expire, retour=visite.retour
    )


@connexion_router.post("/mot-de-passe")
async def changer_mot_de_passe_ici(
    visite: VisiteDep, csrf: Csrf = "", actuel: Saisie = "", nouveau: Saisie = "", confirmation: Saisie = ""
) -> Response:
    """Art. 2.2.1: every other session ends; this browser goes on, under a new secret."""
    if visite.compte is None or visite.illisible():
        return await _mot_de_passe(visite, {})
    if not navigateur.genuine(visite.request, csrf):
        return await _mot_de_passe(visite, {"actuel": [PERIMEE]})
    if nouveau != confirmation:
        return await _mot_de_passe(visite, {"confirmation": ["Les deux saisies sont différentes."]})
    try:
        refus = await _changer(visite, visite.compte, actuel, nouveau)
    except TropDeRequetes as frein:
        reponse = await _mot_de_passe(visite, {"actuel": [oauth.TROP_D_ECHECS]})
        reponse.status_code = 429
        reponse.headers.update(frein.membres["entetes"])
        return reponse
    if refus:
        return await _mot_de_passe(visite, refus)
    secret = await sessions.ouvrir(visite.session, visite.compte)
    return await _apres(visite, visite.compte, secret)


async def _changer(visite: Visite, compte: Compte, actuel: str, nouveau: str) -> dict[str, list[str]]:
    """Do as the API does; return what is refused, by field. Raises TropDeRequetes."""
    try:
        check_texts(MotDePasseChangement.model_construct(actuel="", nouveau=nouveau[:PLUS_LONG_LU]))
        async with visite.session.begin_nested():
            refus = await mots_de_passe.changer(
                visite.session, acteur(compte), actuel, nouveau, origine(visite.request).adresse
            )
    except MotDePasseFaible as faible:
        return {"nouveau": [regle["message"] for regle in faible.membres["regles"]]}
    except NirInterdit as erreur:
        return {"nouveau": [erreur.phrase]}
    return {"actuel": [refus.phrase]} if refus else {}


@connexion_router.get("/mot-de-passe-oublie")
async def montrer_oubli(visite: VisiteDep) -> Response:
    return montrer(visite.request, "oublie.html", envoye=False, refus="")


@connexion_router.post("/mot-de-passe-oublie")
async def demander_un_lien(visite: VisiteDep, csrf: Csrf = "", identifiant: Saisie = "") -> Response:
    """Art. 2.2.1: the same page for everybody, as the API: who has an account is not told."""
    if not navigateur.genuine(visite.request, csrf):
        return montrer(visite.request, "oublie.html", 403, envoye=False, refus=PERIMEE)
    if connexions.plausible(identifiant):
        await mots_de_passe.oublier(visite.session, identifiant, origine(visite.request).adresse)
    return montrer(visite.request, "oublie.html", envoye=True, refus="")
