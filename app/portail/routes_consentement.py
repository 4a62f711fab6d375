"""The pages where somebody accepts the CGU, and lets an application act in their name."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from app.acces.regles_oauth import Asked
from app.comptes import queries as comptes
from app.comptes import service as service_comptes
from app.comptes.tables import Compte
from app.erreurs import Validation
from app.kit.route import TransactionRoute
from app.portail import autorisation, navigateur, pages_connexion, parcours
from app.portail.pages_connexion import A_COCHER, PERIMEE, aller, montrer
from app.portail.parcours import Demande, Etape
from app.portail.visite import Visite, VisiteDep, acteur

consentement_router = APIRouter(route_class=TransactionRoute, include_in_schema=False)
Saisie = Annotated[str, Form()]
Csrf = Annotated[str, Form(alias=navigateur.FIELD)]


@consentement_router.get("/cgu")
async def montrer_cgu(visite: VisiteDep) -> Response:
    """Art. 2.1: shown when the version in force is not the one that was accepted."""
    return await _cgu(visite)


async def _cgu(visite: Visite, refus: str = "", a_cocher: str = "") -> Response:
    if ailleurs := await _pas_ici(visite, Etape.CGU):
        return ailleurs
    version = await comptes.cgu_en_vigueur(visite.session)
    return (
        pages_connexion.cgu(visite.request, version, refus, a_cocher, visite.retour)
        if version
        else aller(visite.suite)
    )


async def _pas_ici(visite: Visite, etape: Etape) -> Response | None:
    """Send elsewhere whoever has nothing to do on the page of a step."""
    if refus := visite.illisible():
        return refus
    if visite.compte is None:
        return aller(visite.a(Etape.CONNEXION))
    return None if await parcours.prealable(visite.session, visite.compte) is etape else aller(visite.suite)


@consentement_router.post("/cgu")
async def accepter_cgu(
    visite: VisiteDep, csrf: Csrf = "", version: Saisie = "", accepte: Saisie = ""
) -> Response:
    if ailleurs := await _pas_ici(visite, Etape.CGU):
        return ailleurs
    if not navigateur.genuine(visite.request, csrf):
        return await _cgu(visite, PERIMEE)
    if not accepte or visite.compte is None:
        return await _cgu(visite, a_cocher="Cochez la case pour accepter les conditions et continuer.")
    try:
        await service_comptes.accepter_cgu(visite.session, acteur(visite.compte), version)
    except Validation:
        return await _cgu(visite, "Une nouvelle version vient d'être publiée : lisez-la.")
    return aller(visite.suite)


@consentement_router.get("/consentement")
async def montrer_consentement(visite: VisiteDep) -> Response:
    pret = await _a_decider(visite)
    return pret if isinstance(pret, Response) else await _consentement(visite, *pret)


async def _a_decider(visite: Visite) -> tuple[Demande, Asked, Compte] | Response:
    """Return what there is to decide, or the way to what comes before, or the refusal of a profil."""
    if refus := visite.illisible():
        return refus
    if visite.compte is None or visite.asked is None:
        return aller(visite.a(Etape.CONNEXION))
    demande, asked = visite.asked
    if "login" in asked.prompt or await parcours.prealable(visite.session, visite.compte):
        return aller(visite.suite)
    return demande, asked, visite.compte


async def _consentement(
    visite: Visite,
    demande: Demande,
    asked: Asked,
    compte: Compte,
    refus: str = "",
    cochees: frozenset[str] | None = None,
) -> Response:
    """Show the choice, all of it ticked; after a refusal, what was ticked, and nothing more."""
    montrees = parcours.ouvertes(asked, compte)
    if not parcours.servie(demande.application, compte):
        noms = {"application": visite.application, "identifiant": compte.identifiant}
        return montrer(visite.request, "profil.html", 403, retour=visite.retour, **noms)
    return pages_connexion.consentement(
        visite.request,
        compte,
        await parcours.pour_qui(visite.session, compte),
        visite.application,
        montrees,
        montrees if cochees is None else cochees,
        retour=visite.retour,
        refus=refus,
    )


@consentement_router.post("/consentement")
async def decider_consentement(
    visite: VisiteDep,
    portees: Annotated[list[str] | None, Form()] = None,
    csrf: Csrf = "",
    decision: Saisie = "",
) -> Response:
    pret = await _a_decider(visite)
    if isinstance(pret, Response):
        return pret
    if not navigateur.genuine(visite.request, csrf):
        return await _consentement(visite, *pret, refus=PERIMEE, cochees=frozenset(portees or ()))
    demande, asked, compte = pret
    if decision != "autoriser":
        return autorisation.renvoyer(parcours.retour(demande, parcours.REFUSE))
    montrees, choisies = parcours.ouvertes(asked, compte), frozenset(portees or ())
    if not parcours.servie(demande.application, compte):
        return await _consentement(visite, *pret)
    if not choisies <= montrees or (montrees and not choisies):
        return await _consentement(visite, *pret, refus=A_COCHER, cochees=choisies)
    return await autorisation.consentir(visite, demande, asked, compte, choisies)
