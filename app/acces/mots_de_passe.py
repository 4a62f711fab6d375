"""The four ways to a new password (art. 2.2.1): change it, activate, forget, reset.

Each acts as the system, because it reads and writes what nobody else may: the links, the former hashes,
the signings in. What authorises is the token and the current password, or the link alone.
"""

from math import ceil

from sqlalchemy.ext.asyncio import AsyncSession

from app.acces import throttle
from app.acces.service import revoquer_familles
from app.comptes import liens, mots_de_passe
from app.comptes import queries as comptes
from app.comptes.fin_de_compte import adopter_techniciens, etat_du_jour, objet
from app.comptes.regles import Etat, NatureLien
from app.comptes.tables import Compte
from app.droits import Acteur
from app.erreurs import JetonInvalide, MotDePasseIncorrect, PermissionRefusee, Probleme, TropDeRequetes
from app.evenements.service import publier
from app.journal.service import inscrire
from app.kit.clock import now
from app.kit.jobs import enqueue
from app.kit.passwords import verify_password
from app.kit.session import SYSTEM, see


async def changer(
    session: AsyncSession, acteur: Acteur, actuel: str, nouveau: str, adresse: str
) -> Probleme | None:
    """Change one's own password. A wrong `actuel` is returned, not raised, so that its failure is kept."""
    await see(session, SYSTEM)
    compte = await comptes.compte(session, acteur.id) if acteur.id and acteur.humain else None
    if compte is None:
        raise PermissionRefusee
    attente = await throttle.wait(session, compte.identifiant, adresse)
    if attente > throttle.NONE:
        raise TropDeRequetes(entetes={"Retry-After": str(ceil(attente.total_seconds()))})
    compte = await comptes.compte(session, compte.id, verrou=True)
    if compte is None or etat_du_jour(compte) is not Etat.ACTIF:
        raise JetonInvalide
    if not await verify_password(actuel, compte.mot_de_passe):
        await throttle.failed(session, compte.identifiant, adresse)
        return MotDePasseIncorrect()
    await mots_de_passe.poser(session, compte, nouveau)
    await _tout_fermer(session, compte, "mot_de_passe.change")
    return None


async def activer(session: AsyncSession, jeton: str, mot_de_passe: str) -> None:
    """Art. 2.2.1: the holder of a new account chooses its password; nobody else ever knows it."""
    await see(session, SYSTEM)
    compte = await liens.consommer(session, jeton, NatureLien.ACTIVATION)
    await mots_de_passe.poser(session, compte, mot_de_passe)
    compte.statut, compte.active_le = Etat.ACTIF, now()
    await session.flush()
    await adopter_techniciens(session, compte)
    await publier(session, _titulaire(compte), "compte.active", objet(compte))


async def oublier(session: AsyncSession, identifiant: str, adresse: str) -> None:
    """Ask for a link by mail; whatever the identifiant, the same statements: the rest is the job's."""
    await see(session, SYSTEM)
    if await throttle.reminder(session, identifiant, adresse):
        compte_id = await comptes.id_ou_leurre(session, identifiant)
        await enqueue(session, "comptes.envoyer_reinitialisation", compte_id=str(compte_id))


async def reinitialiser(session: AsyncSession, jeton: str, mot_de_passe: str) -> None:
    """Replace a forgotten password."""
    await see(session, SYSTEM)
    compte = await liens.consommer(session, jeton, NatureLien.REINITIALISATION)
    await mots_de_passe.poser(session, compte, mot_de_passe)
    await _tout_fermer(session, compte, "mot_de_passe.reinitialise")


async def verifier_lien(session: AsyncSession, jeton: str, nature: NatureLien) -> None:
    """Raise LienInvalide unless the link could be used now: for the page that shows its form."""
    await see(session, SYSTEM)
    await liens.verifier(session, jeton, nature)


async def _tout_fermer(session: AsyncSession, compte: Compte, action: str) -> None:
    """Art. 4.1: after a change every signing in is over, one under way and a waiting link too; the holder is told."""
    compte.epoque += 1
    await session.flush()
    await liens.perimer(session, compte.id, NatureLien.REINITIALISATION)
    await throttle.succeeded(session, compte.identifiant)
    await revoquer_familles(session, compte.id)
    await enqueue(session, "comptes.annoncer_mot_de_passe_change", compte_id=str(compte.id))
    await inscrire(session, _titulaire(compte), action, objet(compte))


def _titulaire(compte: Compte) -> Acteur:
    return Acteur(compte.id, compte.role, compte.partenaire_id, compte.caisse)
