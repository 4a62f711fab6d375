"""Mails about conventions: to the caisse, and to the gestionnaires of the structure (art. 4.1, 7, 8)."""

from uuid import UUID

from procrastinate import JobContext
from sqlalchemy import Select, func, select

from app.conventions.tables import Convention
from app.kit.jobs import RETRY, jobs
from app.kit.mail import compose, send
from app.kit.session import database
from app.referentiel.tables import Caisse

PHRASES = {
    "convention.suspendue": (
        "accès suspendu",
        "La caisse a suspendu l'accès de la structure : ses demandes ne lui sont plus accessibles.",
    ),
    "convention.suspension_levee": ("accès rétabli", "La caisse a rétabli l'accès de la structure."),
    "convention.fonctionnalites_reglees": (
        "fonctionnalités modifiées",
        "Les fonctionnalités ouvertes à la structure par cette convention ont changé.",
    ),
    "convention.avenant": ("avenant enregistré", "Un avenant à la convention a été enregistré."),
    "convention.avenant_applique": (
        "avenant applicable",
        "Un avenant à la convention s'applique aujourd'hui.",
    ),
    "convention.renouvelee": (
        "convention reconduite",
        "La convention est reconduite tacitement : une nouvelle période commence.",
    ),
    "convention.denoncee": (
        "convention dénoncée",
        "La convention est dénoncée : en vigueur jusqu'à la fin de sa période, elle ne sera pas reconduite.",
    ),
    "convention.mise_en_demeure": (
        "mise en demeure",
        "Une mise en demeure a été enregistrée : sans réparation, la convention peut être résiliée.",
    ),
    "convention.manquement_repare": (
        "manquement réparé",
        "Le manquement qui avait fait l'objet d'une mise en demeure est réparé.",
    ),
    "convention.resiliation_prevue": (
        "résiliation enregistrée",
        "La résiliation de la convention est enregistrée, pour un jour à venir.",
    ),
    "convention.resiliation_annulee": (
        "résiliation annulée",
        "Le manquement est réparé : la résiliation prévue n'aura pas lieu.",
    ),
    "convention.resiliee": (
        "convention résiliée",
        "La convention est résiliée : la structure n'accède plus à la caisse, qui termine les demandes ouvertes.",
    ),
    "convention.expiree": (
        "convention arrivée à son terme",
        "La convention a pris fin : la structure n'accède plus à la caisse, qui termine les demandes ouvertes.",
    ),
}


@jobs.task(name="conventions.avertir", retry=RETRY, pass_context=True)
async def avertir(context: JobContext, convention_id: str, evenement: str, compte_id: str) -> None:
    """Write to one gestionnaire, at the address of the day; an account deleted since receives nothing."""
    async with database().transaction() as session:
        adresse = await session.scalar(select(func.ep_adresse_gestionnaire(UUID(compte_id))))
        caisse = await session.scalar(_caisse(convention_id).with_only_columns(Caisse.nom))
    if adresse and caisse:
        await _envoyer(context, evenement, adresse, caisse)


@jobs.task(name="conventions.avertir_caisse", retry=RETRY, pass_context=True)
async def avertir_caisse(context: JobContext, convention_id: str, evenement: str) -> None:
    async with database().transaction() as session:
        caisse = await session.scalar(_caisse(convention_id))
    if caisse:
        await _envoyer(context, evenement, caisse.email_file, caisse.nom)


def _caisse(convention_id: str) -> Select[Caisse]:
    return (
        select(Caisse)
        .join(Convention, Convention.caisse == Caisse.code)
        .where(Convention.id == UUID(convention_id))
    )


async def _envoyer(context: JobContext, evenement: str, adresse: str, caisse: str) -> None:
    objet, phrase = PHRASES[evenement]
    key = f"convention-{context.job.id}"
    gabarit = "conventions/mails/convention.txt"
    await send(compose(gabarit, key, adresse, objet=objet, phrase=phrase, caisse=caisse))
