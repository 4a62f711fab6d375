from typing import Any

from app.comptes.regles import etat
from app.comptes.tables import Compte
from app.habilitations.regles import StatutHabilitation
from app.habilitations.regles_revue import en_retard
from app.habilitations.schemas import HabilitationLue
from app.habilitations.schemas_revue import LigneLue, LigneTableau, RevueLue
from app.habilitations.tables import DemandeHabilitation, RevueHabilitation
from app.kit.clock import today

COLONNES = tuple(LigneTableau.model_fields)


def habilitation_lue(demande: DemandeHabilitation) -> HabilitationLue:
    champs = {nom: getattr(demande, nom) for nom in HabilitationLue.model_fields if nom != "en_retard"}
    retard = demande.statut is StatutHabilitation.DEPOSEE and demande.echeance < today()
    return HabilitationLue(**champs, en_retard=retard)


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
