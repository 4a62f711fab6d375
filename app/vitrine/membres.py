"""The members that some problems add to RFC 9457's: an invented example and what it means."""

from typing import Any

PASSAGES = (
    [{"champ": "/commentaire", "debut": 14, "fin": 29}],
    "Où se trouve le texte refusé : pointeur JSON du champ, positions en caractères. Jamais le texte lui-même.",
)
REFERENTS = (
    [
        {
            "caisse": "611",
            "fonctionnalites": ["contact", "signalement"],
            "nom": "Lemoine",
            "prenom": "Agnès",
            "fonction": "Référente partenaires",
            "telephone": "+33233000000",
            "email": "agnes.lemoine@cpam-orne.example",
        }
    ],
    "Qui joindre pendant l'interruption, par caisse : complet pour un appelant connu, nom et fonction seuls sinon.",
)

MEMBRES: dict[str, dict[str, tuple[Any, str]]] = {
    "validation": {
        "erreurs": (
            [{"champ": "/assure/nom", "code": "missing", "message": "Ce champ est obligatoire."}],
            "Un élément par champ refusé : son pointeur JSON, un code stable, une phrase. Jamais la valeur envoyée.",
        )
    },
    "nir-interdit": {"passages": PASSAGES},
    "donnee-de-sante": {"passages": PASSAGES},
    "demarche-en-cours": {"reference": ("SIG-26-7KQ3M9", "La demande encore ouverte de votre structure.")},
    "deja-revu": {"statut": ("admis", "La décision déjà prise.")},
    "transition-interdite": {
        "statut": ("cloturee", "L'état actuel de la demande."),
        "actions_possibles": ([], "Les actions que vous pouvez faire dans cet état."),
    },
    "fonctionnalite-inactive": {
        "fonctionnalite": ("etude_dossier", "La fonctionnalité demandée."),
        "caisse": ("611", "La caisse qui ne l'a pas activée."),
    },
    "caisse-non-conventionnee": {
        "caisses": (["611"], "Les caisses avec lesquelles une convention est en vigueur.")
    },
    "deja-existant": {"champ": ("/siret", "Pointeur JSON du champ dont la valeur est prise.")},
    "convention-deja-ouverte": {
        "convention_id": ("01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8c", "La convention qui n'est pas terminée.")
    },
    "preavis-de-mise-en-demeure": {
        "resiliable_le": ("2025-12-03", "Le premier jour où le manquement permet la résiliation."),
        "reparee_le": (None, "Le jour où le manquement a été réparé, s'il l'a été."),
    },
    "quota-atteint": {
        "maximum": (6, "Le nombre de comptes que permet la convention."),
        "utilises": (6, "Le nombre de comptes déjà utilisés."),
    },
    "mot-de-passe-faible": {"regles": (["longueur"], "Les règles que le mot de passe ne respecte pas.")},
    "trop-de-webhooks": {"maximum": (20, "Le nombre de webhooks permis.")},
    "maintenance": {"referents": REFERENTS},
    "service-indisponible": {"referents": REFERENTS},
    "trop-de-pieces": {"maximum": (10, "Le nombre de pièces qu'une demande peut avoir.")},
    "piece-trop-grande": {"maximum": (10485760, "La taille permise, en octets.")},
    "piece-illisible": {"motif": ("chiffre", "Un code stable de ce qui empêche la lecture.")},
    "piece-indisponible": {
        "statut": ("en_analyse", "L'état de la pièce."),
        "effacee_le": (None, "Quand elle a été effacée, si elle l'a été."),
    },
}
