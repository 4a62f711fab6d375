"""The chapters of the contract, in the order in which it is read, each with its article."""

CHAPITRES = [
    {"name": "Connexion", "description": "Jetons OAuth 2, et ce que l'appelant peut faire (article 2.1)."},
    {
        "name": "Mots de passe",
        "description": "Activer son compte, changer ou réinitialiser son mot de passe (2.2.1).",
    },
    {"name": "Conditions générales d'utilisation", "description": "À lire et accepter avant tout (2.1)."},
    {
        "name": "Signalements",
        "description": "Une personne en difficulté d'accès aux droits ou aux soins (1.1).",
    },
    {"name": "Études de dossier", "description": "PUMa, C2S, AME : un dossier soumis à l'étude (1.2)."},
    {"name": "Rendez-vous", "description": "Demandés à la caisse pour une personne accompagnée (1.2)."},
    {
        "name": "Demandes de documents",
        "description": "Envoyés à l'adresse de l'assuré connue de la caisse (1.2).",
    },
    {"name": "Contacts", "description": "Écrire à la caisse de rattachement (1.2)."},
    {"name": "Demandes", "description": "L'historique, et la vie des demandes de tous types (1.1, 1.2)."},
    {
        "name": "Textes confirmés",
        "description": "Ce que la garde avait refusé et que son auteur a confirmé, à revoir par la caisse (5).",
    },
    {
        "name": "Droits des assurés",
        "description": "Rechercher une personne, exporter ou effacer ce que la caisse détient d'elle (5).",
    },
    {"name": "Pièces", "description": "Les documents d'une demande, dans les deux sens (1.3, 3.1)."},
    {"name": "Techniciens", "description": "Créés et suivis par les gestionnaires de leur structure (2.2)."},
    {
        "name": "Gestionnaires",
        "description": "Habilités, modifiés et inactivés par la caisse (2.2.2, 2.2.3).",
    },
    {"name": "Habilitations", "description": "Ce qu'un partenaire demande pour ses gestionnaires (2.2.1)."},
    {
        "name": "Revues d'habilitation",
        "description": "Revoir chaque compte d'une structure, et le tableau des habilitations à jour (4.2).",
    },
    {"name": "Incidents", "description": "Fraude, vol, perte, usage non conforme (4.1)."},
    {"name": "Partenaires", "description": "Les structures, leur taille et leurs quotas (2.2.1)."},
    {"name": "Conventions", "description": "Signatures, période, fonctionnalités (8.1, 1.2)."},
    {"name": "Caisses", "description": "Rattachements, délais visés, fonctionnalités (1.2)."},
    {"name": "Référents", "description": "Les personnes que chaque partie nomme, et que l'autre lit (3.3)."},
    {"name": "Avis", "description": "Ce qu'une caisse fait savoir à ses partenaires, sans délai (7)."},
    {"name": "Agents de caisse", "description": "Ceux qui traitent les demandes (1.1)."},
    {
        "name": "Applications",
        "description": "Les logiciels qui agissent pour une caisse, un partenaire ou une personne (4.1).",
    },
    {"name": "Nomenclatures", "description": "Les valeurs des énumérations, avec leur libellé."},
    {
        "name": "Dysfonctionnements",
        "description": "Signalés à la caisse, qui répond ou transmet, et suivis jusqu'à leur fin (3.3).",
    },
    {"name": "Documentation", "description": "À télécharger, à jour, avec sa version et sa date (3.2)."},
    {
        "name": "Disponibilité",
        "description": "L'état du service pour tous, et les maintenances annoncées (3.2).",
    },
    {"name": "Évènements", "description": "Ce qui s'est passé, dans l'ordre, sans donnée personnelle (7)."},
    {"name": "Webhooks", "description": "Être prévenu des évènements, par un appel signé (7)."},
    {
        "name": "Statistiques",
        "description": "Le suivi du partenariat, en chiffres et sans données personnelles (D-2).",
    },
    {
        "name": "Journal",
        "description": "Chaque acte, numéroté et chaîné : complet, ordonné, infalsifiable (9).",
    },
    {"name": "Santé du service", "description": "Pour la supervision."},
]
