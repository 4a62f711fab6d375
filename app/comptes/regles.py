"""Art. 2.1, 2.2, 4.1: what an account is, and what its state allows."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from app.droits import Role
from app.kit.calendrier import ajouter_mois, jour_local


class Etat(StrEnum):
    EN_ATTENTE = "en_attente"
    ACTIF = "actif"
    INACTIF = "inactif"


class Civilite(StrEnum):
    M = "m"
    MME = "mme"


class NatureLien(StrEnum):
    ACTIVATION = "activation"
    REINITIALISATION = "reinitialisation"


class LienStructure(StrEnum):
    """Art. 2.2.1: employed, salaried or volunteer of the structure; the gestionnaire declares which."""

    EMPLOYE = "employe"
    SALARIE = "salarie"
    BENEVOLE = "benevole"


PREFIXES: dict[Role, str] = {
    Role.TECHNICIEN: "t",
    Role.GESTIONNAIRE: "g",
    Role.AGENT_CAISSE: "a",
    Role.ADMINISTRATEUR: "n",
}


def mot_de_passe_expire_le(change_le: datetime, jours: int) -> date:
    """Art. 2.2.1: the day after which signing in only permits changing the password."""
    return jour_local(change_le + timedelta(days=jours), "Europe/Paris")


def cgu_a_accepter(acceptee: str | None, en_vigueur: str | None) -> bool:
    """Art. 2.1: the version in force must have been accepted; without any published, nothing is asked."""
    return en_vigueur is not None and acceptee != en_vigueur


MOIS_AVANT_SUPPRESSION = 6
PREAVIS_JOURS = 15


def etat(statut: Etat, fin_prevue_le: date | None, jour: date) -> Etat:
    """Art. 2.2.3: what an account is on a day: its scheduled end takes effect by itself."""
    return Etat.INACTIF if fin_prevue_le is not None and jour >= fin_prevue_le else statut


def suppression_prevue_le(inactif_depuis: date) -> date:
    """Art. 2.2.3: an account inactive for six calendar months is deleted."""
    return ajouter_mois(inactif_depuis, MOIS_AVANT_SUPPRESSION)


def preavis_suffisant(annoncee_le: date, effet_le: date) -> bool:
    """Art. 2.2.3: the end of a gestionnaire is announced fifteen days ahead of the wished date."""
    return effet_le >= annoncee_le + timedelta(days=PREAVIS_JOURS)


def dernier(autres_gestionnaires_durables: int) -> bool:
    """Art. 2.2.3: the last gestionnaire is not inactivated by hand: a successor comes first."""
    return autres_gestionnaires_durables == 0
