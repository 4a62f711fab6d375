"""An appointment at each step: slots offered, one confirmed, kept, refused, called off."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from app.demandes import creneaux
from app.demandes import service as demandes
from app.demandes.regles import Geste, Type
from app.demandes.rendez_vous import RendezVousDepot
from app.demandes.schemas_creneaux import CreneauPropose
from app.demo.histoires import Histoire, a_l_heure, commun
from app.demo.scene import Personnage

TECHNICIEN, AGENT = Personnage("t-cias"), Personnage("a-orne")
UNE_HEURE, UN_JOUR = timedelta(hours=1), timedelta(days=1)
LIEUX = {
    "accueil": "Accueil d'Alençon, 34 place du Général-Bonet",
    "telephone": "+33261910012",
    "visio": "https://visio.example/cpam-orne/salle-3",
}


def histoires() -> Iterator[Histoire]:
    yield from (creneaux_offerts, confirme, honore, refuse, annule)


async def creneaux_offerts() -> None:
    """Leave three slots to choose from, one of each kind."""
    depot = a_l_heure(-6, 10)
    id_ = await _demander("Morel", "Suzanne", depot)
    await _proposer(id_, depot + UN_JOUR, _a("accueil", 6, 9), _a("telephone", 7, 14), _a("visio", 8, 11))


async def confirme() -> None:
    """Leave an appointment to come: its calendar file is to be read, and both sides are reminded on its eve."""
    depot = a_l_heure(-8, 11)
    id_ = await _demander("Picard", "Yvette", depot)
    premier, *_ = await _proposer(id_, depot + UN_JOUR, _a("accueil", 9, 10), _a("accueil", 9, 15))
    await _confirmer(id_, premier, depot + 2 * UN_JOUR)


async def honore() -> None:
    """Leave an appointment to which the person came: the request is to be closed."""
    depot = a_l_heure(-20, 9)
    id_ = await _demander("Renault", "Simone", depot)
    premier, *_ = await _proposer(id_, depot + UN_JOUR, _a("accueil", -8, 10))
    await _confirmer(id_, premier, depot + 2 * UN_JOUR)
    await AGENT.faire(
        a_l_heure(-8, 17),
        id_,
        Geste.ISSUE,
        lambda session, _: creneaux.constater(session, honore=True),
        "rendez_vous.honore",
    )


async def refuse() -> None:
    """Leave slots of which none suited: the caisse has others to offer."""
    depot = a_l_heure(-5, 14)
    id_ = await _demander("Berthier", "Paulette", depot)
    await _proposer(id_, depot + UN_JOUR, _a("accueil", 5, 8))
    motif = "Pas de car avant dix heures ces jours-là."
    await TECHNICIEN.faire(
        depot + 2 * UN_JOUR,
        id_,
        Geste.REFUS,
        lambda session, _: creneaux.passer(session, Geste.REFUS, motif),
    )


async def annule() -> None:
    """Leave a confirmed slot that the caisse called off: the calendar file says so."""
    depot = a_l_heure(-9, 16)
    id_ = await _demander("Caron", "Lucette", depot)
    premier, *_ = await _proposer(id_, depot + UN_JOUR, _a("visio", 4, 15))
    await _confirmer(id_, premier, depot + 2 * UN_JOUR)
    motif = "L'agent est absent ce jour-là, un autre créneau suit."
    await AGENT.faire(
        depot + 3 * UN_JOUR,
        id_,
        Geste.ANNULATION_CRENEAU,
        lambda session, _: creneaux.passer(session, Geste.ANNULATION_CRENEAU, motif),
    )


async def _demander(nom: str, prenom: str, instant: datetime) -> UUID:
    """Ask for an appointment, which an agent of the caisse takes."""
    libre = a_l_heure(4, 9)
    corps = commun(nom, prenom, "1949-10-02", instant) | {
        "motif": "accompagnement",
        "mode": "accueil",
        "disponibilites": [{"debut": libre.isoformat(), "fin": (libre + 3 * UNE_HEURE).isoformat()}],
    }
    id_ = await TECHNICIEN.deposer(instant, Type.RENDEZ_VOUS, RendezVousDepot.model_validate(corps))
    await AGENT.faire(
        instant + UNE_HEURE, id_, Geste.PRISE_EN_CHARGE, lambda _, agent: demandes.prendre(agent)
    )
    return id_


def _a(mode: str, jours: int, heure: int) -> CreneauPropose:
    debut = a_l_heure(jours, heure)
    corps = {"debut": debut.isoformat(), "fin": (debut + UNE_HEURE).isoformat(), "mode": mode}
    return CreneauPropose.model_validate(corps | {"lieu": LIEUX[mode]})


async def _proposer(id_: UUID, instant: datetime, *offerts: CreneauPropose) -> list[UUID]:
    """Offer slots, and return their identifiers, the first to come first."""
    lue = await AGENT.faire(
        instant, id_, Geste.PROPOSITIONS, lambda session, _: creneaux.proposer(session, offerts)
    )
    return [creneau["id"] for creneau in lue.objet["creneaux"]]


async def _confirmer(id_: UUID, creneau_id: UUID, instant: datetime) -> None:
    await TECHNICIEN.faire(
        instant,
        id_,
        Geste.CONFIRMATION,
        lambda session, technicien: creneaux.confirmer(session, technicien, creneau_id),
    )
