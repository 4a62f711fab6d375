"""Mails about sign-ins: to the holder, of a new device; to the caisses, of a territory (art. 3.1, 4.1)."""

from uuid import UUID
from zoneinfo import ZoneInfo

from procrastinate import JobContext
from sqlalchemy import select

from app.comptes.regles import Etat
from app.comptes.tables import Compte
from app.conventions import queries as conventions
from app.kit.clock import today
from app.kit.jobs import RETRY, jobs
from app.kit.mail import compose, send
from app.kit.session import database
from app.provenance.tables import Appareil
from app.referentiel.tables import Caisse

PARIS = ZoneInfo("Europe/Paris")


@jobs.task(name="provenance.annoncer_appareil", retry=RETRY, pass_context=True)
async def annoncer_appareil(context: JobContext, empreinte: str) -> None:
    """Art. 4.1: the holder learns when, and with what kind of software, somebody signed in."""
    async with database().transaction() as session:
        appareil = await session.get(Appareil, empreinte)
        compte = await session.get(Compte, appareil.compte_id) if appareil else None
    if appareil is None or compte is None or compte.statut is not Etat.ACTIF:
        return
    await send(
        compose(
            "provenance/mails/nouvel_appareil.txt",
            f"appareil-{context.job.id}",
            compte.email,
            instant=appareil.premiere_le.astimezone(PARIS).strftime("%d/%m/%Y à %H h %M"),
            logiciel=appareil.logiciel,
            pays=appareil.pays or "",
        )
    )


@jobs.task(name="provenance.annoncer_rejeu", retry=RETRY, pass_context=True)
async def annoncer_rejeu(context: JobContext, compte_id: str) -> None:
    """Art. 4.1: a refresh token came back after its use: its session was ended, and its holder is told."""
    async with database().transaction() as session:
        compte = await session.get(Compte, UUID(compte_id))
    if compte is not None and compte.statut is Etat.ACTIF:
        await send(compose("provenance/mails/session_fermee.txt", f"rejeu-{context.job.id}", compte.email))


@jobs.task(name="provenance.signaler_hors_europe", retry=RETRY, pass_context=True)
async def signaler_hors_europe(context: JobContext, compte_id: str) -> None:
    """Art. 3.1: each caisse concerned is told, by its queue's address and without a name."""
    async with database().transaction() as session:
        compte = await session.get(Compte, UUID(compte_id))
        if compte is None:
            return
        caisses = [compte.caisse] if compte.caisse else []
        if compte.partenaire_id is not None:
            caisses = await conventions.caisses_en_vigueur(session, compte.partenaire_id, today())
        rows = await session.scalars(
            select(Caisse.email_file).where(Caisse.code.in_(caisses)).order_by(Caisse.code)
        )
        adresses = rows.all()
    for rang, adresse in enumerate(adresses):
        key = f"hors-europe-{context.job.id}-{rang}"
        await send(compose("provenance/mails/hors_europe.txt", key, adresse, identifiant=compte.identifiant))
