"""Authorization codes: given after consent, exchanged once within a minute for tokens (RFC 6749, 7636)."""

import hmac
from datetime import timedelta

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.acces import clients, connexions, oauth, service
from app.acces.oauth import JetonsLus, Refused, TokenRequest
from app.acces.regles_oauth import VERIFIER, Asked
from app.acces.tables import Application, CodeAutorisation, Famille
from app.comptes import queries as comptes
from app.comptes.tables import Compte
from app.droits import Acteur
from app.journal.service import Objet, inscrire
from app.kit.clock import now
from app.kit.passwords import fingerprint, new_secret

LIFE = timedelta(minutes=1)
KEPT = timedelta(days=1)  # past its life: a code that comes back late still ends what it gave
GRANT = "authorization_code"


async def donner(
    session: AsyncSession, compte: Compte, application: Application, asked: Asked, portees: frozenset[str]
) -> str:
    """Return a code for an application, within what the person consented to; only its hash is kept."""
    code = new_secret("c-")
    session.add(
        CodeAutorisation(
            empreinte=fingerprint(code),
            application_id=application.id,
            compte_id=compte.id,
            epoque=compte.epoque,
            scope=sorted(portees),
            redirect_uri=asked.redirect_uri,
            defi=asked.challenge,
            expire_le=now() + LIFE,
        )
    )
    await session.flush()
    return code


async def echanger(session: AsyncSession, demande: TokenRequest) -> JetonsLus | Refused:
    """Exchange a code for tokens; one that comes back after its use ends the family that it gave."""
    if not demande.code:
        return oauth.INVALID_REQUEST
    application = await clients.prouver(session, demande)
    if isinstance(application, Refused):
        return application
    if GRANT not in application.grant_types:
        return oauth.UNAUTHORIZED_CLIENT
    code = await session.get(CodeAutorisation, fingerprint(demande.code), with_for_update=True)
    if code is None or code.application_id != application.id:
        return oauth.INVALID_CODE
    if code.utilise_le is not None:
        await _rejoue(session, code)
        return oauth.INVALID_CODE
    # Used from its first try, a wrong one too: whoever guesses a verifier has one guess.
    code.utilise_le = now()
    compte = await _compte(session, demande, code)
    return await _jetons(session, application, compte, code) if compte else oauth.INVALID_CODE


async def _compte(session: AsyncSession, demande: TokenRequest, code: CodeAutorisation) -> Compte | None:
    """Return whose code it is, when its holder proves to be who asked and the account still is what it was."""
    lie = code.expire_le > now() and demande.redirect_uri == code.redirect_uri and prouve(demande, code)
    compte = await comptes.compte(session, code.compte_id) if lie else None
    if compte is None or compte.epoque != code.epoque or not await connexions.actif(session, compte):
        return None
    return compte


def prouve(demande: TokenRequest, code: CodeAutorisation) -> bool:
    """Tell whether the caller holds the verifier of the challenge (RFC 7636, 4.6)."""
    verifier = demande.code_verifier
    return VERIFIER.fullmatch(verifier) is not None and hmac.compare_digest(
        create_s256_code_challenge(verifier), code.defi
    )


async def _jetons(
    session: AsyncSession, application: Application, compte: Compte, code: CodeAutorisation
) -> JetonsLus:
    famille = service.nouvelle_famille(
        frozenset(code.scope), application.client_id, compte=compte, application_id=application.id
    )
    session.add(famille)
    await session.flush()
    code.famille_id = famille.id
    jetons = await service.jetons_du_compte(session, compte, famille)
    titulaire = Acteur(compte.id, compte.role)
    await inscrire(
        session, titulaire, "connexion.application", Objet("application", application.id, application.caisse)
    )
    return jetons


async def _rejoue(session: AsyncSession, code: CodeAutorisation) -> None:
    """RFC 6749, 4.1.2: somebody holds a code that was used; what it gave ends."""
    famille = await session.get(Famille, code.famille_id, with_for_update=True) if code.famille_id else None
    if famille is None:
        return
    famille.revoquee_le = famille.revoquee_le or now()
    await inscrire(session, Acteur(code.compte_id, None), "code.rejoue", Objet("famille", famille.id))


async def oublier(session: AsyncSession) -> None:
    await session.execute(delete(CodeAutorisation).where(CodeAutorisation.expire_le < now() - KEPT))
