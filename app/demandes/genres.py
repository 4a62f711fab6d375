"""The kinds of requests: what each adds to the common request. A sixth kind is one more entry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.demandes.regles import Type
from app.demandes.tables import Contact, DemandeDocument, EtudeDossier, RendezVous, Signalement


@dataclass(frozen=True, slots=True)
class Genre:
    """`champs` are the kind's own fields, the same in its body, its table and its `objet`."""

    table: Any
    champs: tuple[str, ...]
    theme: Callable[[Mapping[str, Any]], str]


GENRES: Mapping[Type, Genre] = {
    Type.SIGNALEMENT: Genre(
        Signalement,
        ("difficultes", "orientation_souhaitee"),
        theme=lambda objet: str(objet["difficultes"][0]),
    ),
    Type.ETUDE_DOSSIER: Genre(EtudeDossier, ("droit",), theme=lambda objet: str(objet["droit"])),
    Type.RENDEZ_VOUS: Genre(
        RendezVous, ("motif", "mode", "disponibilites"), theme=lambda objet: str(objet["motif"])
    ),
    Type.DOCUMENT: Genre(DemandeDocument, ("document",), theme=lambda objet: str(objet["document"])),
    Type.CONTACT: Genre(Contact, ("sujet", "message"), theme=lambda objet: str(objet["sujet"])),
}
