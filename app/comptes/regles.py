"""Art. 2.1, 2.2, 4.1: what an account is, and what its state allows."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from app.droits import Role


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


PREFIXES: dict[Role, str] = {
    Role.TECHNICIEN: "t",
    Role.GESTIONNAIRE: "g",
    Role.AGENT_CAISSE: "a",
    Role.ADMINISTRATEUR: "n",
}


def mot_de_passe_expire_le(change_le: datetime, jours: int) -> date:
    """Art. 2.2.1: the day after which signing in only permits changing the password."""
    return (change_le + timedelta(days=jours)).date()


def cgu_a_accepter(acceptee: str | None, en_vigueur: str | None) -> bool:
    """Art. 2.1: the version in force must have been accepted; without any published, nothing is asked."""
    return en_vigueur is not None and acceptee != en_vigueur


def nom_affiche(prenom: str, nom: str) -> str:
    return f"{prenom} {nom.upper()}"
