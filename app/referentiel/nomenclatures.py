"""The values of every enumeration, with their labels: the contract's words, read aloud."""

Libelles = dict[str, str]

DIFFICULTES: Libelles = {
    "ouverture_de_droits": "Ouverture de droits à l'assurance maladie",
    "rupture_de_droits": "Rupture ou interruption de droits",
    "renouvellement_c2s": "Renouvellement de la complémentaire santé solidaire",
    "absence_de_complementaire": "Absence de complémentaire santé",
    "renoncement_aux_soins": "Renoncement aux soins",
    "acces_aux_soins": "Difficulté d'accès aux soins ou à un médecin traitant",
    "numerique": "Difficulté avec les démarches en ligne",
    "comprehension_des_demarches": "Difficulté à comprendre ou à faire les démarches",
    "carte_vitale": "Carte Vitale absente, perdue ou non mise à jour",
    "indemnites": "Versement d'indemnités ou de prestations bloqué",
    "situation_sociale_complexe": "Situation sociale complexe",
    "autre": "Autre difficulté d'accès aux droits ou aux soins",
}
ORIENTATIONS: Libelles = {
    "service_social": "Service social de l'Assurance Maladie",
    "mission_accompagnement_sante": "Mission accompagnement santé",
    "conseiller": "Rappel par un conseiller de la caisse",
    "rendez_vous": "Rendez-vous avec la caisse",
    "autre": "Autre orientation",
}
DROITS_ETUDIES: Libelles = {
    "puma": "Protection universelle maladie (PUMa)",
    "c2s": "Complémentaire santé solidaire (C2S)",
    "ame": "Aide médicale de l'État (AME)",
    "autre": "Autre droit",
}
MOTIFS_RENDEZ_VOUS: Libelles = {
    "ouverture_de_droits": "Ouverture ou mise à jour de droits",
    "complementaire": "Complémentaire santé solidaire",
    "prestations": "Prestations et remboursements",
    "accompagnement": "Accompagnement dans les démarches",
    "autre": "Autre motif",
}
MODES: Libelles = {
    "accueil": "À l'accueil de la caisse",
    "telephone": "Par téléphone",
    "visio": "Par visioconférence",
}
DOCUMENTS: Libelles = {
    "attestation_droits": "Attestation de droits",
    "notification_droits": "Notification de droits ou justificatif de prestations",
    "certificat_provisoire": "Certificat provisoire de remplacement (CEAM)",
    "formulaire_carte_vitale": "Formulaire de perte ou de vol de carte Vitale",
    "bon_vaccination": "Bon de vaccination",
    "bon_depistage": "Bon de dépistage",
    "bon_mt_dents": "Bon M'T dents",
    "invitation_examen_prevention": "Invitation à un examen de prévention santé",
    "autre": "Autre document",
}
PIECES: Libelles = DOCUMENTS | {
    "piece_identite": "Pièce d'identité",
    "justificatif_domicile": "Justificatif de domicile",
    "justificatif_ressources": "Justificatif de ressources",
    "courrier": "Courrier",
}
SUJETS: Libelles = {
    "droits": "Droits de l'assuré",
    "prestations": "Prestations et remboursements",
    "carte_vitale": "Carte Vitale",
    "rattachement": "Rattachement à une caisse ou à un proche",
    "suivi": "Suivi d'une démarche",
    "autre": "Autre sujet",
}
ISSUES: Libelles = {
    "traitee": "Demande traitée",
    "rejetee": "Demande rejetée",
    "sans_suite": "Sans suite",
    "orientee_service_social": "Orientée vers le service social de l'Assurance Maladie",
}
STATUTS: Libelles = {
    "deposee": "Déposée",
    "en_cours": "En cours de traitement",
    "complement_demande": "Complément demandé au partenaire",
    "cloturee": "Clôturée",
    "annulee": "Annulée",
}
TYPES: Libelles = {
    "signalement": "Signalement",
    "etude_dossier": "Étude de dossier",
    "rendez_vous": "Rendez-vous",
    "document": "Demande de document",
    "contact": "Contact",
}
CIVILITES: Libelles = {"m": "Monsieur", "mme": "Madame"}
MODALITES: Libelles = {
    "oral": "Consentement oral",
    "ecrit": "Consentement écrit",
    "representant_legal": "Consentement du représentant légal",
}
TYPES_PARTENAIRE: Libelles = {
    "ccas": "Centre communal d'action sociale",
    "cias": "Centre intercommunal d'action sociale",
    "association": "Association",
    "tutelle": "Organisme de tutelle",
    "ase": "Aide sociale à l'enfance",
    "autre": "Autre structure",
}
IMPORTANCES: Libelles = {
    "information": "Information",
    "importante": "Importante",
    "urgente": "Urgente",
}

NOMENCLATURES: dict[str, Libelles] = {
    "type": TYPES,
    "statut": STATUTS,
    "issue": ISSUES,
    "difficultes": DIFFICULTES,
    "orientation_souhaitee": ORIENTATIONS,
    "droit": DROITS_ETUDIES,
    "motif": MOTIFS_RENDEZ_VOUS,
    "mode": MODES,
    "document": DOCUMENTS,
    "sujet": SUJETS,
    "nature_piece": PIECES,
    "civilite": CIVILITES,
    "modalite": MODALITES,
    "type_partenaire": TYPES_PARTENAIRE,
    "importance": IMPORTANCES,
}
