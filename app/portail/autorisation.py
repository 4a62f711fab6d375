"""The answer to an authorization request, and what its pages decide."""

from fastapi.responses import Response

from app.acces import consentements
from app.acces.oauth import NO_STORE
from app.acces.regles_oauth import Answerable, Asked
from app.comptes.tables import Compte
from app.portail import parcours
from app.portail.pages_connexion import aller
from app.portail.parcours import Demande
from app.portail.visite import Visite


async def repondre(visite: Visite) -> Response:
    """Send back to the application when nothing is missing, else to the page of what is."""
    refus = visite.illisible() if visite.asked is None and not isinstance(visite.demande, Demande) else None
    if refus or not isinstance(visite.demande, Demande):
        return refus or aller("/connexion")
    demande, lue = visite.demande, visite.demande.lue
    if isinstance(lue, Answerable):
        return renvoyer(parcours.retour(demande, lue))
    if "none" in lue.prompt and (
        manque := await parcours.sans_deranger(visite.session, demande, lue, visite.compte)
    ):
        return renvoyer(parcours.retour(demande, manque))
    etape = await parcours.etape(visite.session, demande, lue, visite.compte)
    if etape or visite.compte is None:
        return aller(visite.a(etape or parcours.Etape.CONNEXION))
    return await _accorder(visite, demande, lue, visite.compte, parcours.ouvertes(lue, visite.compte))


async def consentir(
    visite: Visite, demande: Demande, asked: Asked, compte: Compte, choisies: frozenset[str]
) -> Response:
    """Remember what was ticked, and send back with a code that opens that much."""
    montrees = parcours.ouvertes(asked, compte)
    await consentements.accorder(visite.session, compte, demande.application, montrees, choisies)
    return await _accorder(visite, demande, asked, compte, choisies)


async def _accorder(
    visite: Visite, demande: Demande, asked: Asked, compte: Compte, portees: frozenset[str]
) -> Response:
    return renvoyer(await parcours.accepter(visite.session, demande, asked, compte, portees))


def renvoyer(adresse: str) -> Response:
    """Answer the application at its own address: nobody keeps the answer, and no `Referer` leaves with it."""
    reponse = aller(adresse)
    reponse.headers.update(NO_STORE | {"Referrer-Policy": "no-referrer"})
    return reponse
