from app.comptes.regles import Etat, etat, suppression_prevue_le
from app.comptes.schemas import CompteLu
from app.comptes.tables import Compte
from app.kit.calendrier import jour_local
from app.kit.clock import today

PARIS = "Europe/Paris"


def compte_lu(compte: Compte) -> CompteLu:
    """Return an account as of today; art. 2.2.3: its scheduled end shows on its day, by itself."""
    statut = etat(compte.statut, compte.fin_prevue_le, today())
    fin = jour_local(compte.inactive_le, PARIS) if compte.inactive_le else None
    if statut is Etat.INACTIF and fin is None:
        fin = compte.fin_prevue_le
    calcules = {"statut", "supprime_le_prevu"}
    champs = {nom: getattr(compte, nom) for nom in CompteLu.model_fields if nom not in calcules}
    return CompteLu(
        **champs,
        statut=statut,
        supprime_le_prevu=suppression_prevue_le(fin) if fin else None,
    )
