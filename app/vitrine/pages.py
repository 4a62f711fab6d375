"""What a person reads: rendered here, from the catalogue alone; nothing of the request goes in."""

import json
import re
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

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
PARIS = ZoneInfo("Europe/Paris")
FONCTIONNALITES = {
    "contact": "écrire à la caisse",
    "etude_dossier": "étude de dossier",
    "signalement": "signalement",
    "rendez_vous": "rendez-vous",
    "document": "demande de document",
    "historique": "suivi des demandes",
}
STATUTS = {
    "disponible": ("Le service répond", "Toutes les parties du service répondent."),
    "perturbe": (
        "Le service répond, en partie",
        "Les demandes se déposent et se lisent ; une partie du service attend.",
    ),
    "maintenance": ("Maintenance en cours", "Le portail est arrêté le temps annoncé ci-dessous."),
    "indisponible": (
        "Le service ne répond pas",
        "La base de données ne répond pas ; ce qui était enregistré le reste.",
    ),
}
ETATS = {
    "disponible": "répond",
    "perturbe": "ralenti",
    "indisponible": "ne répond pas",
    "inconnu": "état inconnu",
    "non_configure": "non utilisé ici",
}
COMPOSANTS = {
    "api": "Réponses aux appels",
    "base": "Enregistrement des demandes",
    "travaux": "Travaux de fond",
    "courriels": "Envoi des courriels",
    "antivirus": "Contrôle des pièces",
    "stockage": "Conservation des pièces",
}
CSP_REDIRECTION = f"default-src 'none'; script-src 'self'; {CLOSED}"
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
    environment.filters |= {"marked": marked, "instant": instant, "fonctionnalite": FONCTIONNALITES.get}
    return environment


def instant(when: datetime) -> str:
    return f"{when.astimezone(PARIS):%d/%m/%Y à %H h %M} (heure de Paris)"


def page(template: str, csp: str = CSP_PAGES, status: int = 200, **values: Any) -> HTMLResponse:
    html = (
        templates()
        .get_template(template)
        .render(asset=of_pages().address, docs_asset=of_docs().address, docs=settings().docs, **values)
    )
    return HTMLResponse(
        html,
        status,
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


def redirection() -> HTMLResponse:
    """Return the page where Swagger UI's window comes back with its code, which its address holds: kept nowhere."""
    reponse = page("redirection.html", CSP_REDIRECTION)
    reponse.headers.update({"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
    return reponse


def problemes() -> HTMLResponse:
    """Return the list of the catalogue, by status."""
    ordered = sorted(CATALOGUE.values(), key=lambda erreur: (STATUS[erreur.nature], erreur.code))
    groups = [(nature, list(rows)) for nature, rows in groupby(ordered, key=lambda erreur: erreur.nature)]
    return page(
        "problemes.html",
        groupes=[(STATUS[nature], NATURES[nature], rows) for nature, rows in groups],
    )


def statut(lu: Any, status: int = 200) -> HTMLResponse:
    """Draw the state of the service: `lu` is the answer of GET /v1/statut."""
    titre, phrase = STATUTS[lu.statut.value]
    composants = [(nom, getattr(lu.composants, cle)) for cle, nom in COMPOSANTS.items()]
    return page(
        "statut.html", status=status, titre=titre, phrase=phrase, lu=lu, composants=composants, etats=ETATS
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
