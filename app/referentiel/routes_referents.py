from typing import Annotated, Any
from uuid import UUID

from fastapi import Response

from app.acces.guard import SECURITE, exiger
from app.droits import Acteur, Action
from app.erreurs import EmailNonProfessionnel
from app.kit.etag import IfMatch, show_version
from app.kit.problems import declare
from app.kit.refusals import LECTURE, MODIFICATION
from app.kit.route import router
from app.kit.session import SessionDep
from app.referentiel import referents
from app.referentiel.routes import Code
from app.referentiel.schemas_referents import PERSONNE, ListeDepot, ReferentLu

referents_caisses_router = router("/caisses", "Référents")
referents_partenaires_router = router("/partenaires", "Référents")
EXEMPLE: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {"example": [PERSONNE]}}}}


@referents_caisses_router.get(
    "/{code}/referents",
    summary="Lire les référents d'une caisse",
    dependencies=SECURITE,
    responses=declare(*LECTURE) | EXEMPLE,
)
async def lire_referents_caisse(
    code: Code,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.REFERENT_CAISSE_LIRE)],
    response: Response,
) -> list[ReferentLu]:
    """De sa caisse, ou d'une caisse de ses conventions : à qui s'adresser hors du portail (3.2, 3.3)."""
    lus, version = await referents.de_la_caisse(session, acteur, code)
    show_version(response, version)
    return lus


@referents_caisses_router.put(
    "/{code}/referents",
    summary="Nommer les référents de sa caisse",
    dependencies=SECURITE,
    responses=declare(*MODIFICATION, EmailNonProfessionnel) | EXEMPLE,
)
async def nommer_referents_caisse(
    code: Code,
    liste: ListeDepot,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.REFERENT_CAISSE_NOMMER)],
    version: IfMatch,
    response: Response,
) -> list[ReferentLu]:
    """La liste envoyée remplace l'ancienne, dans cet ordre."""
    lus, nouvelle = await referents.nommer_pour_la_caisse(session, acteur, code, liste, version)
    show_version(response, nouvelle)
    return lus


@referents_partenaires_router.get(
    "/{id}/referents",
    summary="Lire les référents d'un partenaire",
    dependencies=SECURITE,
    responses=declare(*LECTURE) | EXEMPLE,
)
async def lire_referents_partenaire(
    id: UUID,  # noqa: A002  # the contract's name
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.REFERENT_PARTENAIRE_LIRE)],
    response: Response,
) -> list[ReferentLu]:
    """De sa structure, ou d'un partenaire de sa caisse."""
    lus, version = await referents.du_partenaire(session, acteur, id)
    show_version(response, version)
    return lus


@referents_partenaires_router.put(
    "/{id}/referents",
    summary="Nommer les référents de sa structure",
    dependencies=SECURITE,
    responses=declare(*MODIFICATION, EmailNonProfessionnel) | EXEMPLE,
)
async def nommer_referents_partenaire(
    id: UUID,  # noqa: A002
    liste: ListeDepot,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.REFERENT_PARTENAIRE_NOMMER)],
    version: IfMatch,
    response: Response,
) -> list[ReferentLu]:
    """Par un gestionnaire ; la liste envoyée remplace l'ancienne, à des adresses de la structure."""
    lus, nouvelle = await referents.nommer_pour_le_partenaire(session, acteur, id, liste, version)
    show_version(response, nouvelle)
    return lus
