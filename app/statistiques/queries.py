from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, String, Subquery, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.demandes.regles import OUVERTS, Statut
from app.demandes.tables import Demande
from app.droits import Acteur, Role
from app.kit.calendrier import fuseau_du_departement
from app.referentiel.tables import Caisse

OUVERTE, ANNULEE = "ouverte", "annulee"
LOT = 1_000
MEDIANE, NEUVIEME_DECILE = 0.5, 0.9
AXES = ("partenaire", "type", "sort", "annee", "mois")
MESURES = ("delai_prise_en_charge", "delai_cloture", "attente")


async def fuseaux(session: AsyncSession) -> dict[str, str]:
    """Return the time zone of each caisse: a month is the caisse's own."""
    rows = await session.execute(select(Caisse.code, Caisse.departement))
    return {code: fuseau_du_departement(departement) for code, departement in rows}


def _faits(acteur: Acteur, zones: dict[str, str]) -> Subquery:
    """Select the requests that the figures are made of: what, whose, when, and what became of them.

    A person whose identity was erased is nobody's any more: each emptied request counts for one.
    """
    le: ColumnElement[Any] = func.timezone(case(zones, value=Demande.caisse), Demande.deposee_le)
    sort = case(
        (Demande.statut.in_(OUVERTS), OUVERTE),
        (Demande.statut == Statut.ANNULEE, ANNULEE),
        else_=cast(Demande.issue, String),
    )
    faits = select(
        Demande.caisse,
        cast(Demande.partenaire_id, String).label("partenaire"),
        cast(Demande.type, String).label("type"),
        sort.label("sort"),
        func.to_char(le, "YYYY").label("annee"),
        func.to_char(le, "YYYY-MM").label("mois"),
        func.coalesce(Demande.personne_cle, cast(Demande.id, String)).label("personne"),
        Demande.delai_prise_en_charge,
        Demande.delai_cloture,
        case((Demande.delai_cloture.is_not(None), Demande.attente)).label("attente"),
    )
    return _vus_par(acteur, faits).subquery()


def _vus_par(acteur: Acteur, faits: Select[Any]) -> Select[Any]:
    if acteur.role is Role.AGENT_CAISSE:
        return faits.where(Demande.caisse == acteur.caisse)
    if acteur.partenaire_id is not None:
        return faits.where(
            Demande.partenaire_id == acteur.partenaire_id, Demande.caisse.in_(sorted(acteur.ouvertes))
        )
    return faits


def cube(acteur: Acteur, zones: dict[str, str], axes: Collection[str]) -> Select[Any]:
    """Select (caisse, the five axes, requests, persons) for each group and each margin; a margin is null.

    `axes`: those that this reader's figures may be given by. Read by batches: a large caisse has tens of
    thousands of groups.
    """
    faits = _faits(acteur, zones)
    croises = [faits.c[axe] for axe in ("partenaire", "type") if axe in axes]
    colonnes = [faits.c[axe] if axe in axes else cast(None, String).label(axe) for axe in AXES]
    return (
        select(faits.c.caisse, *colonnes, func.count(), func.count(faits.c.personne.distinct()))
        .group_by(faits.c.caisse, func.cube(*croises, faits.c.sort), func.rollup(faits.c.annee, faits.c.mois))
        .execution_options(yield_per=LOT)
    )


def delais(acteur: Acteur, zones: dict[str, str], axes: Sequence[str]) -> Select[Any]:
    """Select, by caisse and by these axes, for each measure: (persons, median, ninth decile), working days."""
    faits = _faits(acteur, zones)
    groupe = [faits.c.caisse, *(faits.c[axe] for axe in axes)]
    mesures: list[ColumnElement[Any]] = []
    for nom in MESURES:
        mesure = faits.c[nom]
        mesures += [
            func.count(faits.c.personne.distinct()).filter(mesure.is_not(None)),
            func.percentile_disc(MEDIANE).within_group(mesure),
            func.percentile_disc(NEUVIEME_DECILE).within_group(mesure),
        ]
    return select(*groupe, *mesures).group_by(*groupe).order_by(*groupe)
