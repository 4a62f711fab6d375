"""French sentences for Pydantic's validation errors; a bound may be told, a value never."""

from typing import Any

SENTENCES = {
    "missing": "Ce champ est obligatoire.",
    "extra_forbidden": "Ce champ n'existe pas dans le contrat.",
    "string_type": "Une chaîne de caractères est attendue.",
    "string_too_short": "Le texte est trop court (au moins {min_length} caractère(s)).",
    "string_too_long": "Le texte est trop long (au plus {max_length} caractères).",
    "string_pattern_mismatch": "Le format n'est pas celui attendu.",
    "string_unicode": "Le texte contient un caractère Unicode invalide.",
    "too_short": "La liste doit avoir au moins {min_length} élément(s).",
    "too_long": "La liste a trop d'éléments (au plus {max_length}).",
    "enum": "Valeur inconnue ; les valeurs admises sont dans le contrat et dans GET /v1/nomenclatures.",
    "literal_error": "Valeur inconnue ; les valeurs admises sont dans le contrat.",
    "bool_type": "true ou false est attendu.",
    "int_type": "Un nombre entier est attendu.",
    "int_parsing": "Un nombre entier est attendu.",
    "greater_than_equal": "La valeur doit être au moins {ge}.",
    "less_than_equal": "La valeur doit être au plus {le}.",
    "date_from_datetime_parsing": "Une date AAAA-MM-JJ est attendue.",
    "date_parsing": "Une date AAAA-MM-JJ est attendue.",
    "datetime_parsing": "Un instant RFC 3339 est attendu, par exemple 2026-01-05T09:30:00Z.",
    "datetime_from_date_parsing": "Un instant RFC 3339 est attendu, par exemple 2026-01-05T09:30:00Z.",
    "timezone_aware": "Un instant avec son fuseau est attendu, par exemple 2026-01-05T09:30:00Z.",
    "uuid_parsing": "Un identifiant UUID est attendu.",
    "uuid_type": "Un identifiant UUID est attendu.",
    "list_type": "Une liste est attendue.",
    "dict_type": "Un objet JSON est attendu.",
    "model_type": "Un objet JSON est attendu.",
    "model_attributes_type": "Un objet JSON est attendu.",
}


def message_of(error: dict[str, Any]) -> str:
    """Return the sentence of one error: our own validators bring theirs, already in French."""
    if error["type"].startswith("ep_"):
        return str(error["msg"])
    sentence = SENTENCES.get(error["type"], "La valeur n'est pas valide.")
    bounds = {key: value for key, value in error.get("ctx", {}).items() if isinstance(value, int)}
    try:
        return sentence.format(**bounds)
    except KeyError:
        return "La valeur n'est pas valide."
