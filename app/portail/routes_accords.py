"""The page where somebody sees the applications that act in their name, and ends what they agreed to (art. 4.1)."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from fastapi.responses import Response

from app.acces import consentements
from app.acces.regles_oauth import LIBELLES
from app.comptes.tables import Compte
from app.kit.route import TransactionRoute
from app.portail import navigateur, parcours
from app.portail.pages_connexion import PERIMEE, aller, montrer
from app.portail.parcours import Etape
from app.portail.visite import Visite, VisiteDep, acteur

accords_router = APIRouter(route_class=TransactionRoute, include_in_schema=False)
PARIS = ZoneInfo("Europe/Paris")


@accords_router.get("/consentements")
async def montrer_accords(visite: VisiteDep) -> Response:
    pret = await _titulaire(visite)
    return pret if isinstance(pret, Response) else await _accords(visite, pret)


@accords_router.post("/consentements")
async def finir_accord(
    visite: VisiteDep,
    csrf: Annotated[str, Form(alias=navigateur.FIELD)] = "",
    accord: Annotated[str, Form()] = "",
) -> Response:
    """Its tokens are refused at their next call; an agreement that is over, or somebody else's, changes nothing."""
    pret = await _titulaire(visite)
    if isinstance(pret, Response):
        return pret
    if not navigateur.genuine(visite.request, csrf):
        return await _accords(visite, pret, statut=403, refus=PERIMEE)
    for consentement, application in await visite.session.execute(consentements.de(pret.id)):
        if str(consentement.id) == accord:
            await consentements.retirer(visite.session, acteur(pret), application, [pret.id])
            return await _accords(visite, pret, fini=application.client_name)
    return await _accords(visite, pret)


async def _titulaire(visite: Visite) -> Compte | Response:
    """Return who is signed in, or the way to what comes before."""
    if refus := visite.illisible():
        return refus
    if visite.compte is None:
        return aller(visite.a(Etape.CONNEXION))
    etape = await parcours.prealable(visite.session, visite.compte)
    return aller(f"/{etape}") if etape else visite.compte


async def _accords(
    visite: Visite, compte: Compte, statut: int = 200, refus: str = "", fini: str = ""
) -> Response:
    accords = [
        {
            "id": consentement.id,
            "nom": application.client_name,
            "depuis": consentement.accorde_le.astimezone(PARIS).strftime("%d/%m/%Y"),
            "phrases": [phrase for portee, phrase in LIBELLES.items() if portee.value in consentement.scope],
        }
        for consentement, application in await visite.session.execute(consentements.de(compte.id))
    ]
    return montrer(
        visite.request,
        "accords.html",
        statut,
        identifiant=compte.identifiant,
        accords=accords,
        refus=refus,
        fini=fini,
    )
