"""Somebody at a page: what the browser asks, and who is signed in there. The pages act as the system."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.acces.regles_oauth import Asked, Unanswerable
from app.comptes.tables import Compte
from app.droits import Acteur
from app.kit.session import SYSTEM, SessionDep, see
from app.portail import navigateur, pages_connexion, parcours, sessions
from app.portail.parcours import Demande, Etape, Parametres

AUTORISER = "/v1/oauth/authorize"
LONGEST_QUERY = 8192


@dataclass(frozen=True, slots=True)
class Visite:
    request: Request
    session: AsyncSession
    parametres: Parametres
    demande: Demande | Unanswerable | None  # None: the page is visited for itself, no application waits
    compte: Compte | None

    @property
    def asked(self) -> tuple[Demande, Asked] | None:
        """The request of an application, when it can be granted."""
        if isinstance(self.demande, Demande) and isinstance(self.demande.lue, Asked):
            return self.demande, self.demande.lue
        return None

    @property
    def application(self) -> str:
        return self.demande.application.client_name if isinstance(self.demande, Demande) else ""

    @property
    def retour(self) -> str:
        return self.demande.redirect_uri if isinstance(self.demande, Demande) else ""

    @property
    def suite(self) -> str:
        """Where to go on after a page: the same request again, or the page of who is signed in."""
        return f"{AUTORISER}?{self.request.url.query}" if self.parametres else "/connexion"

    def a(self, etape: Etape) -> str:
        query = self.request.url.query
        return f"/{etape}?{query}" if query else f"/{etape}"

    def illisible(self) -> Response | None:
        """Return the answer to what no page can go on with: a page of ours, or the application's own error."""
        if isinstance(self.demande, Unanswerable):
            return pages_connexion.montrer(
                self.request, "demande_refusee.html", 400, phrase=self.demande.sentence
            )
        if self.demande is not None and self.asked is None:
            return pages_connexion.aller(self.suite)
        return None


async def visiter(request: Request, session: SessionDep) -> Visite:
    await see(session, SYSTEM)
    parametres = list(request.query_params.multi_items())
    demande: Demande | Unanswerable | None = None
    if len(request.url.query) > LONGEST_QUERY:
        demande = Unanswerable("La demande de connexion est trop longue.")
    elif parametres or request.url.path == AUTORISER:
        demande = await parcours.lire(session, parametres)
    secret = navigateur.secret_of(request)
    compte = await sessions.titulaire(session, secret) if secret else None
    return Visite(request, session, parametres, demande, compte)


VisiteDep = Annotated[Visite, Depends(visiter)]


def acteur(compte: Compte) -> Acteur:
    return Acteur(compte.id, compte.role, compte.partenaire_id, compte.caisse)
