"""Art. 7: each side informs the other without delay; a caisse does it by a notice to all its partenaires."""

from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.droits import Acteur
from app.erreurs import Introuvable, Validation
from app.evenements.service import publier
from app.journal.service import Objet, inscrire
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.jobs import enqueue
from app.referentiel import service
from app.referentiel.schemas_referents import AvisDepot, AvisLu
from app.referentiel.tables import Avis


async def publier_avis(session: AsyncSession, acteur: Acteur, code: str, depot: AvisDepot) -> Avis:
    """Publish at once, with a mail to each gestionnaire. Raises Introuvable, Validation."""
    await service.sa_caisse(session, acteur, code)
    if acteur.id is None:
        raise Introuvable
    debut = depot.debut or now()
    if depot.fin is not None and depot.fin <= max(debut, now()):
        raise Validation.du_champ("/fin", "ep_fin", "La fin doit être à venir, et suivre le début.")
    avis = Avis(
        id=new_id(),
        caisse=code,
        titre=depot.titre,
        texte=depot.texte,
        importance=depot.importance,
        debut=debut,
        fin=depot.fin,
        publie_le=now(),
        auteur_id=acteur.id,
    )
    session.add(avis)
    await session.flush()
    await enqueue(session, "conventions.diffuser_avis", avis_id=str(avis.id))
    objet = Objet("avis", avis.id, code)
    await publier(session, acteur, "avis.publie", objet)
    if depot.passages_confirmes:
        await inscrire(session, acteur, "texte.confirme", objet)
    return avis


def de_la_caisse(code: str, instant: datetime, *, finis: bool) -> Select[Avis]:
    """Select the notices of a caisse, newest first; those that are over only when asked for."""
    statement = select(Avis).where(Avis.caisse == code).order_by(Avis.id.desc())
    return statement if finis else statement.where(or_(Avis.fin.is_(None), Avis.fin > instant))


def lire(avis: Avis) -> AvisLu:
    return AvisLu(
        id=avis.id,
        caisse=avis.caisse,
        titre=avis.titre,
        texte=avis.texte,
        importance=avis.importance,
        debut=avis.debut,
        fin=avis.fin,
        publie_le=avis.publie_le,
        fini=avis.fin is not None and avis.fin <= now(),
    )
