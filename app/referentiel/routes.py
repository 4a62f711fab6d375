from typing import Annotated
from uuid import UUID

from fastapi import Path, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.acces.guard import SECURITE, exiger
from app.droits import Acteur, Action, Role
from app.erreurs import DejaExistant
from app.kit.etag import IfMatch, digest, show_version
from app.kit.idempotency import Idempotent
from app.kit.pagination import Page, PagingDep, paginate
from app.kit.problems import declare
from app.kit.refusals import ACCES, CREATION, LECTURE, LISTE, MODIFICATION
from app.kit.route import router
from app.kit.session import SessionDep
from app.referentiel import lecture, queries, service
from app.referentiel.nomenclatures import NOMENCLATURES
from app.referentiel.schemas import (
    EXEMPLE_FONCTIONNALITES,
    CaisseCreation,
    CaisseLue,
    CaisseModification,
    FonctionnaliteCaisse,
    Fonctionnalites,
    PartenaireCreation,
    PartenaireLu,
    PartenaireModification,
    Valeur,
)

caisses_router = router("/caisses", "Caisses")
partenaires_router = router("/partenaires", "Partenaires")
nomenclatures_router = router("/nomenclatures", "Nomenclatures")

Code = Annotated[str, Path(pattern=r"^[0-9]{3}$", description="Code de la caisse.", examples=["611"])]
NOMENCLATURES_LUES = {
    nom: [{"code": code, "libelle": libelle} for code, libelle in libelles.items()]
    for nom, libelles in NOMENCLATURES.items()
}


@nomenclatures_router.get(
    "",
    summary="Lire les nomenclatures",
    dependencies=SECURITE,
    responses=declare(*ACCES) | {200: {"content": {"application/json": {"example": NOMENCLATURES_LUES}}}},
)
async def lire_nomenclatures(
    acteur: Annotated[Acteur, exiger(Action.NOMENCLATURE_LIRE)],
) -> dict[str, list[Valeur]]:
    """Les valeurs de chaque énumération du contrat, avec leur libellé."""
    return {nom: [Valeur(**v) for v in valeurs] for nom, valeurs in NOMENCLATURES_LUES.items()}


@caisses_router.get(
    "",
    summary="Lister ses caisses",
    dependencies=SECURITE,
    responses=declare(*LISTE),
)
async def lister_caisses(
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.CAISSE_LIRE)],
    page: PagingDep,
    response: Response,
) -> Page[CaisseLue]:
    """Celles des conventions en vigueur pour un partenaire, la sienne pour un agent, toutes pour l'administrateur."""
    visibles = None if acteur.role is Role.ADMINISTRATEUR else acteur.ouvertes
    lues = await paginate(session, queries.caisses(visibles), page, response, lambda row: row[0])
    reglages = await queries.reglages(session, [caisse.code for caisse in lues.donnees])
    donnees = [lecture.lire_caisse(acteur, caisse, reglages[caisse.code]) for caisse in lues.donnees]
    return Page(donnees=donnees, curseur_suivant=lues.curseur_suivant)


@caisses_router.post(
    "",
    summary="Créer une caisse",
    status_code=201,
    dependencies=SECURITE,
    responses=declare(*CREATION, DejaExistant),
)
async def creer_caisse(
    depot: CaisseCreation,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.CAISSE_CREER)],
    _: Annotated[None, Idempotent],
    response: Response,
) -> CaisseLue:
    """Ses fonctionnalités sont toutes ouvertes à la création."""
    caisse = await service.creer_caisse(session, acteur, depot)
    response.headers["Location"] = f"/v1/caisses/{caisse.code}"
    show_version(response, caisse.version)
    return await lecture.caisse_lue(session, acteur, caisse)


@caisses_router.get(
    "/{code}",
    summary="Lire une caisse",
    dependencies=SECURITE,
    responses=declare(*LECTURE),
)
async def lire_caisse(
    code: Code, session: SessionDep, acteur: Annotated[Acteur, exiger(Action.CAISSE_LIRE)], response: Response
) -> CaisseLue:
    """Une de ses caisses ; toute autre est introuvable."""
    caisse = await service.caisse_visible(session, acteur, code)
    show_version(response, caisse.version)
    return await lecture.caisse_lue(session, acteur, caisse)


@caisses_router.patch(
    "/{code}", summary="Modifier une caisse", dependencies=SECURITE, responses=declare(*MODIFICATION)
)
async def modifier_caisse(
    code: Code,
    changement: CaisseModification,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.CAISSE_MODIFIER)],
    version: IfMatch,
    response: Response,
) -> CaisseLue:
    """Nom, rattachements, adresse de la file et délais visés (jours ouvrés)."""
    caisse = await service.modifier_caisse(session, acteur, code, changement, version)
    show_version(response, caisse.version)
    return await lecture.caisse_lue(session, acteur, caisse)


@caisses_router.get(
    "/{code}/fonctionnalites",
    summary="Lire les fonctionnalités d'une caisse",
    dependencies=SECURITE,
    responses=declare(*LECTURE)
    | {200: {"content": {"application/json": {"example": EXEMPLE_FONCTIONNALITES}}}},
)
async def lire_fonctionnalites_caisse(
    code: Code, session: SessionDep, acteur: Annotated[Acteur, exiger(Action.CAISSE_LIRE)]
) -> list[FonctionnaliteCaisse]:
    """Chacune, depuis quand et par qui, avec ses choix passés (1.2)."""
    caisse = await service.caisse_visible(session, acteur, code)
    return await lecture.fonctionnalites_lues(session, caisse.code)


@caisses_router.put(
    "/{code}/fonctionnalites",
    summary="Ouvrir ou fermer des fonctionnalités",
    dependencies=SECURITE,
    responses=declare(*MODIFICATION),
)
async def regler_fonctionnalites_caisse(
    code: Code,
    choix: Fonctionnalites,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.FONCTIONNALITE_REGLER)],
    version: IfMatch,
    response: Response,
) -> CaisseLue:
    """Pour tous les partenaires de la caisse, sauf réglage propre à une convention (1.2)."""
    caisse = await service.regler_fonctionnalites(session, acteur, code, choix, version)
    show_version(response, caisse.version)
    return await lecture.caisse_lue(session, acteur, caisse)


async def montrer_partenaire(
    session: AsyncSession, acteur: Acteur, id_: UUID, response: Response
) -> PartenaireLu:
    """Show a structure; its tag changes with its accounts, which its quotas count."""
    row = await service.partenaire_visible(session, acteur, id_)
    lu = lecture.lire_partenaire(*row)
    show_version(response, row[0].version, digest(lu))
    return lu


@partenaires_router.get(
    "",
    summary="Lister les partenaires",
    dependencies=SECURITE,
    responses=declare(*LISTE),
)
async def lister_partenaires(
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.PARTENAIRE_LIRE)],
    page: PagingDep,
    response: Response,
) -> Page[PartenaireLu]:
    """Ceux de la caisse pour un agent ; sa propre structure pour un gestionnaire ou un technicien."""
    return await paginate(
        session, queries.partenaires(acteur), page, response, lambda row: lecture.lire_partenaire(*row)
    )


@partenaires_router.post(
    "",
    summary="Créer un partenaire",
    status_code=201,
    dependencies=SECURITE,
    responses=declare(*CREATION, DejaExistant),
)
async def creer_partenaire(
    depot: PartenaireCreation,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.PARTENAIRE_CREER)],
    _: Annotated[None, Idempotent],
    response: Response,
) -> PartenaireLu:
    """La structure n'accède au portail qu'une fois sa convention signée par les deux parties."""
    partenaire = await service.creer_partenaire(session, acteur, depot)
    response.headers["Location"] = f"/v1/partenaires/{partenaire.id}"
    return await montrer_partenaire(session, acteur, partenaire.id, response)


@partenaires_router.get(
    "/{id}",
    summary="Lire un partenaire",
    dependencies=SECURITE,
    responses=declare(*LECTURE),
)
async def lire_partenaire(
    id: UUID,  # noqa: A002  # the contract's name
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.PARTENAIRE_LIRE)],
    response: Response,
) -> PartenaireLu:
    """La structure avec ses quotas de comptes (2.2.1)."""
    return await montrer_partenaire(session, acteur, id, response)


@partenaires_router.patch(
    "/{id}", summary="Modifier un partenaire", dependencies=SECURITE, responses=declare(*MODIFICATION)
)
async def modifier_partenaire(
    id: UUID,  # noqa: A002
    changement: PartenaireModification,
    session: SessionDep,
    acteur: Annotated[Acteur, exiger(Action.PARTENAIRE_MODIFIER)],
    version: IfMatch,
    response: Response,
) -> PartenaireLu:
    """Un changement de taille ne ferme aucun compte : seule la création suivante attend (2.2.1)."""
    partenaire = await service.modifier_partenaire(session, acteur, id, changement, version)
    return await montrer_partenaire(session, acteur, partenaire.id, response)
