"""The lines as one CSV file: an empty cell is a figure left unsaid."""

from fastapi import Response

from app.demandes.regles import Issue
from app.kit import csv
from app.kit.clock import today
from app.statistiques.schemas import DelaiLu, LigneStatistique, Statistiques

GROUPE = ("caisse", "partenaire_id", "type", "annee", "mois", "masquee", "deposees", "ouvertes", "annulees")
DELAIS = ("delai_prise_en_charge", "delai_cloture", "attente_partenaire")
COLONNES = (
    *GROUPE,
    *(issue.value for issue in Issue),
    *(f"{delai}_{mesure}" for delai in DELAIS for mesure in DelaiLu.model_fields),
)
EXEMPLE = ";".join(COLONNES) + "\n611;;signalement;2026;2026-10;false;42;7;0;23;;;6;1;3;9;17;0;6\n"


def rendre(lues: Statistiques) -> Response:
    return csv.answer(f"statistiques-{today().isoformat()}", COLONNES, map(_ligne, lues.lignes))


def _ligne(ligne: LigneStatistique) -> csv.Row:
    delais = [getattr(ligne, delai) for delai in DELAIS]
    return [
        *(getattr(ligne, nom) for nom in GROUPE),
        *(ligne.issues[issue] for issue in Issue),
        *(valeur for delai in delais for valeur in (delai.mediane, delai.neuvieme_decile)),
    ]
