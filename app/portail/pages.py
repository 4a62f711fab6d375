"""The pages that the links of the mails open: a form, and no script. Nothing that was typed is printed again."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.comptes.regles import NatureLien
from app.comptes.regles_mot_de_passe import MAXIMUM, MINIMUM

GABARITS = Path(__file__).parent / "gabarits"
# The address of the page is the secret: it is neither kept, nor sent on, nor framed.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Language": "fr",
    "X-Robots-Tag": "noindex",
}
TITRES = {
    NatureLien.ACTIVATION: "Activer votre compte",
    NatureLien.REINITIALISATION: "Choisir un nouveau mot de passe",
}
FAITS = {
    NatureLien.ACTIVATION: "Votre compte est activé.",
    NatureLien.REINITIALISATION: "Votre mot de passe est changé, et toutes vos sessions sont fermées.",
}
DIFFERENTS = "Les deux saisies sont différentes."


@lru_cache
def gabarits() -> Environment:
    return Environment(loader=FileSystemLoader(GABARITS), autoescape=True, undefined=StrictUndefined)


@lru_cache
def css() -> str:
    return (GABARITS / "acces.css").read_text(encoding="utf-8")


def formulaire(
    nature: NatureLien, refus: Sequence[str] = (), refus_confirmation: Sequence[str] = ()
) -> HTMLResponse:
    statut = 422 if refus or refus_confirmation else 200
    return page(
        "choix.html",
        statut,
        titre=TITRES[nature],
        minimum=MINIMUM,
        maximum=MAXIMUM,
        refus=refus,
        refus_confirmation=refus_confirmation,
    )


def fait(nature: NatureLien) -> HTMLResponse:
    return page("fait.html", 200, titre=FAITS[nature])


def lien_invalide(nature: NatureLien) -> HTMLResponse:
    return page(
        "lien_invalide.html",
        404,
        titre="Ce lien ne peut plus servir",
        activation=nature is NatureLien.ACTIVATION,
    )


def page(gabarit: str, statut: int, **valeurs: object) -> HTMLResponse:
    return HTMLResponse(gabarits().get_template(gabarit).render(**valeurs), statut, headers=HEADERS)
