"""What a person reads: rendered here, from the catalogue alone; nothing of the request goes in."""

import json
import re
from functools import lru_cache
from itertools import groupby
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from app.config import settings
from app.erreurs import CATALOGUE, Nature, Probleme
from app.kit.problems import STATUS, content
from app.vitrine.assets import HERE, of_docs, of_pages
from app.vitrine.membres import MEMBRES

NATURES = {
    Nature.MALFORME: "Requête mal formée",
    Nature.ANONYME: "Appelant non reconnu",
    Nature.REFUS: "Accès refusé",
    Nature.INTROUVABLE: "Ressource introuvable",
    Nature.METHODE: "Méthode non prévue",
    Nature.CONFLIT: "Conflit avec l'état actuel",
    Nature.PERIME: "Version périmée",
    Nature.TROP_GRAND: "Contenu trop grand",
    Nature.FORMAT: "Format non pris en charge",
    Nature.INVALIDE: "Contenu refusé",
    Nature.DEBIT: "Trop de requêtes",
    Nature.PANNE: "Panne du serveur",
    Nature.INDISPONIBLE: "Service indisponible",
}
INSTANCE = "01981f6e-5d2f-7c1a-b1a2-3c4d5e6f7a8b"
CLOSED = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
CSP_PAGES = f"default-src 'none'; style-src 'self'; img-src 'self'; {CLOSED}"
# Swagger UI sets its styles from its script, which the policy allows, and draws its icons as data: images.
CSP_DOCS = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    f"connect-src 'self'; {CLOSED}"
)
SPACED = re.compile(r" (?=[:;!?»])|(?<=«) ")


def marked(text: str) -> Markup:
    """Escape a sentence, keep its French spaces together, and set what stands between backticks as code."""
    parts = [escape(part) for part in SPACED.sub("\u00a0", text).split("`")]
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if rank % 2 else part for rank, part in enumerate(parts)
    )


@lru_cache
def templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "gabarits"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["marked"] = marked
    return environment


def page(template: str, csp: str = CSP_PAGES, **values: Any) -> HTMLResponse:
    html = (
        templates()
        .get_template(template)
        .render(asset=of_pages().address, docs_asset=of_docs().address, docs=settings().docs, **values)
    )
    return HTMLResponse(
        html,
        headers={
            "Content-Security-Policy": csp,
            "Content-Language": "fr",
            "Cache-Control": "no-cache",
            "Cross-Origin-Opener-Policy": "same-origin",
        },
    )


def accueil() -> HTMLResponse:
    return page("accueil.html")


def docs() -> HTMLResponse:
    return page("docs.html", CSP_DOCS, connexion=settings().password_grant_on)


def problemes() -> HTMLResponse:
    """Return the list of the catalogue, by status."""
    ordered = sorted(CATALOGUE.values(), key=lambda erreur: (STATUS[erreur.nature], erreur.code))
    groups = [(nature, list(rows)) for nature, rows in groupby(ordered, key=lambda erreur: erreur.nature)]
    return page(
        "problemes.html",
        groupes=[(STATUS[nature], NATURES[nature], rows) for nature, rows in groups],
    )


def probleme(erreur: type[Probleme]) -> HTMLResponse:
    membres = MEMBRES.get(erreur.code, {})
    exemple = content(erreur(**{nom: valeur for nom, (valeur, _) in membres.items()}), INSTANCE)
    return page(
        "probleme.html",
        erreur=erreur,
        statut=STATUS[erreur.nature],
        nature=NATURES[erreur.nature],
        membres=[(nom, sens) for nom, (_, sens) in membres.items()],
        exemple=json.dumps(exemple, ensure_ascii=False, indent=2),
    )
