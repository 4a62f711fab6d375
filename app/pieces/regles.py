"""Art. 1.3, 3.1, 5.4: what a piece is, which way it goes, and what bounds it."""

from collections.abc import Mapping
from enum import StrEnum

from app.droits import Role
from app.referentiel.nomenclatures import DOCUMENTS, PIECES

TAILLE_MAXIMALE = 10 * 1024 * 1024  # bytes
NOMBRE_MAXIMAL = 10  # a request
COTE_MINIMAL = 1000  # pixels, on the long side of an image
PIXELS_MAXIMAUX = 50_000_000
PAGES_MAXIMALES = 200

EXTENSIONS: Mapping[str, str] = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


class Sens(StrEnum):
    """Art. 1.3: `entrante` comes to the caisse, `sortante` goes to the partenaire."""

    ENTRANTE = "entrante"
    SORTANTE = "sortante"


class StatutPiece(StrEnum):
    EN_ANALYSE = "en_analyse"
    ACCEPTEE = "acceptee"
    REFUSEE = "refusee"


class Antivirus(StrEnum):
    """Art. 3.1: what the antivirus said; `non_analyse` is for a development run without one."""

    EN_ATTENTE = "en_attente"
    SAINE = "saine"
    INFECTEE = "infectee"
    NON_ANALYSE = "non_analyse"


class MotifRefus(StrEnum):
    INFECTEE = "infectee"


class RaisonEffacement(StrEnum):
    CONSENTEMENT_RETIRE = "consentement_retire"
    RGPD = "rgpd"


STATUTS: Mapping[Antivirus, StatutPiece] = {
    Antivirus.EN_ATTENTE: StatutPiece.EN_ANALYSE,
    Antivirus.SAINE: StatutPiece.ACCEPTEE,
    Antivirus.INFECTEE: StatutPiece.REFUSEE,
    Antivirus.NON_ANALYSE: StatutPiece.ACCEPTEE,
}


class Illisible(StrEnum):
    """Art. 3.1: why a document is refused as it is."""

    ABIME = "abime"
    CHIFFRE = "chiffre"
    SCRIPT = "script"
    FICHIER_JOINT = "fichier_joint"
    SANS_PAGE = "sans_page"
    TROP_DE_PAGES = "trop_de_pages"
    VIDE = "vide"
    TROP_PETITE = "trop_petite"
    TROP_DE_PIXELS = "trop_de_pixels"
    SANS_CONTRASTE = "sans_contraste"
    FLOUE = "floue"
    DOUBLE_CONTENU = "double_contenu"


# What is wrong, and what to do.
EXPLICATIONS: Mapping[Illisible, str] = {
    Illisible.ABIME: (
        "Le fichier est abîmé, incomplet ou trop complexe à lire : enregistrez-le ou numérisez-le de nouveau."
    ),
    Illisible.CHIFFRE: ("Le PDF est chiffré ou protégé : retirez sa protection, ou imprimez-le en PDF."),
    Illisible.SCRIPT: (
        "Le PDF contient un script ou une action automatique : imprimez-le en PDF, puis déposez le résultat."
    ),
    Illisible.FICHIER_JOINT: (
        "Le PDF contient un fichier joint : déposez ce fichier à part, et le PDF sans lui."
    ),
    Illisible.SANS_PAGE: "Le PDF n'a aucune page : enregistrez-le de nouveau.",
    Illisible.TROP_DE_PAGES: (
        f"Le PDF a plus de {PAGES_MAXIMALES} pages : ne déposez que les pages nécessaires au dossier."
    ),
    Illisible.VIDE: ("Le document est vide : vérifiez le sens de la feuille, puis numérisez-le de nouveau."),
    Illisible.TROP_PETITE: (
        f"L'image a moins de {COTE_MINIMAL} pixels sur son grand côté : numérisez à 150 points par pouce ou plus."
    ),
    Illisible.TROP_DE_PIXELS: (
        f"L'image a plus de {PIXELS_MAXIMAUX // 1_000_000} millions de pixels : numérisez à 300 points par pouce."
    ),
    Illisible.SANS_CONTRASTE: (
        "L'image est presque unie, rien ne s'y lit : reprenez-la avec plus de lumière."
    ),
    Illisible.FLOUE: (
        "L'image est trop floue pour être lue : reprenez-la, l'appareil immobile et la feuille à plat."
    ),
    Illisible.DOUBLE_CONTENU: (
        "Le fichier contient autre chose que le document : ouvrez-le, enregistrez-le de nouveau, puis déposez-le."
    ),
}


def sens_du_depot(role: Role | None) -> Sens:
    """Art. 1.3: the way of a piece follows from who deposits it."""
    return Sens.SORTANTE if role is Role.AGENT_CAISSE else Sens.ENTRANTE


def natures(sens: Sens, document_demande: str | None) -> frozenset[str]:
    """Art. 1.3, 5.4: the kinds that may be deposited.

    The caisse gives documents of its own, never somebody's proofs; on a request for one document, that one only.
    `document_demande`: the kind asked for, None when the request asks for no document in particular.
    """
    if sens is Sens.ENTRANTE:
        return frozenset(PIECES)
    if document_demande in {None, "autre"}:
        return frozenset(DOCUMENTS)
    return frozenset({str(document_demande)})


def lisible(statut: StatutPiece, *, effacee: bool) -> bool:
    """Art. 3.1: nobody opens what the antivirus has not looked at, refused, or what was erased."""
    return statut is StatutPiece.ACCEPTEE and not effacee
