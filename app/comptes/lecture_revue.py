from typing import Any

from app.comptes.regles import etat
from app.comptes.regles_revue import en_retard
from app.comptes.schemas_revue import LigneLue, LigneTableau, RevueLue
from app.comptes.tables import Compte, RevueHabilitation
from app.kit.clock import today

COLONNES = tuple(LigneTableau.model_fields)


def revue_lue(revue: RevueHabilitation, lignes: list[dict[str, Any]] | None) -> RevueLue:
    """Return a review as of today, with its lines as the database aggregates them."""
    calcules = {"en_retard", "lignes"}
    champs = {nom: getattr(revue, nom) for nom in RevueLue.model_fields if nom not in calcules}
    return RevueLue(
        **champs,
        en_retard=en_retard(revue.statut, revue.echeance, today()),
        lignes=[LigneLue.model_validate(ligne) for ligne in lignes or []],
    )


def valeurs(compte: Compte, raison_sociale: str) -> dict[str, Any]:
    """Return one line of the table of habilitations; art. 2.2.3: a scheduled end shows on its day."""
    calcules = {
        "raison_sociale": raison_sociale,
        "statut": etat(compte.statut, compte.fin_prevue_le, today()),
    }
    return {nom: calcules[nom] if nom in calcules else getattr(compte, nom) for nom in COLONNES}


def ligne_tableau(compte: Compte, raison_sociale: str) -> LigneTableau:
    return LigneTableau(**valeurs(compte, raison_sociale))
