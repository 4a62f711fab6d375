from typing import Annotated

from fastapi import Response

from app.acces.guard import SECURITE, exiger
from app.comptes import gestionnaires, queries, techniciens
from app.comptes.lecture import compte_lu
from app.comptes.routes_communes import CREATION, FIN, MODIFICATION, Id, montrer
from app.comptes.schemas import CompteLu, Fin, Motif, TechnicienCreation, TechnicienModification
from app.droits import Acteur, Action, Role
from app.erreurs import CompteExclu, QuotaAtteint
from app.kit.etag import IfMatch
from app.kit.idempotency import Idempotent
from app.kit.pagination import Page, PagingDep, paginate
from app.kit.problems import declare
from app.kit.refusals import LECTURE, LISTE
from app.kit.route import router
from app.kit.session import SessionDep

techniciens_router = router("/techniciens", "Techniciens")


@techniciens_router.get(
    "", summary="Lister les techniciens", dependencies=SECURITE, responses=declare(*LISTE)
)
async def lister_techniciens(
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.TECHNICIEN_LIRE)],
    page: PagingDep,
    response: Response,
) -> Page[CompteLu]:
    """Ceux de la structure pour un gestionnaire, ceux des partenaires de la caisse pour un agent."""
    statement = queries.de_la_structure(acteur, Role.TECHNICIEN)
    return await paginate(session, statement, page, response, lambda row: compte_lu(row[0]))


@techniciens_router.post(
    "",
    summary="Créer un technicien",
    status_code=201,
    dependencies=SECURITE,
    responses=declare(*CREATION, QuotaAtteint),
)
async def creer_technicien(
    depot: TechnicienCreation,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.TECHNICIEN_CREER)],
    _: Annotated[None, Idempotent],
    response: Response,
) -> CompteLu:
    """Dans la limite du quota ; le titulaire reçoit un lien et choisit seul son mot de passe (2.2.1)."""
    compte = await techniciens.creer(session, acteur, depot)
    response.headers["Location"] = f"/v1/techniciens/{compte.id}"
    return montrer(response, compte)


@techniciens_router.get(
    "/{id}", summary="Lire un technicien", dependencies=SECURITE, responses=declare(*LECTURE)
)
async def lire_technicien(
    compte_id: Id,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.TECHNICIEN_LIRE)],
    response: Response,
) -> CompteLu:
    """Un technicien de sa structure ; un compte supprimé n'apparaît plus (2.2.3)."""
    return montrer(response, await techniciens.technicien(session, acteur, compte_id))


@techniciens_router.patch(
    "/{id}", summary="Modifier un technicien", dependencies=SECURITE, responses=declare(*MODIFICATION)
)
async def modifier_technicien(
    compte_id: Id,
    changement: TechnicienModification,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.TECHNICIEN_MODIFIER)],
    version: IfMatch,
    response: Response,
) -> CompteLu:
    """Par tout gestionnaire de la structure ; l'adresse reste professionnelle (2.2.1)."""
    return montrer(response, await techniciens.modifier(session, acteur, compte_id, changement, version))


@techniciens_router.post(
    "/{id}/inactivation", summary="Inactiver un technicien", dependencies=SECURITE, responses=declare(*FIN)
)
async def inactiver_technicien(
    compte_id: Id,
    fin: Fin,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.TECHNICIEN_INACTIVER)],
    response: Response,
) -> CompteLu:
    """Par tout gestionnaire de la structure, tout de suite ou au jour dit (2.2.3)."""
    return montrer(response, await techniciens.inactiver(session, acteur, compte_id, fin))


@techniciens_router.post(
    "/{id}/reactivation",
    summary="Réactiver un technicien",
    dependencies=SECURITE,
    responses=declare(*FIN, QuotaAtteint, CompteExclu),
)
async def reactiver_technicien(
    compte_id: Id,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.TECHNICIEN_REACTIVER)],
    response: Response,
) -> CompteLu:
    """Dans la limite du quota ; son ancien mot de passe vaut encore, aucun ancien jeton."""
    return montrer(response, await techniciens.reactiver(session, acteur, compte_id))


@techniciens_router.post(
    "/{id}/renvoi-activation",
    summary="Renvoyer le lien d'activation",
    status_code=202,
    response_class=Response,
    dependencies=SECURITE,
    responses=declare(*FIN),
)
async def renvoyer_activation(
    compte_id: Id, session: SessionDep, acteur: Annotated[Acteur, exiger(Action.TECHNICIEN_MODIFIER)]
) -> Response:
    """Un nouveau lien part au titulaire ; les précédents ne valent plus rien."""
    await techniciens.renvoyer_activation(session, acteur, compte_id)
    return Response(status_code=202)


@techniciens_router.post(
    "/{id}/exclusion", summary="Exclure un technicien", dependencies=SECURITE, responses=declare(*FIN)
)
async def exclure_technicien(
    compte_id: Id,
    exclusion: Motif,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.COMPTE_EXCLURE)],
    response: Response,
) -> CompteLu:
    """Par la caisse, sans délai : aucun gestionnaire ne peut le réactiver ; la structure est informée (4.1)."""
    exclu = await gestionnaires.exclure(session, acteur, Role.TECHNICIEN, compte_id, exclusion)
    return montrer(response, exclu)
