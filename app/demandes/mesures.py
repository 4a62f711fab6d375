"""Art. D-2: keep how long a request took, as it moves."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.demandes.regles import Statut
from app.demandes.regles_mesures import Mesures, attendre, clore, prendre
from app.demandes.tables import Demande
from app.erreurs import Introuvable
from app.kit.calendrier import jour_local
from app.kit.clock import today
from app.referentiel import queries as referentiel


async def mesurer(session: AsyncSession, demande: Demande, avant: Statut) -> None:
    """Measure a request that left the state `avant`, or whose partenaire begins, or ceases, to be awaited."""
    attendu = demande.jours_restants is not None
    if demande.statut is avant and attendu is (demande.attendu_depuis is not None):
        return
    caisse = await referentiel.caisse(session, demande.caisse)
    if caisse is None:
        raise Introuvable
    jour, departement = today(caisse.fuseau), caisse.departement
    depot = jour_local(demande.deposee_le, caisse.fuseau)
    mesures = attendre(_mesures(demande), jour, departement, attendu=attendu)
    if demande.statut is Statut.CLOTUREE:
        mesures = clore(mesures, depot, jour, departement)
    elif demande.statut is Statut.EN_COURS:
        mesures = prendre(mesures, depot, jour, departement)
    demande.attente, demande.attendu_depuis = mesures.attente, mesures.attendu_depuis
    demande.delai_prise_en_charge, demande.delai_cloture = mesures.prise_en_charge, mesures.cloture


def _mesures(demande: Demande) -> Mesures:
    return Mesures(
        demande.attente, demande.attendu_depuis, demande.delai_prise_en_charge, demande.delai_cloture
    )
