"""The first rows of a real installation, by the same services as the API."""

from app.acces import cles
from app.comptes import service as comptes
from app.comptes.schemas import AgentCreation, Identite
from app.droits import SYSTEME, Role
from app.journal.service import Objet, inscrire
from app.kit.session import database
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


async def rotate_keys() -> str:
    async with database().transaction() as session:
        cle = await cles.add(session)
        await inscrire(session, SYSTEME, "cle.ajoutee", Objet("cle", cle.kid))
    return f"{cle.kid}: signs within a minute; the former keys still verify."
