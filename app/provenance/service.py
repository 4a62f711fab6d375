"""Art. 3.1: a sign-in from outside the European territory is told to the caisses of the structure."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes.tables import Compte
from app.conventions import queries as conventions
from app.droits import Acteur
from app.evenements.service import publier
from app.journal.service import Objet
from app.kit.clock import today
from app.kit.jobs import enqueue

HORS_EUROPE = "connexion.hors_europe"


async def signaler(session: AsyncSession, compte: Compte) -> None:
    """Tell each caisse whose convention with the structure is in force; an agent's, its own. To be called last."""
    caisses: list[str | None] = [compte.caisse]
    if compte.partenaire_id is not None:
        caisses = [*await conventions.caisses_en_vigueur(session, compte.partenaire_id, today())]
    await enqueue(session, "provenance.signaler_hors_europe", compte_id=str(compte.id))
    acteur = Acteur(compte.id, compte.role)
    for caisse in caisses:
        await publier(session, acteur, HORS_EUROPE, Objet("compte", compte.id, caisse, compte.partenaire_id))
