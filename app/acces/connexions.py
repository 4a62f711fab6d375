"""The only way for a person to sign in, from the token endpoint or from the page (art. 2.1, 3.1, 4.1).

`verifier` comes first, and its refusal is returned, not raised, so that the failure is kept. `reussie`
comes last, once the session is made. `interdite` and `poursuivie` are for a session that goes on.
"""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.acces import oauth, throttle
from app.acces.oauth import Refused
from app.comptes import queries as comptes
from app.comptes.fin_de_compte import objet
from app.comptes.regles import Etat, etat
from app.comptes.tables import Compte
from app.conventions import queries as conventions
from app.droits import SYSTEME, Acteur
from app.journal.service import Objet, inscrire
from app.kit.clock import now, today
from app.kit.passwords import verify_password
from app.provenance import appareils
from app.provenance.origine import Origine
from app.provenance.service import HORS_EUROPE, signaler

LONGEST_NAME = 64


def plausible(nom: str) -> bool:
    """Tell whether a text may be a name of ours: what PostgreSQL cannot even compare is nobody's."""
    return len(nom) <= LONGEST_NAME and nom.isprintable()


async def verifier(
    session: AsyncSession, identifiant: str, mot_de_passe: str, origine: Origine
) -> Compte | Refused:
    """Return the active account that a password proves, else the same refusal, in the same time, whatever is wrong.

    An unknown account goes through the same statements as a known one. From outside the territory, when
    that is refused, no password is even tried.
    """
    appareil = appareils.empreinte(identifiant, origine)
    connu = appareil if await appareils.connu(session, appareil) else None
    attente = await throttle.wait(session, identifiant, origine.adresse, connu)
    if attente > throttle.NONE:
        return oauth.too_many(attente)
    compte = await comptes.par_identifiant(session, identifiant) if plausible(identifiant) else None
    if origine.refusee:
        await throttle.failed(session, None, origine.adresse)
        await inscrire(session, SYSTEME, HORS_EUROPE, _vise(identifiant, compte))
        return oauth.OUTSIDE_TERRITORY
    juste = await verify_password(mot_de_passe, compte.mot_de_passe if compte else None)
    if compte is None or not juste or not await actif(session, compte):
        await throttle.failed(session, identifiant, origine.adresse, connu)
        await inscrire(session, SYSTEME, "connexion.refusee", _vise(identifiant, compte))
        return oauth.INVALID_CREDENTIALS
    await throttle.succeeded(session, identifiant, connu)
    return compte


async def reussie(session: AsyncSession, compte: Compte, origine: Origine) -> None:
    """Record a sign-in: its device, its day, its territory, its line in the journal. To be called last."""
    du_jour = await appareils.noter(session, compte, origine)
    # By itself, not through the row's version: two people's tools may sign in at once, and no ETag changes.
    await session.execute(update(Compte).where(Compte.id == compte.id).values(derniere_connexion_le=now()))
    if du_jour and origine.a_signaler:
        await signaler(session, compte)
    await inscrire(session, Acteur(compte.id, compte.role), "connexion.reussie", objet(compte))


async def interdite(session: AsyncSession, compte: Compte, origine: Origine) -> Refused | None:
    """Art. 3.1: refuse a session that would go on from elsewhere, when that is the setting."""
    if not origine.refusee:
        return None
    await inscrire(session, Acteur(compte.id, compte.role), HORS_EUROPE, objet(compte))
    return oauth.OUTSIDE_TERRITORY


async def poursuivie(session: AsyncSession, compte: Compte, origine: Origine) -> None:
    """Art. 3.1: a session that goes on from elsewhere is told, once a day. To be called last."""
    if origine.a_signaler and await appareils.noter_ailleurs(session, compte, origine):
        await signaler(session, compte)


async def actif(session: AsyncSession, compte: Compte) -> bool:
    """Art. 2.2.3, 4.1: by its state, its scheduled end, and the conventions of its structure."""
    if etat(compte.statut, compte.fin_prevue_le, today()) is not Etat.ACTIF:
        return False
    structure = compte.partenaire_id
    return structure is None or not await conventions.structure_close(session, structure, today())


def _vise(identifiant: str, compte: Compte | None) -> Objet:
    """Name the account that was tried; one that does not exist, by a keyed hash of what was typed."""
    return objet(compte) if compte else Objet("compte", throttle.key("inconnu", identifiant))
