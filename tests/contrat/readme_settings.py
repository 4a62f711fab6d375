"""The table of the settings, from the settings themselves: `python -m tests.contrat.readme_settings` writes it."""

from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from app.config import Settings

FICHIER = Path(__file__).parents[2] / "docs" / "configuration.md"
DEBUT, FIN = "<!-- settings -->", "<!-- /settings -->"
PAGE = """# Configuration

Settings are environment variables, read once at start. `EP_ENV=production` refuses to start on an unsafe one, and
names it. This table is generated from `app/config.py` by `python -m tests.contrat.readme_settings`.

{table}
"""


def table() -> str:
    """Return the Markdown table, between its markers."""
    lignes = ["| variable | default | what |", "|---|---|---|"]
    lignes += [
        f"| `EP_{nom.upper()}` | {_defaut(champ)} | {_texte(champ)} |"
        for nom, champ in Settings.model_fields.items()
    ]
    return "\n".join([DEBUT, *lignes, FIN])


def page() -> str:
    return PAGE.format(table=table())


def _defaut(champ: FieldInfo) -> str:
    valeur: Any = champ.default
    if isinstance(valeur, SecretStr):
        valeur = valeur.get_secret_value()
    if isinstance(valeur, bool):
        valeur = str(valeur).lower()
    return "" if valeur is None or valeur == "" else f"`{valeur}`"


def _texte(champ: FieldInfo) -> str:
    texte = (champ.description or "").replace("|", "\\|")
    if get_origin(champ.annotation) is Literal:
        texte = f"{texte} ({', '.join(f'`{choix}`' for choix in get_args(champ.annotation))})"
    return texte


if __name__ == "__main__":
    FICHIER.write_text(page())
