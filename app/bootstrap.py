"""The first rows of a real installation, by the same services as the API."""

from app.acces import cles
from app.comptes import service as comptes
from app.comptes.schemas import AgentCreation, Identite
from app.droits import SYSTEME, Role
from app.journal.service import Objet, inscrire
from app.kit.session import database
from app.pieces import fichiers
from app.referentiel import service as referentiel
from app.referentiel.schemas import CaisseCreation


async def administrateur(identite: dict[str, str]) -> str:
    depot = Identite.model_validate(identite)
    async with database().transaction() as session:
        compte = await comptes.ouvrir(session, SYSTEME, Role.ADMINISTRATEUR, depot)
    return f"{compte.identifiant}: the link to choose the password leaves by mail."


async def agent(caisse: str, identite: dict[str, str]) -> str:
    depot = AgentCreation.model_validate({"caisse": caisse} | identite)
    async with database().transaction() as session:
        compte = await comptes.creer_agent(session, SYSTEME, depot)
    return f"{compte.identifiant}: the link to choose the password leaves by mail."


async def caisse(code: str, nom: str, departement: str, departements: list[str], email: str) -> str:
    depot = CaisseCreation(
        code=code, nom=nom, departement=departement, departements=departements, email_file=email
    )
    async with database().transaction() as session:
        await referentiel.creer_caisse(session, SYSTEME, depot)
    return f"{code}: created, every function open."


async def rotate_piece_keys() -> str:
    rotation = await fichiers.tourner_les_cles()
    lost = f" {rotation.perdues} have a key that EP_STORAGE_KEYS does not open." if rotation.perdues else ""
    return f"{rotation.faites} pieces wrapped again under the current key.{lost}"


async def sweep_pieces(*, dry_run: bool) -> str:
    bilan = await fichiers.balayer(a_blanc=dry_run)
    done = "would be deleted" if dry_run else "deleted"
    files = len(bilan.orphelins) + len(bilan.en_retard) + bilan.inacheves
    missing = "".join(f"\nmissing: {id_}" for id_ in bilan.absents)
    return f"{files} files {done}, {len(bilan.absents)} missing.{missing}"


async def rotate_keys() -> str:
    async with database().transaction() as session:
        cle = await cles.add(session)
        await inscrire(session, SYSTEME, "cle.ajoutee", Objet("cle", cle.kid))
    return f"{cle.kid}: signs within a minute; the former keys verify until their tokens expire."
