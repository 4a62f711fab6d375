from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response

from app.acces.guard import SECURITE, exiger
from app.disponibilite import dysfonctionnements as service
from app.disponibilite import lecture
from app.disponibilite.queries_dysfonctionnement import dysfonctionnements
from app.disponibilite.regles_dysfonctionnement import Geste, StatutDysfonctionnement
from app.disponibilite.schemas_dysfonctionnement import (
    ClotureDysfonctionnement,
    DysfonctionnementDepot,
    DysfonctionnementLu,
    MessageDysfonctionnement,
    Transmission,
)
from app.droits import Acteur, Action
from app.erreurs import CaisseNonConventionnee, TransitionInterdite
from app.kit.etag import IfMatch, show_version
from app.kit.idempotency import Idempotent
from app.kit.pagination import Page, PagingDep, paginate
from app.kit.problems import declare
from app.kit.refusals import CREATION, LECTURE, LISTE, MODIFICATION, TEXTE
from app.kit.route import router
from app.kit.session import SessionDep

dysfonctionnements_router = router("/dysfonctionnements", "Dysfonctionnements")
GESTE = (*MODIFICATION, *TEXTE, TransitionInterdite)
Id = Annotated[UUID, Path(alias="id", description="Identifiant du dysfonctionnement.")]


def montrer(response: Response, resultat: service.Resultat) -> DysfonctionnementLu:
    dysfonctionnement, lu = resultat
    show_version(response, dysfonctionnement.version)
    return lu


@dysfonctionnements_router.get(
    "", summary="Lister les dysfonctionnements", dependencies=SECURITE, responses=declare(*LISTE)
)
async def lister_dysfonctionnements(
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.DYSFONCTIONNEMENT_LIRE)],
    page: PagingDep,
    response: Response,
    statut: Annotated[StatutDysfonctionnement | None, Query()] = None,
    bloquant: Annotated[bool | None, Query()] = None,
) -> Page[DysfonctionnementLu]:
    """Ceux de la structure, ceux de la caisse pour un agent, ceux qui lui sont transmis pour l'administrateur."""
    statement = dysfonctionnements(acteur, statut, bloquant=bloquant)
    lus = await paginate(session, statement, page, response, lambda row: row)
    donnees = await lecture.lus(session, acteur, lus.donnees)
    return Page(donnees=donnees, curseur_suivant=lus.curseur_suivant)


@dysfonctionnements_router.post(
    "",
    summary="Signaler un dysfonctionnement",
    status_code=201,
    dependencies=SECURITE,
    responses=declare(*CREATION, *TEXTE, CaisseNonConventionnee),
)
async def signaler_dysfonctionnement(
    depot: DysfonctionnementDepot,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.DYSFONCTIONNEMENT_SIGNALER)],
    _: Annotated[None, Idempotent],
    response: Response,
) -> DysfonctionnementLu:
    """À la caisse, qui répond ou transmet ; ce qu'une caisse signale va au support national (3.3)."""
    resultat = await service.signaler(session, acteur, depot)
    response.headers["Location"] = f"/v1/dysfonctionnements/{resultat[0].id}"
    return montrer(response, resultat)


@dysfonctionnements_router.get(
    "/{id}", summary="Lire un dysfonctionnement", dependencies=SECURITE, responses=declare(*LECTURE)
)
async def lire_dysfonctionnement(
    dysfonctionnement_id: Id,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.DYSFONCTIONNEMENT_LIRE)],
    response: Response,
) -> DysfonctionnementLu:
    """Son état, ce qui s'en est écrit, et ce que l'appelant peut faire."""
    return montrer(response, await service.lire(session, acteur, dysfonctionnement_id))


@dysfonctionnements_router.post(
    "/{id}/reponse", summary="Répondre", dependencies=SECURITE, responses=declare(*GESTE)
)
async def repondre_au_dysfonctionnement(
    dysfonctionnement_id: Id,
    reponse: MessageDysfonctionnement,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.DYSFONCTIONNEMENT_REPONDRE)],
    version: IfMatch,
    response: Response,
) -> DysfonctionnementLu:
    """La première réponse de la caisse le prend en charge ; le support national répond à ce qui lui est transmis."""
    confirme, texte = bool(reponse.passages_confirmes), reponse.message
    fait = await service.faire(
        session, acteur, dysfonctionnement_id, Geste.REPONSE, texte, version, confirme=confirme
    )
    return montrer(response, fait)


@dysfonctionnements_router.post(
    "/{id}/complement", summary="Compléter", dependencies=SECURITE, responses=declare(*GESTE)
)
async def completer_le_dysfonctionnement(
    dysfonctionnement_id: Id,
    complement: MessageDysfonctionnement,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.DYSFONCTIONNEMENT_COMPLETER)],
    version: IfMatch,
    response: Response,
) -> DysfonctionnementLu:
    """Par la structure qui l'a signalé, tant qu'il est ouvert."""
    confirme, texte = bool(complement.passages_confirmes), complement.message
    fait = await service.faire(
        session, acteur, dysfonctionnement_id, Geste.COMPLEMENT, texte, version, confirme=confirme
    )
    return montrer(response, fait)


@dysfonctionnements_router.post(
    "/{id}/transmission",
    summary="Transmettre au support national",
    dependencies=SECURITE,
    responses=declare(*GESTE),
)
async def transmettre_le_dysfonctionnement(
    dysfonctionnement_id: Id,
    transmission: Transmission,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.DYSFONCTIONNEMENT_TRANSMETTRE)],
    version: IfMatch,
    response: Response,
) -> DysfonctionnementLu:
    """Le support national le voit et y répond ; la caisse et la structure continuent de le suivre."""
    confirme, texte = bool(transmission.passages_confirmes), transmission.motif
    fait = await service.faire(
        session, acteur, dysfonctionnement_id, Geste.TRANSMISSION, texte, version, confirme=confirme
    )
    return montrer(response, fait)


@dysfonctionnements_router.post(
    "/{id}/cloture", summary="Clore", dependencies=SECURITE, responses=declare(*GESTE)
)
async def clore_le_dysfonctionnement(
    dysfonctionnement_id: Id,
    cloture: ClotureDysfonctionnement,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.DYSFONCTIONNEMENT_CLORE)],
    version: IfMatch,
    response: Response,
) -> DysfonctionnementLu:
    """Résolu : par qui l'a signalé, par la caisse, ou par le support national."""
    confirme, texte = bool(cloture.passages_confirmes), cloture.message
    fait = await service.faire(
        session, acteur, dysfonctionnement_id, Geste.CLOTURE, texte, version, confirme=confirme
    )
    return montrer(response, fait)
