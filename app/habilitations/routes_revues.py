from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query, Request, Response

from app.acces.guard import SECURITE, exiger
from app.droits import Acteur, Action
from app.erreurs import (
    CaisseNonConventionnee,
    CleIdempotenceReutilisee,
    EtatDuCompte,
    NirInterdit,
    RequeteEnCours,
    RevueClose,
    RevueDejaOuverte,
    VersionPerimee,
)
from app.habilitations import queries, revues, tableau
from app.habilitations.lecture import ligne_tableau, revue_lue
from app.habilitations.regles_revue import StatutRevue
from app.habilitations.schemas_revue import (
    REVUE,
    DecisionPrise,
    LigneTableau,
    RevueLue,
    RevueOuverture,
    RevuesOuvertes,
)
from app.kit import csv
from app.kit.etag import IfMatch, late, show_version
from app.kit.idempotency import Idempotent
from app.kit.pagination import Page, PagingDep, paginate
from app.kit.problems import declare
from app.kit.refusals import LECTURE, LISTE
from app.kit.route import router
from app.kit.session import SessionDep

revues_router = router("/revues-habilitation", "Revues d'habilitation")
tableau_router = router("/tableau-habilitations", "Revues d'habilitation")
Id = Annotated[UUID, Path(alias="id", description="Identifiant de la revue.")]
OUVERTURE = (
    *LECTURE,
    CaisseNonConventionnee,
    NirInterdit,
    RevueDejaOuverte,
    CleIdempotenceReutilisee,
    RequeteEnCours,
)
CLOTURE = (*LECTURE, RevueClose, VersionPerimee, RequeteEnCours)
DECISION = (*CLOTURE, CaisseNonConventionnee, NirInterdit, EtatDuCompte)
EXEMPLES: dict[str, Any] = {
    "une": {"summary": "Pour un partenaire", "value": REVUE},
    "toutes": {
        "summary": "Pour tous les partenaires de la caisse",
        "value": {"donnees": [REVUE], "deja_ouvertes": []},
    },
}
UNE_OU_TOUTES: dict[int | str, dict[str, Any]] = {
    201: {"content": {"application/json": {"examples": EXEMPLES}}}
}
EN_CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": csv.declared("partenaire_id;raison_sociale;identifiant;role;statut;…")}
}


def montrer(response: Response, lue: revues.Lue) -> RevueLue:
    revue = revue_lue(*lue)
    show_version(response, lue[0].version, late(revue.en_retard))
    return revue


@revues_router.post(
    "",
    summary="Ouvrir une revue d'habilitation",
    status_code=201,
    dependencies=SECURITE,
    responses=declare(*OUVERTURE) | UNE_OU_TOUTES,
)
async def ouvrir_revue(
    depot: RevueOuverture,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.REVUE_OUVRIR)],
    _: Annotated[None, Idempotent],
    response: Response,
) -> RevueLue | RevuesOuvertes:
    """Une fois, ou à intervalle régulier ; les gestionnaires de la structure sont prévenus (4.2).

    Avec `partenaire_id`, la réponse est sa revue. Sans lui, `donnees` en tient une pour chaque partenaire dont la
    convention est en vigueur ; ceux qui en ont déjà une d'ouverte la gardent (`deja_ouvertes`).
    """
    if depot.partenaire_id is None:
        lues, deja = await revues.ouvrir_toutes(session, acteur, depot)
        return RevuesOuvertes(donnees=[revue_lue(*lue) for lue in lues], deja_ouvertes=deja)
    lue = await revues.ouvrir_une(session, acteur, depot.partenaire_id, depot)
    response.headers["Location"] = f"/v1/revues-habilitation/{lue[0].id}"
    return montrer(response, lue)


@revues_router.get(
    "", summary="Lister les revues d'habilitation", dependencies=SECURITE, responses=declare(*LISTE)
)
async def lister_revues(
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.REVUE_LIRE)],
    page: PagingDep,
    response: Response,
    statut: Annotated[StatutRevue | None, Query(description="Statut.")] = None,
    en_retard: Annotated[bool | None, Query(description="Échéance dépassée, sans clôture.")] = None,
    partenaire_id: Annotated[UUID | None, Query(description="Partenaire.")] = None,
) -> Page[RevueLue]:
    """Celles de la structure pour un gestionnaire ; celles que sa caisse a ouvertes pour un agent (4.2)."""
    statement = queries.filtrees(acteur, statut, en_retard, partenaire_id)
    return await paginate(session, statement, page, response, lambda row: revue_lue(row[0], row[1]))


@revues_router.get(
    "/{id}", summary="Lire une revue d'habilitation", dependencies=SECURITE, responses=declare(*LECTURE)
)
async def lire_revue(
    revue_id: Id,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.REVUE_LIRE)],
    response: Response,
) -> RevueLue:
    """Avec son état, son échéance et la décision prise pour chaque compte (4.2)."""
    return montrer(response, await revues.visible(session, acteur, revue_id))


@revues_router.post(
    "/{id}/decisions",
    summary="Décider d'un compte",
    dependencies=SECURITE,
    responses=declare(*DECISION),
)
async def decider_revue(
    revue_id: Id,
    prise: DecisionPrise,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.REVUE_DECIDER)],
    version: IfMatch,
    response: Response,
) -> RevueLue:
    """Le gestionnaire maintient chaque compte ou y met fin ; un technicien est inactivé aussitôt (4.2).

    Pour un gestionnaire, la décision est notée et la caisse avertie : elle seule met fin au compte (2.2.3).
    """
    return montrer(response, await revues.decider(session, acteur, revue_id, prise, version))


@revues_router.post(
    "/{id}/cloture",
    summary="Clore une revue d'habilitation",
    dependencies=SECURITE,
    responses=declare(*CLOTURE),
)
async def clore_revue(
    revue_id: Id,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.REVUE_CLORE)],
    version: IfMatch,
    response: Response,
) -> RevueLue:
    """Par le gestionnaire ou la caisse ; un compte sans décision reste comme il est, et cela se voit (4.2)."""
    return montrer(response, await revues.clore(session, acteur, revue_id, version))


@tableau_router.get(
    "",
    summary="Lire le tableau des habilitations",
    dependencies=SECURITE,
    response_model=Page[LigneTableau],
    responses=declare(*LISTE) | EN_CSV,
)
async def lire_tableau(
    request: Request,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.TABLEAU_LIRE)],
    page: PagingDep,
    response: Response,
) -> Page[LigneTableau] | Response:
    """Un compte par ligne, à jour : ceux de la structure, ou des partenaires de la caisse (4.2).

    `Accept: text/csv` donne le tableau entier en un fichier (UTF-8, point-virgule), sans pagination.
    """
    if csv.wanted(", ".join(request.headers.getlist("accept"))):
        return await tableau.fichier(session, acteur)
    response.headers["Vary"] = "Accept"
    return await paginate(session, tableau.page(acteur), page, response, lambda row: ligne_tableau(*row))
