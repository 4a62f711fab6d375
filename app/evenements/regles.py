"""Art. 7: what each side is told of. One table of types, which the documentation and the contract print."""

# Accounts and what manages them: told to those who may read them, never to a technicien.
RESERVEES_AU_GESTIONNAIRE = ("compte", "habilitation", "incident", "revue")
# What a caisse tells all its partenaires, and what the operator tells everybody.
DE_LA_CAISSE, POUR_TOUS = ("caisse", "avis"), ("cgu", "maintenance", "documentation")
RESSOURCES_NATIONALES = ("caisse", "compte", "application", "cgu", "cle", "maintenance", "documentation")

TYPES: dict[str, str] = {
    "demande.deposee": "Une demande a été déposée.",
    "demande.prise_en_charge": "La caisse a pris la demande en charge.",
    "demande.affectee": "La demande a été affectée à un agent.",
    "demande.complement_demande": "La caisse demande un complément.",
    "demande.message": "Un message a été ajouté.",
    "demande.cloturee": "La caisse a clôturé la demande ; son issue est à lire.",
    "demande.annulee": "La structure a annulé la demande.",
    "demande.consentement_retire": "La personne a retiré son consentement : la demande est annulée.",
    "demande.texte_retire": "La caisse a retiré d'un texte un passage qui semblait une donnée de santé.",
    "demande.effacee": "L'identité et les textes de la demande ont été effacés ; `raison` vaut `rgpd`.",
    "demande.supprimee": "Ce qui restait d'une demande effacée est supprimé ; `raison` vaut `rgpd`.",
    "piece.deposee": "Une pièce a été déposée.",
    "piece.acceptee": "L'antivirus a accepté une pièce : son contenu se lit.",
    "piece.refusee": "L'antivirus a refusé une pièce : personne ne peut l'ouvrir.",
    "piece.effacee": "Le fichier d'une pièce a été effacé ; `raison` dit pourquoi.",
    "rendez_vous.propose": "La caisse propose des créneaux de rendez-vous.",
    "rendez_vous.confirme": "Un créneau est choisi : le rendez-vous est confirmé.",
    "rendez_vous.refuse": "Les créneaux proposés sont refusés.",
    "rendez_vous.annule": "Le rendez-vous confirmé est annulé.",
    "rendez_vous.honore": "Le rendez-vous a eu lieu.",
    "rendez_vous.manque": "La personne n'est pas venue au rendez-vous.",
    "rendez_vous.sans_reponse": "Les créneaux proposés sont passés sans réponse.",
    "rendez_vous.a_constater": "Le créneau confirmé est passé : son issue est à constater.",
    "document.envoye": "La caisse a envoyé le document à l'adresse connue de la personne.",
    "compte.cree": "Un compte a été créé ; il attend son activation.",
    "compte.active": "Le titulaire a choisi son mot de passe.",
    "compte.modifie": "L'identité ou les coordonnées d'un compte ont changé.",
    "compte.fin_prevue": "La fin d'un compte est annoncée pour un jour à venir.",
    "compte.inactive": "Un compte est devenu inactif.",
    "compte.reactive": "Un compte inactif a été rouvert.",
    "compte.exclu": "La caisse a exclu un compte.",
    "compte.supprime": "Un compte inactif depuis six mois a été supprimé.",
    "connexion.hors_europe": "Un compte s'est connecté hors du territoire européen.",
    "application.creee": "Une application a été enregistrée.",
    "application.modifiee": "Une application a changé : nom, adresses, portées, réseaux ou contacts.",
    "application.secret_change": "Le secret d'une application a été renouvelé.",
    "application.secret_a_renouveler": "Le secret d'une application expire dans un mois, une semaine ou un jour.",
    "application.terminee": "Une application a pris fin.",
    "application.retiree": "La structure a mis fin, pour elle, à une application.",
    "habilitation.deposee": "Une demande d'habilitation a été déposée.",
    "habilitation.acceptee": "La caisse a accepté une demande d'habilitation.",
    "habilitation.refusee": "La caisse a refusé une demande d'habilitation.",
    "incident.declare": "Une fraude, un vol, une perte ou un usage non conforme a été déclaré.",
    "revue.ouverte": "Une revue d'habilitation est ouverte.",
    "revue.decision": "Une décision a été prise dans une revue.",
    "revue.close": "Une revue d'habilitation est close.",
    "partenaire.cree": "Une structure a été créée.",
    "partenaire.modifie": "Une structure a été modifiée.",
    "partenaire.referents_nommes": "La structure a nommé ses référents.",
    "convention.creee": "Une convention a été créée.",
    "convention.signee": "Une partie a signé la convention.",
    "convention.fonctionnalites_reglees": "Des fonctionnalités ont été ouvertes ou fermées par convention.",
    "convention.suspendue": "La caisse a suspendu l'accès de la structure.",
    "convention.suspension_levee": "La caisse a rétabli l'accès de la structure.",
    "convention.denoncee": "La convention ne sera pas reconduite à son terme.",
    "convention.renouvelee": "La convention est reconduite pour une période.",
    "convention.expiree": "La convention est arrivée à son terme.",
    "convention.mise_en_demeure": "Une mise en demeure a été reçue.",
    "convention.manquement_repare": "Le manquement d'une mise en demeure est réparé.",
    "convention.resiliation_prevue": "La convention sera résiliée un jour à venir.",
    "convention.resiliation_annulee": "Une résiliation prévue n'aura pas lieu.",
    "convention.resiliee": "La convention est résiliée.",
    "convention.avenant": "Un avenant a été enregistré.",
    "convention.avenant_applique": "Un avenant est entré en vigueur.",
    "caisse.creee": "Une caisse a été créée.",
    "caisse.modifiee": "Une caisse a été modifiée.",
    "caisse.garde_reglee": "La caisse a changé les mots qu'elle ajoute à la garde.",
    "caisse.fonctionnalites_reglees": "La caisse a ouvert ou fermé des fonctionnalités pour tous.",
    "caisse.referents_nommes": "La caisse a nommé ses référents.",
    "avis.publie": "La caisse publie un avis pour ses partenaires.",
    "avis.efface": "Un avis passé depuis longtemps est effacé ; `raison` vaut `rgpd`.",
    "dysfonctionnement.signale": "Un dysfonctionnement est signalé.",
    "dysfonctionnement.complete": "Un dysfonctionnement signalé est complété.",
    "dysfonctionnement.repondu": "Le référent a répondu à un dysfonctionnement.",
    "dysfonctionnement.transmis": "Un dysfonctionnement est transmis au soutien national.",
    "dysfonctionnement.resolu": "Un dysfonctionnement est résolu.",
    "dysfonctionnement.efface": "Un dysfonctionnement résolu depuis longtemps est effacé ; `raison` vaut `rgpd`.",
    "documentation.publiee": "Une version d'un document est publiée.",
    "maintenance.annoncee": "Une maintenance est annoncée.",
    "maintenance.annulee": "Une maintenance annoncée est annulée.",
    "maintenance.effacee": "Une maintenance passée depuis longtemps est effacée ; `raison` vaut `rgpd`.",
    "cgu.publiees": "Une nouvelle version des conditions générales est à accepter.",
}


def couvre(motif: str, type_: str) -> bool:
    """Tell whether a pattern (`*`, `demande.*`, `demande.deposee`) covers a type of event."""
    return motif in {"*", type_, f"{type_.partition('.')[0]}.*"}


def motif_connu(motif: str) -> bool:
    """Tell whether a pattern covers at least one type that exists."""
    return any(couvre(motif, type_) for type_ in TYPES)
