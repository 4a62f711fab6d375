"""The acts of the life of a convention that have identifiers of their own, for the tests that walk every path."""

from app.kit.clock import today
from tests.outils import Client

ACTES = ("avenants", "mises-en-demeure")


def actes_inconnus(convention: str, id_: str) -> dict[str, str]:
    """Return the paths of acts that a convention does not have."""
    return {f"/v1/conventions/{convention}/{acte}": id_ for acte in ACTES}


def actes_de_la_convention(agent: Client, convention: str | None, marque: str) -> dict[str, str]:
    """Record an avenant and a formal notice, and return their paths and identifiers."""
    chemin, jour = f"/v1/conventions/{convention}", today().isoformat()
    corps = (
        {"le": jour, "objet": marque, "modifications": {"objet": f"Accueil {marque}"}},
        {"partie": "caisse", "recue_le": jour, "motif": f"Rappel {marque}"},
    )
    reponses = [agent.post(f"{chemin}/{acte}", c) for acte, c in zip(ACTES, corps, strict=True)]
    assert [r.status_code for r in reponses] == [201, 201], [r.text for r in reponses]
    return {f"{chemin}/{acte}": r.json()["id"] for acte, r in zip(ACTES, reponses, strict=True)}
