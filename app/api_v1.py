"""The routers under /v1, in the order of the contract."""

from app.acces.routes import moi_router
from app.acces.routes_mots_de_passe import (
    activations_router,
    moi_mot_de_passe_router,
    oublis_router,
    reinitialisations_router,
)
from app.acces.routes_oauth import oauth_router
from app.applications.routes import applications_router, autorisees_router, consentements_router
from app.comptes.routes import agents_router, cgu_router, moi_cgu_router
from app.comptes.routes_techniciens import techniciens_router
from app.conventions.routes import conventions_router
from app.conventions.routes_actes import actes_router
from app.demandes.contacts import contacts_router
from app.demandes.documents import documents_router
from app.demandes.etudes import etudes_router
from app.demandes.rendez_vous import rendez_vous_router
from app.demandes.routes import demandes_router
from app.demandes.routes_creneaux import creneaux_router, envois_router
from app.demandes.routes_pieces import pieces_router
from app.demandes.signalements import signalements_router
from app.disponibilite.routes_documentation import documentation_router
from app.disponibilite.routes_dysfonctionnements import dysfonctionnements_router
from app.disponibilite.routes_maintenances import maintenances_router
from app.disponibilite.routes_statut import statut_router
from app.evenements.routes import evenements_router
from app.habilitations.routes import habilitations_router, incidents_router
from app.habilitations.routes_gestionnaires import gestionnaires_router
from app.habilitations.routes_revues import revues_router, tableau_router
from app.journal.routes import journal_router
from app.portail.routes_autorisation import autorisation_router
from app.referentiel.routes import caisses_router, nomenclatures_router, partenaires_router
from app.referentiel.routes_avis import avis_router
from app.referentiel.routes_garde import garde_router
from app.referentiel.routes_referents import referents_caisses_router, referents_partenaires_router
from app.rgpd.routes import assures_router
from app.rgpd.routes_textes import textes_router
from app.statistiques.routes import statistiques_router
from app.webhooks.routes import webhooks_router

ROUTERS = (
    autorisation_router,
    oauth_router,
    moi_router,
    moi_mot_de_passe_router,
    activations_router,
    oublis_router,
    reinitialisations_router,
    moi_cgu_router,
    cgu_router,
    signalements_router,
    etudes_router,
    rendez_vous_router,
    creneaux_router,
    documents_router,
    envois_router,
    contacts_router,
    demandes_router,
    assures_router,
    textes_router,
    pieces_router,
    techniciens_router,
    gestionnaires_router,
    habilitations_router,
    incidents_router,
    revues_router,
    tableau_router,
    partenaires_router,
    conventions_router,
    actes_router,
    caisses_router,
    garde_router,
    referents_caisses_router,
    referents_partenaires_router,
    avis_router,
    agents_router,
    applications_router,
    autorisees_router,
    consentements_router,
    nomenclatures_router,
    dysfonctionnements_router,
    documentation_router,
    statut_router,
    maintenances_router,
    evenements_router,
    webhooks_router,
    journal_router,
    statistiques_router,
)
