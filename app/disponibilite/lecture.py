"""From the rows of a malfunction to what a caller reads."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.disponibilite import queries_dysfonctionnement as queries
from app.disponibilite.regles_dysfonctionnement import actions_possibles
from app.disponibilite.schemas_dysfonctionnement import (
    AuteurDysfonctionnement,
    DysfonctionnementLu,
    EchangeLu,
)
from app.disponibilite.tables import Dysfonctionnement, Echange
from app.droits import DROITS, Acteur, Action, Role

ANCIEN_COMPTE = "ancien compte"
DES_STRUCTURES = frozenset({Role.TECHNICIEN, Role.GESTIONNAIRE})
CALCULES = {"auteur", "echanges", "actions_possibles"}


def actions_permises(acteur: Acteur) -> frozenset[Action]:
    return frozenset(action for action, droit in DROITS.items() if acteur.role in droit.roles)


async def lus(session: AsyncSession, acteur: Acteur, rows: Sequence[Any]) -> list[DysfonctionnementLu]:
    """Read malfunctions whole: one more query for a page."""
    par_id = await queries.echanges(session, [row[0].id for row in rows])
    return [_lu(acteur, row[0], row[1], par_id[row[0].id]) for row in rows]


def _lu(
    acteur: Acteur,
    dysfonctionnement: Dysfonctionnement,
    nom: str | None,
    echanges: Sequence[tuple[Echange, str | None]],
) -> DysfonctionnementLu:
    champs = {
        champ: getattr(dysfonctionnement, champ)
        for champ in DysfonctionnementLu.model_fields
        if champ not in CALCULES
    }
    d_une_structure = dysfonctionnement.partenaire_id is not None
    return DysfonctionnementLu(
        **champs,
        auteur=_auteur(acteur, dysfonctionnement.auteur_id, nom, d_une_structure=d_une_structure),
        echanges=[
            EchangeLu(
                auteur=_auteur(acteur, e.auteur_id, qui, d_une_structure=e.role in DES_STRUCTURES),
                role=e.role,
                geste=e.geste,
                texte=e.texte,
                le=e.le,
            )
            for e, qui in echanges
        ],
        actions_possibles=actions_possibles(dysfonctionnement.statut, actions_permises(acteur)),
    )


def _auteur(
    acteur: Acteur, id_: UUID, nom: str | None, *, d_une_structure: bool
) -> AuteurDysfonctionnement | None:
    """Return who wrote; the national support does not learn who works in a structure."""
    if acteur.role is Role.ADMINISTRATEUR and d_une_structure:
        return None
    return AuteurDysfonctionnement(id=id_, nom_affiche=nom or ANCIEN_COMPTE)
