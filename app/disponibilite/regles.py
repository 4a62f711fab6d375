"""Art. 3.2: available every day at every hour, save maintenance; what the state of the whole is."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

PREAVIS = timedelta(hours=48)
DUREE_MAXIMALE = timedelta(days=7)


class StatutMaintenance(StrEnum):
    ANNONCEE = "annoncee"
    EN_COURS = "en_cours"
    TERMINEE = "terminee"
    ANNULEE = "annulee"


def statut(debut: datetime, fin: datetime, *, annulee: bool, maintenant: datetime) -> StatutMaintenance:
    """Art. 3.2: what a window is at an instant; its end is excluded."""
    if annulee:
        return StatutMaintenance.ANNULEE
    if maintenant < debut:
        return StatutMaintenance.ANNONCEE
    return StatutMaintenance.EN_COURS if maintenant < fin else StatutMaintenance.TERMINEE


def urgente(annoncee_le: datetime, debut: datetime) -> bool:
    """Art. 3.2: announced with less than the notice that we give ourselves: the convention gives none."""
    return debut - annoncee_le < PREAVIS


class EtatComposant(StrEnum):
    """What a part of the service is, as last seen."""

    DISPONIBLE = "disponible"
    PERTURBE = "perturbe"
    INDISPONIBLE = "indisponible"
    INCONNU = "inconnu"
    NON_CONFIGURE = "non_configure"


class StatutService(StrEnum):
    DISPONIBLE = "disponible"
    PERTURBE = "perturbe"
    MAINTENANCE = "maintenance"
    INDISPONIBLE = "indisponible"


SOUFFRANTS = frozenset({EtatComposant.PERTURBE, EtatComposant.INDISPONIBLE})


def statut_du_service(
    base: EtatComposant, autres: Collection[EtatComposant], *, en_maintenance: bool
) -> StatutService:
    """Art. 3.2: one word for the whole: without its database, nothing is served; without a mail, less is."""
    if en_maintenance:
        return StatutService.MAINTENANCE
    if base is not EtatComposant.DISPONIBLE:
        return StatutService.INDISPONIBLE
    return StatutService.PERTURBE if SOUFFRANTS & set(autres) else StatutService.DISPONIBLE


ATTENTE_NORMALE = timedelta(minutes=2)
SIGNE_DE_VIE = timedelta(seconds=45)


def etat_des_travaux(attente: timedelta, dernier_signe: timedelta | None) -> EtatComposant:
    """Return the state of the jobs: nobody works on them, or the oldest waits for long.

    `attente`: how long the oldest job that is due has waited; `dernier_signe`: since a worker's last sign.
    """
    if dernier_signe is None or dernier_signe > SIGNE_DE_VIE:
        return EtatComposant.INDISPONIBLE
    return EtatComposant.PERTURBE if attente > ATTENTE_NORMALE else EtatComposant.DISPONIBLE
