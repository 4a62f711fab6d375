"""The addresses of the links in the mails. Reading a page never uses its link: mail filters read them too.

No CSRF token: no cookie and no session exists, so another site has nothing to borrow; whoever posts here
already holds the secret of the link, which is all that authorises. An entry of any length gets a page, not
the problem of a validation; the guard reads no more of it than the API would.
"""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from app.acces import mots_de_passe
from app.acces.schemas import MotDePasseChoisi
from app.comptes.regles import NatureLien
from app.comptes.regles_mot_de_passe import PLUS_LONG_LU
from app.erreurs import LienInvalide, MotDePasseFaible, NirInterdit
from app.kit.guarded import check_texts
from app.kit.route import TransactionRoute
from app.kit.session import SessionDep
from app.portail import pages

pages_router = APIRouter(route_class=TransactionRoute, include_in_schema=False)
SERVICES = {
    NatureLien.ACTIVATION: mots_de_passe.activer,
    NatureLien.REINITIALISATION: mots_de_passe.reinitialiser,
}
Saisie = Annotated[str, Form()]


@pages_router.get("/acces.css")
async def lire_css() -> Response:
    headers = {"Cache-Control": "public, max-age=3600"}
    return Response(pages.css(), media_type="text/css", headers=headers)


@pages_router.get("/activation/{jeton}")
async def montrer_activation(jeton: str, session: SessionDep) -> Response:
    return await montrer(session, jeton, NatureLien.ACTIVATION)


@pages_router.post("/activation/{jeton}")
async def envoyer_activation(
    jeton: str, session: SessionDep, mot_de_passe: Saisie = "", confirmation: Saisie = ""
) -> Response:
    return await choisir(session, jeton, NatureLien.ACTIVATION, mot_de_passe, confirmation)


@pages_router.get("/reinitialisation/{jeton}")
async def montrer_reinitialisation(jeton: str, session: SessionDep) -> Response:
    return await montrer(session, jeton, NatureLien.REINITIALISATION)


@pages_router.post("/reinitialisation/{jeton}")
async def envoyer_reinitialisation(
    jeton: str, session: SessionDep, mot_de_passe: Saisie = "", confirmation: Saisie = ""
) -> Response:
    return await choisir(session, jeton, NatureLien.REINITIALISATION, mot_de_passe, confirmation)


async def montrer(session: SessionDep, jeton: str, nature: NatureLien) -> Response:
    try:
        await mots_de_passe.verifier_lien(session, jeton, nature)
    except LienInvalide:
        return pages.lien_invalide(nature)
    return pages.formulaire(nature)


async def choisir(
    session: SessionDep, jeton: str, nature: NatureLien, mot_de_passe: str, confirmation: str
) -> Response:
    """Do what the API does; what is refused is undone (the savepoint), and said beside its field."""
    try:
        if mot_de_passe != confirmation:
            await mots_de_passe.verifier_lien(session, jeton, nature)
            return pages.formulaire(nature, refus_confirmation=[pages.DIFFERENTS])
        check_texts(MotDePasseChoisi.model_construct(mot_de_passe=mot_de_passe[:PLUS_LONG_LU]))
        async with session.begin_nested():
            await SERVICES[nature](session, jeton, mot_de_passe)
    except LienInvalide:
        return pages.lien_invalide(nature)
    except MotDePasseFaible as refus:
        return pages.formulaire(nature, [regle["message"] for regle in refus.membres["regles"]])
    except NirInterdit as refus:
        return pages.formulaire(nature, [refus.phrase])
    return pages.fait(nature)
