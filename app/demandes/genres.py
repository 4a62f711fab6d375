"""The kinds of requests: what each adds to the common request. A sixth kind is one more entry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Update, update

from app.demandes import regles_creneaux
from app.demandes.regles import Geste, Type
from app.demandes.regles_creneaux import StatutCreneau
from app.demandes.tables import Contact, Creneau, DemandeDocument, EtudeDossier, RendezVous, Signalement
from app.droits import Role

Objet = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Suite:
    """Rows that come after the deposit, listed in `objet` under their name.

    `a_la_fin` is what the end of the request does to them.
    """

    table: Any
    champs: tuple[str, ...]
    ordre: tuple[str, ...]
    a_la_fin: Callable[[UUID, datetime], Update]


@dataclass(frozen=True, slots=True)
class Genre:
    """`champs` are the kind's own fields, the same in its body, its table and its `objet`.

    What comes after the deposit: `ensuite`, columns of its table that a gesture fills; `suites`, rows of
    other tables; `resume`, what is computed of all that. `gestes` are its own gestures open to a role at an
    instant, and `attend` tells whether the partenaire is awaited, so that the clock stops.
    """

    table: Any
    champs: tuple[str, ...]
    theme: Callable[[Objet], str]
    ensuite: tuple[str, ...] = ()
    suites: Mapping[str, Suite] = field(default_factory=dict)
    resume: Mapping[str, Callable[[Objet], Any]] = field(default_factory=dict)
    gestes: Callable[[Objet, Role | None, datetime], frozenset[Geste]] | None = None
    attend: Callable[[Objet, datetime], bool] | None = None


def _annuler_les_creneaux(demande_id: UUID, instant: datetime) -> Update:
    """Call off the slots of a request that ends, save the one that has begun: it took place."""
    return (
        update(Creneau)
        .where(
            Creneau.demande_id == demande_id,
            Creneau.statut.in_((StatutCreneau.PROPOSE, StatutCreneau.CONFIRME)),
            (Creneau.statut == StatutCreneau.PROPOSE) | (Creneau.debut > instant),
        )
        .values(statut=StatutCreneau.ANNULE, modifie_le=instant)
    )


def _gestes_d_un_document(objet: Objet, role: Role | None, _: datetime) -> frozenset[Geste]:
    """Art. 1.2: the caisse says once when the document went."""
    envoyable = role is Role.AGENT_CAISSE and objet["envoye_le"] is None
    return frozenset({Geste.ENVOI} if envoyable else ())


GENRES: Mapping[Type, Genre] = {
    Type.SIGNALEMENT: Genre(
        Signalement,
        ("difficultes", "orientation_souhaitee"),
        theme=lambda objet: str(objet["difficultes"][0]),
    ),
    Type.ETUDE_DOSSIER: Genre(EtudeDossier, ("droit",), theme=lambda objet: str(objet["droit"])),
    Type.RENDEZ_VOUS: Genre(
        RendezVous,
        ("motif", "mode", "disponibilites"),
        theme=lambda objet: str(objet["motif"]),
        suites={
            "creneaux": Suite(
                Creneau,
                ("id", "debut", "fin", "mode", "lieu", "statut", "motif", "honore"),
                ordre=("debut", "id"),
                a_la_fin=_annuler_les_creneaux,
            )
        },
        resume={"honore": lambda objet: regles_creneaux.honore(objet["creneaux"])},
        gestes=lambda objet, role, instant: regles_creneaux.gestes(objet["creneaux"], role, instant),
        attend=lambda objet, instant: regles_creneaux.partenaire_attendu(objet["creneaux"], instant),
    ),
    Type.DOCUMENT: Genre(
        DemandeDocument,
        ("document",),
        theme=lambda objet: str(objet["document"]),
        ensuite=("envoye_le",),
        gestes=_gestes_d_un_document,
    ),
    Type.CONTACT: Genre(Contact, ("sujet", "message"), theme=lambda objet: str(objet["sujet"])),
}
