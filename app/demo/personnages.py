"""The people and the structures of the demo, all invented."""

from app.droits import Role

CAISSES = (
    ("611", "CPAM de l'Orne", "61", "file@cpam-orne.example"),
    ("141", "CPAM du Calvados", "14", "file@cpam-calvados.example"),
)
# key, name, SIRET, kind, members, habilitated or not, caisses
STRUCTURES = (
    ("cias", "CIAS du Pays de l'Aigle", "26610025400017", "cias", 12, False, ("611", "141")),
    ("asso", "Association Le Relais du Bocage", "48201573200019", "association", 6, False, ("611",)),
    ("tutelle", "Service tutélaire des Trois Vallées", "39176205100012", "tutelle", 30, True, ("611",)),
)
# identifiant, password, role, place, civility, first name, name
COMPTES = (
    ("n-operateur", "verger-lanterne-marais-7", Role.ADMINISTRATEUR, "", "mme", "Odile", "Garnier"),
    ("a-orne", "galet-hirondelle-tempo-4", Role.AGENT_CAISSE, "611", "mme", "Agnès", "Lemoine"),
    ("a-orne-2", "moulin-cerfeuil-nuage-8", Role.AGENT_CAISSE, "611", "m", "Bruno", "Tessier"),
    ("a-calvados", "falaise-ocarina-menthe-3", Role.AGENT_CAISSE, "141", "m", "Yann", "Prigent"),
    ("g-cias", "tilleul-boussole-craie-5", Role.GESTIONNAIRE, "cias", "mme", "Hélène", "Vasseur"),
    ("g-cias-2", "ruisseau-carillon-figue-6", Role.GESTIONNAIRE, "cias", "m", "Paul", "Astier"),
    ("t-cias", "noisette-phare-aubepine-9", Role.TECHNICIEN, "cias", "mme", "Claire", "Martel"),
    ("t-cias-2", "grenier-libellule-sable-2", Role.TECHNICIEN, "cias", "m", "Karim", "Haddad"),
    ("t-cias-3", "sentier-mandoline-givre-8", Role.TECHNICIEN, "cias", "mme", "Lise", "Perrot"),
    ("g-asso", "orage-clavecin-lavande-4", Role.GESTIONNAIRE, "asso", "m", "Denis", "Rocher"),
    ("t-asso", "chataigne-radeau-brume-7", Role.TECHNICIEN, "asso", "mme", "Sonia", "Delaunay"),
    ("g-tutelle", "colline-tambour-fougere-5", Role.GESTIONNAIRE, "tutelle", "mme", "Irène", "Pasquier"),
    ("t-tutelle", "etang-pivoine-horizon-6", Role.TECHNICIEN, "tutelle", "m", "Hugo", "Marchal"),
)
NOMS = (
    "Lefèvre",
    "Aubry",
    "Benali",
    "Carpentier",
    "Diallo",
    "Évrard",
    "Fontaine",
    "Gauthier",
    "Huet",
    "Ivanov",
)
PRENOMS = (
    "Jeanne",
    "André",
    "Nadia",
    "Marcel",
    "Aïssatou",
    "René",
    "Lucie",
    "Boris",
    "Monique",
    "Farid",
    "Colette",
    "Samir",
    "Odette",
    "Yves",
    "Rosa",
)
