from app.comptes.schemas import CompteLu
from app.comptes.tables import Compte
from app.kit.calendrier import ajouter_mois

MOIS_AVANT_SUPPRESSION = 6


def compte_lu(compte: Compte) -> CompteLu:
    """Return an account as its readers see it; art. 2.2.3: deleted six months after its inactivation."""
    prevu = ajouter_mois(compte.inactive_le.date(), MOIS_AVANT_SUPPRESSION) if compte.inactive_le else None
    champs = {nom: getattr(compte, nom) for nom in CompteLu.model_fields if nom != "supprime_le_prevu"}
    return CompteLu(**champs, supprime_le_prevu=prevu)
