"""The rights: who may do what, which function and which convention it needs, by which article."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    TECHNICIEN = "technicien"
    GESTIONNAIRE = "gestionnaire"
    AGENT_CAISSE = "agent_caisse"
    ADMINISTRATEUR = "administrateur"


class Fonctionnalite(StrEnum):
    """Art. 1.2: the six functions that a caisse switches on or off."""

    CONTACT = "contact"
    ETUDE_DOSSIER = "etude_dossier"
    SIGNALEMENT = "signalement"
    RENDEZ_VOUS = "rendez_vous"
    DOCUMENT = "document"
    HISTORIQUE = "historique"


class Portee(StrEnum):
    """OAuth scopes: a token never does more than its holder, and may do less."""

    DEMANDES_LIRE = "demandes:lire"
    DEMANDES_ECRIRE = "demandes:ecrire"
    PIECES_LIRE = "pieces:lire"
    PIECES_ECRIRE = "pieces:ecrire"
    COMPTES_LIRE = "comptes:lire"
    COMPTES_ECRIRE = "comptes:ecrire"
    CONVENTIONS_LIRE = "conventions:lire"
    CONVENTIONS_ECRIRE = "conventions:ecrire"
    EVENEMENTS_LIRE = "evenements:lire"
    WEBHOOKS_ECRIRE = "webhooks:ecrire"
    STATISTIQUES_LIRE = "statistiques:lire"
    JOURNAL_LIRE = "journal:lire"


class Action(StrEnum):
    """What a call does; each route names exactly one."""

    MOI_LIRE = "moi.lire"
    CGU_LIRE = "cgu.lire"
    CGU_ACCEPTER = "cgu.accepter"
    CGU_PUBLIER = "cgu.publier"
    MOT_DE_PASSE_CHANGER = "mot_de_passe.changer"
    MOT_DE_PASSE_OUBLIER = "mot_de_passe.oublier"
    MOT_DE_PASSE_REINITIALISER = "mot_de_passe.reinitialiser"
    COMPTE_ACTIVER = "compte.activer"
    NOMENCLATURE_LIRE = "nomenclature.lire"
    CAISSE_LIRE = "caisse.lire"
    CAISSE_CREER = "caisse.creer"
    CAISSE_MODIFIER = "caisse.modifier"
    FONCTIONNALITE_REGLER = "fonctionnalite.regler"
    GARDE_REGLER = "garde.regler"
    PARTENAIRE_LIRE = "partenaire.lire"
    PARTENAIRE_CREER = "partenaire.creer"
    PARTENAIRE_MODIFIER = "partenaire.modifier"
    CONVENTION_LIRE = "convention.lire"
    CONVENTION_CREER = "convention.creer"
    CONVENTION_SIGNER = "convention.signer"
    CONVENTION_SUSPENDRE = "convention.suspendre"
    REFERENT_CAISSE_LIRE = "referent_caisse.lire"
    REFERENT_CAISSE_NOMMER = "referent_caisse.nommer"
    REFERENT_PARTENAIRE_LIRE = "referent_partenaire.lire"
    REFERENT_PARTENAIRE_NOMMER = "referent_partenaire.nommer"
    AVIS_LIRE = "avis.lire"
    AVIS_PUBLIER = "avis.publier"
    STATUT_LIRE = "statut.lire"
    MAINTENANCE_LIRE = "maintenance.lire"
    MAINTENANCE_ANNONCER = "maintenance.annoncer"
    MAINTENANCE_ANNULER = "maintenance.annuler"
    DYSFONCTIONNEMENT_SIGNALER = "dysfonctionnement.signaler"
    DYSFONCTIONNEMENT_LIRE = "dysfonctionnement.lire"
    DYSFONCTIONNEMENT_REPONDRE = "dysfonctionnement.repondre"
    DYSFONCTIONNEMENT_COMPLETER = "dysfonctionnement.completer"
    DYSFONCTIONNEMENT_TRANSMETTRE = "dysfonctionnement.transmettre"
    DYSFONCTIONNEMENT_CLORE = "dysfonctionnement.clore"
    CONVENTION_AMENDER = "convention.amender"
    CONVENTION_DENONCER = "convention.denoncer"
    CONVENTION_METTRE_EN_DEMEURE = "convention.mettre_en_demeure"
    CONVENTION_RESILIER = "convention.resilier"
    DOCUMENTATION_LIRE = "documentation.lire"
    DOCUMENTATION_PUBLIER = "documentation.publier"
    AGENT_LIRE = "agent.lire"
    AGENT_CREER = "agent.creer"
    AGENT_INACTIVER = "agent.inactiver"
    TECHNICIEN_LIRE = "technicien.lire"
    TECHNICIEN_CREER = "technicien.creer"
    TECHNICIEN_MODIFIER = "technicien.modifier"
    TECHNICIEN_INACTIVER = "technicien.inactiver"
    TECHNICIEN_REACTIVER = "technicien.reactiver"
    GESTIONNAIRE_LIRE = "gestionnaire.lire"
    GESTIONNAIRE_MODIFIER = "gestionnaire.modifier"
    GESTIONNAIRE_INACTIVER = "gestionnaire.inactiver"
    COMPTE_EXCLURE = "compte.exclure"
    HABILITATION_DEMANDER = "habilitation.demander"
    HABILITATION_LIRE = "habilitation.lire"
    HABILITATION_DECIDER = "habilitation.decider"
    INCIDENT_DECLARER = "incident.declarer"
    INCIDENT_LIRE = "incident.lire"
    REVUE_OUVRIR = "revue.ouvrir"
    REVUE_LIRE = "revue.lire"
    REVUE_DECIDER = "revue.decider"
    REVUE_CLORE = "revue.clore"
    TABLEAU_LIRE = "tableau.lire"
    SIGNALEMENT_DEPOSER = "signalement.deposer"
    ETUDE_SOUMETTRE = "etude_dossier.soumettre"
    RENDEZ_VOUS_DEMANDER = "rendez_vous.demander"
    DOCUMENT_DEMANDER = "document.demander"
    CONTACT_ECRIRE = "contact.ecrire"
    RENDEZ_VOUS_PROPOSER = "rendez_vous.proposer"
    RENDEZ_VOUS_CONFIRMER = "rendez_vous.confirmer"
    RENDEZ_VOUS_REFUSER = "rendez_vous.refuser"
    RENDEZ_VOUS_ANNULER = "rendez_vous.annuler"
    RENDEZ_VOUS_CONSTATER = "rendez_vous.constater"
    DOCUMENT_ENVOYER = "document.envoyer"
    DEMANDE_CONSULTER = "demande.consulter"
    PIECE_DEPOSER = "piece.deposer"
    PIECE_LIRE = "piece.lire"
    PIECE_TELECHARGER = "piece.telecharger"
    DEMANDE_PRENDRE_EN_CHARGE = "demande.prendre_en_charge"
    DEMANDE_AFFECTER = "demande.affecter"
    DEMANDE_DEMANDER_COMPLEMENT = "demande.demander_complement"
    DEMANDE_ECRIRE = "demande.ecrire"
    DEMANDE_CLOTURER = "demande.cloturer"
    DEMANDE_ANNULER = "demande.annuler"
    DEMANDE_RETIRER_CONSENTEMENT = "demande.retirer_consentement"
    EVENEMENT_LIRE = "evenement.lire"
    WEBHOOK_LIRE = "webhook.lire"
    WEBHOOK_GERER = "webhook.gerer"
    WEBHOOK_ESSAYER = "webhook.essayer"
    JOURNAL_LIRE = "journal.lire"
    STATISTIQUES_LIRE = "statistiques.lire"
    APPLICATION_LIRE = "application.lire"
    APPLICATION_CREER = "application.creer"
    APPLICATION_MODIFIER = "application.modifier"
    APPLICATION_TERMINER = "application.terminer"
    AUTORISATION_LIRE = "autorisation.lire"
    AUTORISATION_FINIR = "autorisation.finir"
    CONSENTEMENT_LIRE = "consentement.lire"
    CONSENTEMENT_RETIRER = "consentement.retirer"
    TEXTE_REVOIR = "texte.revoir"
    ASSURE_RECHERCHER = "assure.rechercher"
    ASSURE_EXPORTER = "assure.exporter"
    ASSURE_EFFACER = "assure.effacer"


T, G, A, N = Role.TECHNICIEN, Role.GESTIONNAIRE, Role.AGENT_CAISSE, Role.ADMINISTRATEUR


@dataclass(frozen=True, slots=True)
class Droit:
    """One row of the table.

    `fonctionnalite` must be switched on for a partenaire's actor; `celle_de_la_demande` says that it is
    the function of the request's own kind. A caisse reads and closes
    what it received whatever is off. `public`: called without a token.
    """

    roles: frozenset[Role]
    article: str
    portee: Portee | None = None
    fonctionnalite: Fonctionnalite | None = None
    celle_de_la_demande: bool = False
    avant_cgu: bool = False
    public: bool = False


def _droit(*roles: Role, article: str, **reste: object) -> Droit:
    return Droit(frozenset(roles), article, **reste)  # type: ignore[arg-type]  # checked by Droit's own fields


LIRE, ECRIRE = Portee.DEMANDES_LIRE, Portee.DEMANDES_ECRIRE

DROITS: dict[Action, Droit] = {
    Action.MOI_LIRE: _droit(T, G, A, N, article="2.1", avant_cgu=True),
    Action.CGU_LIRE: _droit(T, G, A, N, article="2.1", avant_cgu=True),
    Action.CGU_ACCEPTER: _droit(T, G, A, N, article="2.1", avant_cgu=True),
    Action.CGU_PUBLIER: _droit(N, article="2.1"),
    Action.MOT_DE_PASSE_CHANGER: _droit(T, G, A, N, article="2.2.1"),
    Action.MOT_DE_PASSE_OUBLIER: _droit(T, G, A, N, article="2.2.1", public=True),
    Action.MOT_DE_PASSE_REINITIALISER: _droit(T, G, A, N, article="2.2.1", public=True),
    Action.COMPTE_ACTIVER: _droit(T, G, A, N, article="2.2.1", public=True),
    Action.NOMENCLATURE_LIRE: _droit(T, G, A, N, article="1.2"),
    Action.CAISSE_LIRE: _droit(T, G, A, N, article="1.2"),
    Action.CAISSE_CREER: _droit(N, article="1"),
    Action.CAISSE_MODIFIER: _droit(A, article="1.2", portee=Portee.CONVENTIONS_ECRIRE),
    Action.FONCTIONNALITE_REGLER: _droit(A, article="1.2", portee=Portee.CONVENTIONS_ECRIRE),
    Action.GARDE_REGLER: _droit(A, article="5", portee=Portee.CONVENTIONS_ECRIRE),
    Action.PARTENAIRE_LIRE: _droit(T, G, A, article="2.2", portee=Portee.CONVENTIONS_LIRE),
    Action.PARTENAIRE_CREER: _droit(A, article="2.2", portee=Portee.CONVENTIONS_ECRIRE),
    Action.PARTENAIRE_MODIFIER: _droit(A, article="2.2", portee=Portee.CONVENTIONS_ECRIRE),
    Action.CONVENTION_LIRE: _droit(G, A, article="8.1", portee=Portee.CONVENTIONS_LIRE),
    Action.CONVENTION_CREER: _droit(A, article="8.1", portee=Portee.CONVENTIONS_ECRIRE),
    Action.CONVENTION_SIGNER: _droit(A, article="8.1", portee=Portee.CONVENTIONS_ECRIRE),
    Action.CONVENTION_SUSPENDRE: _droit(A, article="4.1", portee=Portee.CONVENTIONS_ECRIRE),
    Action.REFERENT_CAISSE_LIRE: _droit(T, G, A, N, article="3.3"),
    Action.REFERENT_CAISSE_NOMMER: _droit(A, article="3.3", portee=Portee.CONVENTIONS_ECRIRE),
    Action.REFERENT_PARTENAIRE_LIRE: _droit(T, G, A, article="3.3", portee=Portee.CONVENTIONS_LIRE),
    Action.REFERENT_PARTENAIRE_NOMMER: _droit(G, article="3.3", portee=Portee.COMPTES_ECRIRE),
    Action.AVIS_LIRE: _droit(T, G, A, article="7", portee=Portee.CONVENTIONS_LIRE),
    Action.AVIS_PUBLIER: _droit(A, article="7", portee=Portee.CONVENTIONS_ECRIRE),
    Action.STATUT_LIRE: _droit(T, G, A, N, article="3.2", public=True),
    Action.MAINTENANCE_LIRE: _droit(N, article="3.2"),
    Action.MAINTENANCE_ANNONCER: _droit(N, article="3.2"),
    Action.MAINTENANCE_ANNULER: _droit(N, article="3.2"),
    Action.DYSFONCTIONNEMENT_SIGNALER: _droit(T, G, A, article="3.3"),
    Action.DYSFONCTIONNEMENT_LIRE: _droit(T, G, A, N, article="3.3"),
    Action.DYSFONCTIONNEMENT_REPONDRE: _droit(A, N, article="3.3"),
    Action.DYSFONCTIONNEMENT_COMPLETER: _droit(T, G, article="3.3"),
    Action.DYSFONCTIONNEMENT_TRANSMETTRE: _droit(A, article="3.3"),
    Action.DYSFONCTIONNEMENT_CLORE: _droit(T, G, A, N, article="3.3"),
    Action.CONVENTION_AMENDER: _droit(A, article="8.3", portee=Portee.CONVENTIONS_ECRIRE),
    Action.CONVENTION_DENONCER: _droit(A, article="8.1", portee=Portee.CONVENTIONS_ECRIRE),
    Action.CONVENTION_METTRE_EN_DEMEURE: _droit(A, article="8.2", portee=Portee.CONVENTIONS_ECRIRE),
    Action.CONVENTION_RESILIER: _droit(A, article="8.2", portee=Portee.CONVENTIONS_ECRIRE),
    Action.DOCUMENTATION_LIRE: _droit(T, G, A, N, article="3.2", public=True),
    Action.DOCUMENTATION_PUBLIER: _droit(N, article="3.2"),
    Action.AGENT_LIRE: _droit(A, N, article="1.1", portee=Portee.COMPTES_LIRE),
    Action.AGENT_CREER: _droit(N, article="4.1"),
    Action.AGENT_INACTIVER: _droit(N, article="4.1"),
    Action.TECHNICIEN_LIRE: _droit(G, A, article="2.2", portee=Portee.COMPTES_LIRE),
    Action.TECHNICIEN_CREER: _droit(G, article="2.2", portee=Portee.COMPTES_ECRIRE),
    Action.TECHNICIEN_MODIFIER: _droit(G, article="2.2.2", portee=Portee.COMPTES_ECRIRE),
    Action.TECHNICIEN_INACTIVER: _droit(G, article="2.2.3", portee=Portee.COMPTES_ECRIRE),
    Action.TECHNICIEN_REACTIVER: _droit(G, article="2.2.3", portee=Portee.COMPTES_ECRIRE),
    Action.GESTIONNAIRE_LIRE: _droit(G, A, article="2.2", portee=Portee.COMPTES_LIRE),
    Action.GESTIONNAIRE_MODIFIER: _droit(A, article="2.2.2", portee=Portee.COMPTES_ECRIRE),
    Action.GESTIONNAIRE_INACTIVER: _droit(A, article="2.2.3", portee=Portee.COMPTES_ECRIRE),
    Action.COMPTE_EXCLURE: _droit(A, article="4.1", portee=Portee.COMPTES_ECRIRE),
    Action.HABILITATION_DEMANDER: _droit(G, A, article="2.2.1", portee=Portee.COMPTES_ECRIRE),
    Action.HABILITATION_LIRE: _droit(G, A, article="2.2.1", portee=Portee.COMPTES_LIRE),
    Action.HABILITATION_DECIDER: _droit(A, article="2.2.1", portee=Portee.COMPTES_ECRIRE),
    Action.INCIDENT_DECLARER: _droit(T, G, A, article="4.1", portee=Portee.COMPTES_ECRIRE),
    Action.INCIDENT_LIRE: _droit(T, G, A, article="4.1", portee=Portee.COMPTES_LIRE),
    Action.REVUE_OUVRIR: _droit(A, article="4.2", portee=Portee.COMPTES_ECRIRE),
    Action.REVUE_LIRE: _droit(G, A, article="4.2", portee=Portee.COMPTES_LIRE),
    Action.REVUE_DECIDER: _droit(G, article="4.2", portee=Portee.COMPTES_ECRIRE),
    Action.REVUE_CLORE: _droit(G, A, article="4.2", portee=Portee.COMPTES_ECRIRE),
    Action.TABLEAU_LIRE: _droit(G, A, article="4.2", portee=Portee.COMPTES_LIRE),
    Action.SIGNALEMENT_DEPOSER: _droit(
        T, article="1.1", portee=ECRIRE, fonctionnalite=Fonctionnalite.SIGNALEMENT
    ),
    Action.ETUDE_SOUMETTRE: _droit(
        T, article="1.2", portee=ECRIRE, fonctionnalite=Fonctionnalite.ETUDE_DOSSIER
    ),
    Action.RENDEZ_VOUS_DEMANDER: _droit(
        T, article="1.2", portee=ECRIRE, fonctionnalite=Fonctionnalite.RENDEZ_VOUS
    ),
    Action.DOCUMENT_DEMANDER: _droit(T, article="1.2", portee=ECRIRE, fonctionnalite=Fonctionnalite.DOCUMENT),
    Action.CONTACT_ECRIRE: _droit(T, article="1.2", portee=ECRIRE, fonctionnalite=Fonctionnalite.CONTACT),
    Action.RENDEZ_VOUS_PROPOSER: _droit(A, article="1.2", portee=ECRIRE),
    Action.RENDEZ_VOUS_CONFIRMER: _droit(T, article="1.2", portee=ECRIRE, celle_de_la_demande=True),
    Action.RENDEZ_VOUS_REFUSER: _droit(T, article="1.2", portee=ECRIRE, celle_de_la_demande=True),
    Action.RENDEZ_VOUS_ANNULER: _droit(T, A, article="1.2", portee=ECRIRE, celle_de_la_demande=True),
    Action.RENDEZ_VOUS_CONSTATER: _droit(A, article="1.2", portee=ECRIRE),
    Action.DOCUMENT_ENVOYER: _droit(A, article="1.2", portee=ECRIRE),
    Action.DEMANDE_CONSULTER: _droit(
        T, A, article="1.2", portee=LIRE, fonctionnalite=Fonctionnalite.HISTORIQUE
    ),
    Action.PIECE_DEPOSER: _droit(T, A, article="3.1", portee=Portee.PIECES_ECRIRE, celle_de_la_demande=True),
    Action.PIECE_LIRE: _droit(T, A, article="1.3", portee=Portee.PIECES_LIRE, celle_de_la_demande=True),
    Action.PIECE_TELECHARGER: _droit(
        T, A, article="1.3", portee=Portee.PIECES_LIRE, celle_de_la_demande=True
    ),
    Action.DEMANDE_PRENDRE_EN_CHARGE: _droit(A, article="1.1", portee=ECRIRE),
    Action.DEMANDE_AFFECTER: _droit(A, article="1.1", portee=ECRIRE),
    Action.DEMANDE_DEMANDER_COMPLEMENT: _droit(A, article="1.1", portee=ECRIRE),
    Action.DEMANDE_ECRIRE: _droit(T, A, article="1.2", portee=ECRIRE, celle_de_la_demande=True),
    Action.DEMANDE_CLOTURER: _droit(A, article="1.1", portee=ECRIRE),
    Action.DEMANDE_ANNULER: _droit(T, article="1.2", portee=ECRIRE, celle_de_la_demande=True),
    Action.APPLICATION_LIRE: _droit(A, N, article="4.1", portee=Portee.COMPTES_LIRE),
    Action.APPLICATION_CREER: _droit(N, article="4.1", portee=Portee.COMPTES_ECRIRE),
    Action.APPLICATION_MODIFIER: _droit(N, article="4.1", portee=Portee.COMPTES_ECRIRE),
    Action.APPLICATION_TERMINER: _droit(N, article="4.1", portee=Portee.COMPTES_ECRIRE),
    Action.AUTORISATION_LIRE: _droit(G, article="4.1", portee=Portee.COMPTES_LIRE),
    Action.AUTORISATION_FINIR: _droit(G, article="4.1", portee=Portee.COMPTES_ECRIRE),
    Action.CONSENTEMENT_LIRE: _droit(T, G, A, N, article="4.1"),
    Action.CONSENTEMENT_RETIRER: _droit(T, G, A, N, article="4.1"),
    # The person's right: it never depends on a function that the caisse switched off.
    Action.DEMANDE_RETIRER_CONSENTEMENT: _droit(T, A, article="5", portee=ECRIRE),
    Action.EVENEMENT_LIRE: _droit(T, G, A, N, article="7", portee=Portee.EVENEMENTS_LIRE),
    Action.WEBHOOK_LIRE: _droit(G, A, article="7", portee=Portee.WEBHOOKS_ECRIRE),
    Action.WEBHOOK_GERER: _droit(G, A, article="7", portee=Portee.WEBHOOKS_ECRIRE),
    Action.WEBHOOK_ESSAYER: _droit(G, A, article="7", portee=Portee.WEBHOOKS_ECRIRE),
    Action.JOURNAL_LIRE: _droit(G, A, N, article="9", portee=Portee.JOURNAL_LIRE),
    Action.STATISTIQUES_LIRE: _droit(T, G, A, N, article="D", portee=Portee.STATISTIQUES_LIRE),
    Action.TEXTE_REVOIR: _droit(A, article="5", portee=ECRIRE),
    Action.ASSURE_RECHERCHER: _droit(A, article="5", portee=LIRE),
    Action.ASSURE_EXPORTER: _droit(A, article="5", portee=LIRE),
    Action.ASSURE_EFFACER: _droit(A, article="5", portee=ECRIRE),
}


@dataclass(frozen=True, slots=True)
class Acteur:
    """Who acts: an account, an application for itself, or nobody (`systeme`, the commands and the jobs).

    `ouvertes`: for each caisse whose convention with the actor's partenaire is in force today, the
    functions that it leaves open; for an agent, its own caisse with every function. `fuseaux`: the time
    zone of each of these caisses. `humain` is false for an application that acts for itself.
    """

    id: UUID | None
    role: Role | None
    partenaire_id: UUID | None = None
    caisse: str | None = None
    ouvertes: Mapping[str, frozenset[Fonctionnalite]] = field(default_factory=dict)
    humain: bool = True
    fuseaux: Mapping[str, str] = field(default_factory=dict)

    @property
    def cote_caisse(self) -> bool:
        return self.role is Role.AGENT_CAISSE

    def fuseau(self, caisse: str) -> str:
        """Return the time zone in which a caisse counts its days."""
        return self.fuseaux.get(caisse, "Europe/Paris")

    def caisses_avec(self, fonctionnalite: Fonctionnalite) -> tuple[str, ...]:
        """Return the caisses that this actor reaches with one function on."""
        return tuple(sorted(code for code, actives in self.ouvertes.items() if fonctionnalite in actives))


SYSTEME = Acteur(None, None, humain=False)
