"""Giving an account the password that its holder chose (art. 2.2.1): every rule, then the hash."""

from dataclasses import asdict
from functools import lru_cache
from importlib.resources import files

import anyio
from anyio import CapacityLimiter
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from zxcvbn import zxcvbn
from zxcvbn.matching import add_frequency_lists

from app.comptes import queries
from app.comptes.regles_mot_de_passe import (
    DEJA_UTILISE,
    DEVINABLE,
    MEMOIRE,
    MOTS_DU_SERVICE,
    SCORE_MINIMUM,
    Regle,
    mots_des_noms,
    normaliser,
    noyau,
    refus,
)
from app.comptes.tables import AncienMotDePasse, Compte
from app.erreurs import MotDePasseFaible
from app.kit.clock import now
from app.kit.passwords import hash_password, verify_password

# zxcvbn's time grows faster than the text: its beginning alone is read, and it must do by itself.
LU_PAR_ZXCVBN = 32
_limiter: CapacityLimiter | None = None


def _liste(nom: str) -> list[str]:
    lignes = (files("app.comptes") / "donnees" / nom).read_text(encoding="utf-8").splitlines()
    return [mot for ligne in lignes if not ligne.startswith("#") for mot in ligne.split()]


@lru_cache
def courants() -> frozenset[str]:
    """Return the common passwords, French ones included, and teach zxcvbn the French ones."""
    francais = _liste("mots_de_passe_courants_fr.txt")
    add_frequency_lists({"francais": francais})
    return frozenset([*_liste("mots_de_passe_courants.txt"), *map(noyau, francais)])


async def poser(session: AsyncSession, compte: Compte, nouveau: str) -> None:
    """Set the password of a locked account. Raises MotDePasseFaible with every rule that it breaks."""
    if regles := await _regles_enfreintes(session, compte, nouveau):
        raise MotDePasseFaible(regles=[asdict(regle) for regle in regles])
    if compte.mot_de_passe is not None:
        await _retenir(session, compte)
    compte.mot_de_passe, compte.mot_de_passe_change_le = await hash_password(nouveau), now()
    await session.flush()


async def _regles_enfreintes(session: AsyncSession, compte: Compte, nouveau: str) -> list[Regle]:
    """Return the broken rules, the quick ones first: the slow ones are tried on what passed them."""
    noms = await queries.noms_du_compte(session, compte)
    if regles := refus(nouveau, noms, courants()):
        return regles
    if await score(nouveau, mots_des_noms(noms)) < SCORE_MINIMUM:
        return [DEVINABLE]
    for empreinte in [compte.mot_de_passe, *await queries.anciens_mots_de_passe(session, compte.id)]:
        if empreinte and await verify_password(nouveau, empreinte):
            return [DEJA_UTILISE]
    return []


async def score(mot_de_passe: str, mots: frozenset[str]) -> int:
    """Return zxcvbn's score, 0 to 4; one at a time, off the event loop: it keeps the words in a global."""
    global _limiter  # noqa: PLW0603  # a limiter belongs to the running loop, made at first use
    _limiter = _limiter or CapacityLimiter(1)
    lu = normaliser(mot_de_passe)[:LU_PAR_ZXCVBN]
    return await anyio.to_thread.run_sync(_score, lu, sorted(mots | MOTS_DU_SERVICE), limiter=_limiter)


def _score(lu: str, mots: list[str]) -> int:
    return int(zxcvbn(lu, user_inputs=mots)["score"])


async def _retenir(session: AsyncSession, compte: Compte) -> None:
    """Keep the hash of the password that is replaced; only the last ones stay."""
    session.add(AncienMotDePasse(compte_id=compte.id, empreinte=compte.mot_de_passe, remplace_le=now()))
    await session.flush()
    du_compte = AncienMotDePasse.compte_id == compte.id
    gardes = queries.derniers_mots_de_passe(compte.id, MEMOIRE).with_only_columns(AncienMotDePasse.id)
    await session.execute(delete(AncienMotDePasse).where(du_compte, AncienMotDePasse.id.not_in(gardes)))
