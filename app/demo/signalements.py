"""Forty signalements over the last weeks, in every state, with and without a comment."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.demandes import service as demandes
from app.demandes.consentement import retirer_consentement
from app.demandes.regles import Geste, Issue, Type
from app.demandes.service import Effet
from app.demandes.signalements import SignalementDepot
from app.demo.histoires import Histoire
from app.demo.personnages import NOMS, PRENOMS
from app.demo.scene import Personnage
from app.droits import Acteur
from app.kit import clock

COMMENTAIRES = (
    "Courriers sans réponse depuis septembre, la personne est suivie chaque semaine au guichet.",
    "Changement d'adresse en octobre, le dossier semble resté à l'ancienne caisse.",
    "Démarche en ligne bloquée, pas d'adresse électronique ; nous joindre au secrétariat.",
    "Fin de la complémentaire le mois prochain, dossier de renouvellement envoyé le 3.",
    None,
)
DIFFICULTES = (
    "rupture_de_droits",
    "numerique",
    "renouvellement_c2s",
    "ouverture_de_droits",
    "situation_sociale_complexe",
)
NOMBRE, JOURS = 40, 30
SUITE = timedelta(hours=20)  # from one gesture to the next


def histoires() -> Iterator[Histoire]:
    debut = datetime.now(UTC) - timedelta(days=JOURS)
    for rang in range(NOMBRE):
        yield partial(_un_signalement, rang, debut + timedelta(hours=rang * JOURS * 24 // NOMBRE))


async def _un_signalement(rang: int, instant: datetime) -> None:
    """File a signalement, then bring it to the state that its rank gives it."""
    structure = ("cias", "cias", "asso", "tutelle")[rang % 4]
    caisse = "141" if structure == "cias" and rang % 8 == 0 else "611"
    roles = {
        "technicien": Personnage(f"t-{structure}", caisse),
        "agent": Personnage("a-calvados" if caisse == "141" else "a-orne", caisse),
    }
    depot = SignalementDepot.model_validate(_corps(rang, caisse, instant))
    demande_id = await roles["technicien"].deposer(instant, Type.SIGNALEMENT, depot)
    for numero, (geste, cote) in enumerate(_suite(rang), start=1):
        effet = partial(_effet, geste, list(Issue)[rang % len(Issue)])
        await roles[cote].faire(instant + numero * SUITE, demande_id, geste, effet)


def _corps(rang: int, caisse: str, instant: datetime) -> dict[str, Any]:
    return {
        "caisse": caisse,
        "assure": {
            "civilite": "m" if rang % 2 else "mme",
            "nom": NOMS[rang % len(NOMS)],
            "prenom": PRENOMS[(rang * 7) % len(PRENOMS)],
            "date_naissance": f"{1938 + rang * 3 % 66}-{1 + rang % 12:02d}-{1 + rang * 5 % 28:02d}",
            "departement_residence": "14" if caisse == "141" else "61",
        },
        "consentement": {
            "recueilli": True,
            "date": (instant - timedelta(days=1)).date().isoformat(),
            "modalite": ("oral", "ecrit", "representant_legal")[rang % 3],
        },
        "difficultes": [DIFFICULTES[rang % len(DIFFICULTES)]],
        "orientation_souhaitee": None if (rang + 1) % 5 else "service_social",
        "commentaire": COMMENTAIRES[rang % len(COMMENTAIRES)],
    }


def _suite(rang: int) -> list[tuple[Geste, str]]:
    """Return the gestures that bring a request to the state that its rank gives it."""
    prise, complement = (Geste.PRISE_EN_CHARGE, "agent"), (Geste.DEMANDE_COMPLEMENT, "agent")
    reponse, cloture = (Geste.MESSAGES, "technicien"), (Geste.CLOTURE, "agent")
    suites: tuple[list[tuple[Geste, str]], ...] = (
        [],
        [prise],
        [prise, complement],
        [prise, complement, reponse],
        [prise, complement, reponse, cloture],
        [prise, cloture],
        [(Geste.ANNULATION, "technicien")],
        [prise, (Geste.RETRAIT_CONSENTEMENT, "technicien")],
    )
    return suites[rang * 3 % len(suites)]


def _effet(geste: Geste, issue: Issue, session: AsyncSession, acteur: Acteur) -> Effet:
    effets = {
        Geste.PRISE_EN_CHARGE: demandes.prendre(acteur),
        Geste.DEMANDE_COMPLEMENT: demandes.ecrire(
            session, acteur, "Merci d'envoyer l'avis d'imposition 2025."
        ),
        Geste.MESSAGES: demandes.ecrire(session, acteur, "L'avis est parti par courrier ce matin."),
        Geste.CLOTURE: demandes.clore(session, acteur, issue, "Le dossier est réglé, un courrier suit."),
        Geste.ANNULATION: demandes.annuler("La personne a fait la démarche elle-même."),
        Geste.RETRAIT_CONSENTEMENT: retirer_consentement(session, acteur, clock.today()),
    }
    return effets[geste]
