"""The catalogue of errors: what happened, what to do, by which article.

Each class is one problem of RFC 9457. The sentences are for people; they never hold what was sent.
"""

from enum import StrEnum
from typing import Any, ClassVar


class Nature(StrEnum):
    MALFORME = "malforme"
    ANONYME = "anonyme"
    REFUS = "refus"
    INTROUVABLE = "introuvable"
    METHODE = "methode"
    CONFLIT = "conflit"
    PERIME = "perime"
    TROP_GRAND = "trop_grand"
    FORMAT = "format"
    INVALIDE = "invalide"
    DEBIT = "debit"
    PANNE = "panne"
    INDISPONIBLE = "indisponible"


class Probleme(Exception):  # noqa: N818  # the name of RFC 9457
    """A refusal that the caller reads: `membres` are the extra members of the JSON body."""

    code: ClassVar[str]
    nature: ClassVar[Nature]
    titre: ClassVar[str]
    detail: ClassVar[str]
    remede: ClassVar[str]
    article: ClassVar[str | None] = None

    def __init__(self, detail: str | None = None, **membres: Any) -> None:
        self.phrase = detail or self.detail
        self.membres = membres
        super().__init__(self.code)


class JetonInvalide(Probleme):
    code, nature, article = "jeton-invalide", Nature.ANONYME, "4.1"
    titre = "Jeton absent ou invalide"
    detail = "Le jeton d'accès est absent, expiré, révoqué, ou son compte n'est plus actif."
    remede = "Demandez un nouveau jeton sur /v1/oauth/token ; si le refus persiste, le compte est inactif."


class CguAAccepter(Probleme):
    code, nature, article = "cgu-a-accepter", Nature.REFUS, "2.1"
    titre = "Conditions générales d'utilisation à accepter"
    detail = "Les conditions générales d'utilisation en vigueur n'ont pas encore été acceptées."
    remede = "Lisez GET /v1/cgu, acceptez par POST /v1/moi/cgu avec la version, puis renouvelez le jeton."


class MotDePasseExpire(Probleme):
    code, nature, article = "mot-de-passe-expire", Nature.REFUS, "2.2.1"
    titre = "Mot de passe à renouveler"
    detail = "Le mot de passe a dépassé sa durée de validité."
    remede = "Changez-le par PUT /v1/moi/mot-de-passe, puis connectez-vous de nouveau."


class ReseauNonAutorise(Probleme):
    code, nature, article = "reseau-non-autorise", Nature.REFUS, "4.1"
    titre = "Réseau non autorisé pour cette application"
    detail = "L'application de ce jeton est limitée à des réseaux, et l'appel vient d'ailleurs."
    remede = "Appelez depuis un réseau déclaré, ou faites modifier `reseaux` par l'opérateur national."


class MotDePasseIncorrect(Probleme):
    code, nature, article = "mot-de-passe-incorrect", Nature.REFUS, "2.1"
    titre = "Mot de passe actuel incorrect"
    detail = "Le mot de passe actuel n'est pas celui du compte : rien n'a été changé."
    remede = "Vérifiez `actuel` ; chaque erreur compte comme un échec de connexion."


class MotDePasseFaible(Probleme):
    """`regles`: the rules that the password breaks, each with its code and its sentence."""

    code, nature, article = "mot-de-passe-faible", Nature.INVALIDE, "2.2.1"
    titre = "Mot de passe refusé par les règles"
    detail = "Le mot de passe choisi ne respecte pas les règles indiquées dans `regles`."
    remede = "Choisissez au moins 15 caractères, par exemple quelques mots sans lien entre eux ni avec vous."


class LienInvalide(Probleme):
    code, nature, article = "lien-invalide", Nature.INTROUVABLE, "2.2.1"
    titre = "Lien invalide, expiré ou déjà utilisé"
    detail = "Ce lien n'existe pas, a expiré, a déjà servi ou a été remplacé par un plus récent."
    remede = "Demandez un nouveau lien : à qui a ouvert le compte, ou par POST /v1/mots-de-passe-oublies."


class PermissionRefusee(Probleme):
    code, nature, article = "permission-refusee", Nature.REFUS, "2.2"
    titre = "Action réservée à un autre profil"
    detail = "Le profil du compte ou les droits du jeton ne permettent pas cette action."
    remede = (
        "Consultez `permissions` dans GET /v1/moi ; un gestionnaire qui fait des demandes a un second compte."
    )


class FonctionnaliteInactive(Probleme):
    code, nature, article = "fonctionnalite-inactive", Nature.REFUS, "1.2"
    titre = "Fonctionnalité non activée par la caisse"
    detail = "La caisse n'a pas activé cette fonctionnalité pour votre structure."
    remede = "Les fonctionnalités ouvertes sont dans GET /v1/moi ; adressez-vous au référent de la caisse."


class CaisseNonConventionnee(Probleme):
    code, nature, article = "caisse-non-conventionnee", Nature.REFUS, "8.1"
    titre = "Aucune convention en vigueur avec cette caisse"
    detail = "Votre structure n'a pas de convention en vigueur avec la caisse demandée."
    remede = "Les caisses joignables sont dans `caisses` ; une convention se signe avec la caisse."


class TropDeWebhooks(Probleme):
    """`maximum`: how many a caisse, or a structure, may have."""

    code, nature = "trop-de-webhooks", Nature.CONFLIT
    titre = "Nombre de webhooks atteint"
    detail = "Votre caisse ou votre structure a déjà le nombre de webhooks permis."
    remede = "Supprimez un webhook qui ne sert plus, ou donnez plus de types d'évènement à un seul."


class Introuvable(Probleme):
    code, nature = "introuvable", Nature.INTROUVABLE
    titre = "Ressource introuvable"
    detail = "Rien ne correspond à cette adresse, ou ce qui s'y trouve ne vous est pas accessible."
    remede = (
        "Vérifiez l'identifiant ; une ressource d'une autre structure ou d'une autre caisse n'apparaît pas."
    )


class MethodeInterdite(Probleme):
    code, nature = "methode-interdite", Nature.METHODE
    titre = "Méthode non prévue à cette adresse"
    detail = "Cette adresse existe, mais pas avec cette méthode."
    remede = "Les méthodes prévues sont dans l'en-tête Allow et dans le contrat /openapi.json."


class CorpsIllisible(Probleme):
    code, nature = "corps-illisible", Nature.MALFORME
    titre = "Corps de requête illisible"
    detail = "Le corps n'est pas du JSON valide en UTF-8."
    remede = "Vérifiez la syntaxe JSON, l'encodage et l'en-tête Content-Type: application/json."


class CurseurInvalide(Probleme):
    code, nature = "curseur-invalide", Nature.MALFORME
    titre = "Curseur de liste invalide"
    detail = "Le curseur n'a pas été émis par ce serveur pour cette liste et ces filtres."
    remede = "Reprenez la liste sans `curseur`, puis suivez `curseur_suivant` ou le lien `next`."


class CorpsTropGrand(Probleme):
    code, nature = "corps-trop-grand", Nature.TROP_GRAND
    titre = "Corps de requête trop grand"
    detail = "Le corps dépasse la taille admise."
    remede = "Réduisez le contenu envoyé."


class Validation(Probleme):
    """`erreurs`: [{champ (JSON pointer), code, message}], never the value."""

    code, nature, article = "validation", Nature.INVALIDE, "5"
    titre = "Champs refusés"
    detail = "Un ou plusieurs champs sont absents, inconnus ou invalides."
    remede = "Corrigez les champs listés dans `erreurs` ; rien n'a été enregistré."

    @classmethod
    def du_champ(cls, champ: str, code: str, message: str) -> "Validation":
        return cls(erreurs=[{"champ": champ, "code": code, "message": message}])


class ConsentementManquant(Probleme):
    code, nature, article = "consentement-manquant", Nature.INVALIDE, "1.1"
    titre = "Consentement de la personne manquant"
    detail = "Une demande ne se fait qu'avec le consentement de la personne, recueilli et daté."
    remede = "Recueillez-le, puis envoyez `consentement` : {recueilli: true, date, modalite}."


class NirInterdit(Probleme):
    """`passages`: [{champ, debut, fin}], positions in characters."""

    code, nature, article = "nir-interdit", Nature.INVALIDE, "5"
    titre = "Numéro de sécurité sociale interdit"
    detail = "Le texte contient un numéro de sécurité sociale (NIR), qui ne doit figurer dans aucun champ."
    remede = "Retirez le numéro aux positions indiquées dans `passages` : l'identité suffit à la caisse."


class DonneeDeSante(Probleme):
    """`passages`: [{champ, debut, fin}], positions in characters."""

    code, nature, article = "donnee-de-sante", Nature.INVALIDE, "5"
    titre = "Donnée de santé probable"
    detail = "Le texte semble contenir une donnée de santé, qu'un champ libre ne doit pas contenir."
    remede = (
        "Réécrivez les passages indiqués ; si le signalement est une erreur, renvoyez le même corps avec "
        "`texte_confirme: true` : la confirmation est journalisée."
    )


class DejaRevu(Probleme):
    """`statut`: the decision taken."""

    code, nature, article = "deja-revu", Nature.CONFLIT, "5"
    titre = "Texte déjà revu"
    detail = "La caisse a déjà admis ou refusé ce texte confirmé."
    remede = "Relisez GET /v1/textes-confirmes : `statut` donne la décision."


class DemarcheEnCours(Probleme):
    """`reference`: the structure's own open request."""

    code, nature, article = "demarche-en-cours", Nature.CONFLIT, "1.1"
    titre = "Démarche déjà en cours"
    detail = "Votre structure a déjà une demande ouverte de ce type pour cette personne."
    remede = "Complétez la demande indiquée par `reference`, ou renvoyez avec `doublon_confirme: true`."


class TransitionInterdite(Probleme):
    """`statut`, `actions_possibles`: the request as it stands for the caller."""

    code, nature, article = "transition-interdite", Nature.CONFLIT, "1.1"
    titre = "Action impossible dans cet état"
    detail = "L'état de la demande ne permet pas cette action."
    remede = "Relisez la demande ; les actions permises sont dans `actions_possibles`."


class VersionPerimee(Probleme):
    code, nature = "version-perimee", Nature.PERIME
    titre = "Version périmée"
    detail = "La ressource a changé depuis la version que vous avez lue (If-Match)."
    remede = "Relisez la ressource, vérifiez ce qui a changé, puis renvoyez avec son nouvel ETag."


class CleIdempotenceReutilisee(Probleme):
    code, nature = "cle-idempotence-reutilisee", Nature.INVALIDE
    titre = "Clé d'idempotence déjà utilisée"
    detail = "Cette clé a déjà servi avec une autre requête."
    remede = "Générez une clé neuve (UUID) pour chaque création ; ne la réutilisez que pour réessayer à l'identique."


class RequeteEnCours(Probleme):
    code, nature = "requete-en-cours", Nature.CONFLIT
    titre = "Requête identique en cours"
    detail = "Une autre requête tient encore cette clé ou cette ressource."
    remede = "Réessayez dans quelques secondes avec la même clé d'idempotence."


class DejaExistant(Probleme):
    """`champ`: the field whose value is taken."""

    code, nature = "deja-existant", Nature.CONFLIT
    titre = "Déjà existant"
    detail = "Une ressource porte déjà cette valeur."
    remede = "Utilisez la ressource existante ou choisissez une autre valeur pour le champ indiqué."


class DejaSignee(Probleme):
    code, nature, article = "deja-signee", Nature.CONFLIT, "8.1"
    titre = "Convention déjà signée"
    detail = "Cette partie a déjà signé la convention."
    remede = "Une signature ne se remplace pas ; un changement passe par un avenant."


class ConventionDejaOuverte(Probleme):
    """`convention_id`: the convention of the same two parties that is not over."""

    code, nature, article = "convention-deja-ouverte", Nature.CONFLIT, "8.1"
    titre = "Convention déjà ouverte"
    detail = "Ce partenaire et cette caisse ont déjà une convention en cours ou en attente de signature."
    remede = "Modifiez la convention existante par avenant, ou attendez sa fin."


class EtatDeLaConvention(Probleme):
    """`statut`: what the convention is today."""

    code, nature, article = "etat-de-la-convention", Nature.CONFLIT, "8.1"
    titre = "Action impossible dans l'état de la convention"
    detail = "L'état de la convention ne permet pas cette action."
    remede = "Relisez la convention : son `statut` dit ce qui est possible."


class PreavisDeMiseEnDemeure(Probleme):
    """`resiliable_le`: the first day allowed; `reparee_le`: when the breach was repaired, else null."""

    code, nature, article = "preavis-de-mise-en-demeure", Nature.CONFLIT, "8.2"
    titre = "Préavis de mise en demeure"
    detail = (
        "Un manquement ne met fin à la convention que trente jours après la réception de la mise en demeure, "
        "et seulement s'il n'a pas été réparé."
    )
    remede = "Choisissez une date à partir de `resiliable_le` ; un manquement réparé ne fonde plus rien."


class DejaReparee(Probleme):
    code, nature, article = "deja-reparee", Nature.CONFLIT, "8.2"
    titre = "Manquement déjà réparé"
    detail = "La réparation de ce manquement est déjà enregistrée."
    remede = "Un nouveau manquement demande une nouvelle mise en demeure."


class QuotaAtteint(Probleme):
    """`maximum`, `utilises`: the figures of the structure's size."""

    code, nature, article = "quota-atteint", Nature.CONFLIT, "2.2.1"
    titre = "Nombre de comptes atteint"
    detail = "Le nombre de comptes permis par la taille de la structure est atteint."
    remede = "Inactivez un compte dont l'usage a cessé, ou faites corriger l'effectif par la caisse."


class DernierGestionnaire(Probleme):
    code, nature, article = "dernier-gestionnaire", Nature.CONFLIT, "2.2.3"
    titre = "Dernier gestionnaire de la structure"
    detail = "Le dernier gestionnaire ne peut pas être inactivé."
    remede = (
        "Faites d'abord habiliter un successeur, qui active son compte, et nommez-le par `successeur_id`."
    )


class PreavisInsuffisant(Probleme):
    """`au_plus_tot`: the first day that may be wished."""

    code, nature, article = "preavis-insuffisant", Nature.INVALIDE, "2.2.3"
    titre = "Préavis insuffisant"
    detail = "La fin d'un gestionnaire s'annonce quinze jours avant la date souhaitée."
    remede = "Choisissez une date à partir de `au_plus_tot` ; la caisse peut décider un effet immédiat."


class EmailNonProfessionnel(Probleme):
    """`domaines`: those that the structure declares."""

    code, nature, article = "email-non-professionnel", Nature.INVALIDE, "2.2.1"
    titre = "Adresse électronique non professionnelle"
    detail = (
        "L'adresse doit appartenir à un domaine déclaré de la structure, et à aucun fournisseur grand public."
    )
    remede = (
        "Utilisez une adresse de `domaines`, ou faites déclarer le domaine de la structure par la caisse."
    )


class CompteExclu(Probleme):
    code, nature, article = "compte-exclu", Nature.CONFLIT, "4.1"
    titre = "Compte exclu"
    detail = "Ce compte a été exclu par la caisse : un gestionnaire ne peut pas le réactiver."
    remede = "Adressez-vous à la caisse."


class EtatDuCompte(Probleme):
    """`statut`: what the account is."""

    code, nature, article = "etat-du-compte", Nature.CONFLIT, "2.2.3"
    titre = "Action impossible dans l'état du compte"
    detail = "L'état du compte ne permet pas cette action."
    remede = "Relisez le compte : son `statut` dit ce qui est possible."


class DejaDecidee(Probleme):
    """`statut`: the decision taken."""

    code, nature, article = "deja-decidee", Nature.CONFLIT, "2.2.1"
    titre = "Demande d'habilitation déjà décidée"
    detail = "Cette demande a déjà été acceptée ou refusée."
    remede = "Une nouvelle demande est nécessaire pour un nouveau changement."


class RevueDejaOuverte(Probleme):
    """`revue_id`: the review that is open."""

    code, nature, article = "revue-deja-ouverte", Nature.CONFLIT, "4.2"
    titre = "Revue d'habilitation déjà ouverte"
    detail = "Ce partenaire a déjà une revue d'habilitation ouverte par la caisse."
    remede = "Suivez ou clôturez la revue indiquée par `revue_id`, puis ouvrez-en une autre."


class RevueClose(Probleme):
    code, nature, article = "revue-close", Nature.CONFLIT, "4.2"
    titre = "Revue d'habilitation close"
    detail = "Cette revue est close : elle ne reçoit plus de décision."
    remede = (
        "Un compte s'inactive à tout moment par sa propre ressource ; la caisse peut ouvrir une autre revue."
    )


class ApplicationTerminee(Probleme):
    code, nature, article = "application-terminee", Nature.CONFLIT, "4.1"
    titre = "Application terminée"
    detail = "Cette application a pris fin : elle ne change plus."
    remede = "Enregistrez une nouvelle application."


class PartenaireNonHabilite(Probleme):
    code, nature, article = "partenaire-non-habilite", Nature.REFUS, "1.3"
    titre = "Partenaire non habilité à recevoir des documents"
    detail = "Seul un organisme habilité reçoit des documents par le portail."
    remede = (
        "Envoyez le document à l'adresse de l'assuré connue de la caisse, ou faites habiliter la structure."
    )


class TropDePieces(Probleme):
    """`maximum`: how many a request takes."""

    code, nature, article = "trop-de-pieces", Nature.CONFLIT, "3.1"
    titre = "Nombre de pièces atteint"
    detail = "La demande a déjà le nombre de pièces permis."
    remede = "Réunissez plusieurs pages en un PDF, et ne déposez que ce qui est nécessaire au dossier."


class PieceTropGrande(Probleme):
    """`maximum`: bytes."""

    code, nature, article = "piece-trop-grande", Nature.TROP_GRAND, "3.1"
    titre = "Pièce trop grande"
    detail = "Le fichier dépasse 10 Mio."
    remede = "Numérisez à 150 ou 200 points par pouce, en niveaux de gris, ou déposez le document en plusieurs pièces."


class TypeDePieceRefuse(Probleme):
    code, nature, article = "type-de-piece-refuse", Nature.FORMAT, "3.1"
    titre = "Type de pièce refusé"
    detail = "Le contenu du fichier n'est ni un PDF, ni une image JPEG ou PNG, quel que soit son nom."
    remede = "Imprimez le document en PDF, ou enregistrez l'image en JPEG ou en PNG."


class PieceIllisible(Probleme):
    """`motif`: a stable code; the detail says what is wrong and what to do."""

    code, nature, article = "piece-illisible", Nature.INVALIDE, "3.1"
    titre = "Pièce illisible"
    detail = "Le document ne peut pas être lu tel quel."
    remede = "Suivez l'explication de `detail`, puis déposez le document de nouveau."


class PieceInfectee(Probleme):
    code, nature, article = "piece-infectee", Nature.INVALIDE, "3.1"
    titre = "Pièce infectée"
    detail = "L'antivirus a trouvé un programme malveillant : le fichier n'a pas été gardé, et le refus est journalisé."
    remede = "Vérifiez votre poste avec votre service informatique, puis déposez une copie saine."


class PieceIndisponible(Probleme):
    """`statut`, `effacee_le`: why its content is not given."""

    code, nature, article = "piece-indisponible", Nature.CONFLIT, "3.1"
    titre = "Contenu de la pièce indisponible"
    detail = "Le contenu de cette pièce attend l'antivirus, a été refusé par lui, ou a été effacé."
    remede = (
        "Relisez la pièce : `en_analyse` se lève de lui-même ; une pièce refusée ou effacée ne revient pas."
    )


class TropDeRequetes(Probleme):
    code, nature = "trop-de-requetes", Nature.DEBIT
    titre = "Trop de requêtes"
    detail = "Le nombre de requêtes permis pour cette période est atteint."
    remede = "Attendez le délai de l'en-tête Retry-After avant de réessayer."


class ErreurInterne(Probleme):
    code, nature = "erreur-interne", Nature.PANNE
    titre = "Erreur interne"
    detail = "Le serveur n'a pas pu traiter la requête ; rien n'a été enregistré."
    remede = (
        "Réessayez avec la même clé d'idempotence ; si l'erreur persiste, signalez l'identifiant `instance`."
    )


class ServiceIndisponible(Probleme):
    """`referents`: whom to reach instead."""

    code, nature, article = "service-indisponible", Nature.INDISPONIBLE, "3.2"
    titre = "Service momentanément indisponible"
    detail = "La base de données ne répond pas."
    remede = (
        "Réessayez après le délai de l'en-tête Retry-After, avec la même clé d'idempotence ; si cela presse, "
        "joignez les `referents` de la caisse."
    )


class Maintenance(Probleme):
    """`referents`: whom to reach instead, caisse by caisse, for the functions that it leaves open."""

    code, nature, article = "maintenance", Nature.INDISPONIBLE, "3.2"
    titre = "Maintenance en cours"
    detail = "Le portail est arrêté pour une maintenance annoncée ; rien n'a été enregistré."
    remede = (
        "Réessayez après le délai de l'en-tête Retry-After ; d'ici là, les `referents` de la caisse proposent les "
        "mêmes services. GET /v1/statut donne les fenêtres annoncées."
    )


def _famille(racine: type[Probleme]) -> list[type[Probleme]]:
    return [fille for enfant in racine.__subclasses__() for fille in (enfant, *_famille(enfant))]


CATALOGUE: dict[str, type[Probleme]] = {erreur.code: erreur for erreur in _famille(Probleme)}
