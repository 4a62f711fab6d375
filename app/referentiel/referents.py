"""Art. 3.3, deliberation: the référents that each side names, whole list by whole list."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.droits import Acteur
from app.erreurs import EmailNonProfessionnel
from app.evenements.service import publier
from app.journal.service import Objet
from app.kit.clock import now
from app.kit.etag import check_version
from app.kit.outage import MEMORY
from app.kit.session import after_commit
from app.referentiel import service
from app.referentiel.adresses import domaine, grand_public, professionnelle
from app.referentiel.schemas_referents import ReferentDepot, ReferentLu
from app.referentiel.tables import ListeReferents

Liste = tuple[list[ReferentLu], int]
"""The people, and the version of their list: 0 for a list that nobody wrote yet."""


async def de_la_caisse(session: AsyncSession, acteur: Acteur, code: str) -> Liste:
    await service.caisse_visible(session, acteur, code)
    return lire(await _liste(session, caisse=code))


async def du_partenaire(session: AsyncSession, acteur: Acteur, id_: UUID) -> Liste:
    await service.partenaire_visible(session, acteur, id_)
    return lire(await _liste(session, partenaire_id=id_))


async def nommer_pour_la_caisse(
    session: AsyncSession, acteur: Acteur, code: str, referents: Sequence[ReferentDepot], version: str | None
) -> Liste:
    """Art. 3.3: a caisse names its own référents. Raises Introuvable, EmailNonProfessionnel, VersionPerimee."""
    await service.sa_caisse(session, acteur, code)
    if any(grand_public(domaine(referent.email)) for referent in referents):
        raise EmailNonProfessionnel(domaines=[])
    liste = await _remplacer(session, referents, version, caisse=code)
    after_commit(session, MEMORY.mark_outdated)
    await publier(session, acteur, "caisse.referents_nommes", Objet("caisse", code, code))
    return lire(liste)


async def nommer_pour_le_partenaire(
    session: AsyncSession, acteur: Acteur, id_: UUID, referents: Sequence[ReferentDepot], version: str | None
) -> Liste:
    """Deliberation: a structure names its own, at an address of its domains."""
    partenaire, *_ = await service.partenaire_visible(session, acteur, id_)
    if not all(professionnelle(referent.email, partenaire.domaines_email) for referent in referents):
        raise EmailNonProfessionnel(domaines=partenaire.domaines_email)
    liste = await _remplacer(session, referents, version, partenaire_id=id_)
    await publier(session, acteur, "partenaire.referents_nommes", Objet("partenaire", id_, partenaire_id=id_))
    return lire(liste)


async def _remplacer(
    session: AsyncSession, referents: Sequence[ReferentDepot], version: str | None, **cote: Any
) -> ListeReferents:
    """Replace a list, locked; two first lists at once: one waits on the unique side, and is refused."""
    liste = await _liste(session, verrou=True, **cote)
    check_version(liste.version if liste else 0, version)
    personnes = [referent.model_dump() for referent in referents]
    if liste is None:
        liste = ListeReferents(**cote, personnes=personnes, modifiee_le=now())
        session.add(liste)
    else:
        liste.personnes, liste.modifiee_le = personnes, now()
        liste.version += 1
    await session.flush()
    return liste


async def _liste(session: AsyncSession, *, verrou: bool = False, **cote: Any) -> ListeReferents | None:
    statement = select(ListeReferents).filter_by(**cote)
    return await session.scalar(statement.with_for_update() if verrou else statement)


def lire(liste: ListeReferents | None) -> Liste:
    if liste is None:
        return [], 0
    return [ReferentLu(**personne) for personne in liste.personnes], liste.version
