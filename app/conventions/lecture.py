from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from app.conventions import queries
from app.conventions.regles import entree_en_vigueur, fin_de_periode, statut
from app.conventions.schemas import ConventionLue, Metier
from app.conventions.tables import Convention
from app.droits import Fonctionnalite
from app.kit.clock import today


async def convention_lue(session: AsyncSession, convention: Convention) -> ConventionLue:
    reglages = await queries.reglages(session, [convention.id])
    return lire(convention, reglages[convention.id])


def lire(convention: Convention, reglages: Mapping[Fonctionnalite, bool]) -> ConventionLue:
    """Return a convention as of today: its state and its period follow from its dates."""
    termes, jour = convention.termes, today()
    debut = entree_en_vigueur(termes)
    return ConventionLue(
        id=convention.id,
        partenaire_id=convention.partenaire_id,
        caisse=convention.caisse,
        statut=statut(termes, jour),
        metier=Metier(reference=convention.metier_reference, signee_le=convention.metier_signee_le),
        signee_partenaire_le=convention.signee_partenaire_le,
        signee_caisse_le=convention.signee_caisse_le,
        signee_le=debut,
        debut_le=debut,
        fin_le=fin_de_periode(termes, jour),
        tacite_reconduction=convention.tacite_reconduction,
        fonctionnalites={f.value: reglages.get(f) for f in Fonctionnalite},
    )
