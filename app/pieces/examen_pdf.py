"""Art. 3.1: a PDF has pages on which something can be read, and nothing that acts or hides."""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, PasswordError, Pdf, PdfImage, Stream

from app.pieces.examen_image import CONTRASTE_MINIMAL, contraste, gris
from app.pieces.regles import COTE_MINIMAL, PAGES_MAXIMALES, PIXELS_MAXIMAUX, Illisible
from app.pieces.verdict import Refus

OBJETS_MAXIMAUX = 100_000
PROFONDEUR = 5  # of forms inside forms
# Actions that run something, send something, or open another file. Links (/URI) and places (/GoTo) do not.
AGISSENT = {
    "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition", "/Movie", "/Sound",
    "/RichMediaExecute", "/GoTo3DView",
}  # fmt: skip
CLES_QUI_AGISSENT = {"/AA", "/JS", "/JavaScript", "/XFA", "/RichMedia"}
CLES_QUI_JOIGNENT = {"/EmbeddedFiles", "/EF", "/EmbeddedFile"}
# Where a link may lead: the web, a mail, a telephone; not to a script, nor to a file of the reader's network.
SCHEME = re.compile(r"\s*([a-z][a-z0-9+-]*):", re.IGNORECASE)
LIENS = {"http", "https", "mailto", "tel"}
ECRIVENT = {"Tj", "TJ", "'", '"'}
PEIGNENT = {"f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh"}
MODE_INVISIBLE = 3  # of text: what a scanner's recognition writes over the image


def examiner_pdf(file: BinaryIO) -> None:
    """Read a PDF. Raises Refus, or whatever pikepdf raises on what it cannot read."""
    try:
        pdf = pikepdf.open(file, suppress_warnings=True)
    except PasswordError:
        raise Refus(Illisible.CHIFFRE) from None
    with pdf:
        if pdf.is_encrypted:
            raise Refus(Illisible.CHIFFRE)
        inerte(pdf)
        if not len(pdf.pages):
            raise Refus(Illisible.SANS_PAGE)
        if len(pdf.pages) > PAGES_MAXIMALES:
            raise Refus(Illisible.TROP_DE_PAGES)
        au_moins_une_lisible(pdf)


def inerte(pdf: Pdf) -> None:
    """Refuse scripts, actions that are not of reading, and attached files, wherever they stand."""
    if len(pdf.objects) > OBJETS_MAXIMAUX:
        raise Refus(Illisible.ABIME)
    ouverture = pdf.Root.get(Name.OpenAction)
    if isinstance(ouverture, Dictionary) and ouverture.get(Name.S) != Name.GoTo:
        raise Refus(Illisible.SCRIPT)
    for objet in dictionnaires(pdf):
        cles = set(objet.keys())
        if cles & CLES_QUI_AGISSENT or str(objet.get(Name.S, "")) in AGISSENT:
            raise Refus(Illisible.SCRIPT)
        if objet.get(Name.S) == Name.URI and not lien_admis(str(objet.get(Name.URI, ""))):
            raise Refus(Illisible.SCRIPT)
        if cles & CLES_QUI_JOIGNENT or objet.get(Name.Type) == Name.EmbeddedFile:
            raise Refus(Illisible.FICHIER_JOINT)


def lien_admis(adresse: str) -> bool:
    """Tell whether a link leads where a reader expects; one without a scheme, such as « www.a.example », does."""
    scheme = SCHEME.match(adresse)
    return scheme[1].lower() in LIENS if scheme else not adresse.lstrip().startswith("\\\\")


def dictionnaires(pdf: Pdf) -> Iterator[Any]:
    """Yield every dictionary of the file, direct or not, those of the streams included."""
    for objet in pdf.objects:
        pile: list[Any] = [objet]
        while pile:
            noeud = pile.pop()
            if isinstance(noeud, Dictionary | Stream):
                yield noeud
                enfants = [valeur for _, valeur in noeud.items()]
            else:
                enfants = list(noeud) if isinstance(noeud, Array) else []
            pile += [e for e in enfants if isinstance(e, Object) and not e.is_indirect]


def au_moins_une_lisible(pdf: Pdf) -> None:
    """Refuse a file on whose pages there is nothing to read: neither text, nor drawing, nor a scan."""
    images: list[Any] = []
    for page in pdf.pages:
        siennes: list[Any] = []
        if ecrite(page, page.get(Name.Resources, Dictionary()), siennes, PROFONDEUR):
            return
        images += siennes
    grandes = [image for image in images if max(dimensions(image)) >= COTE_MINIMAL]
    if images and not grandes:
        raise Refus(Illisible.TROP_PETITE)
    if not any(numerisee(image) for image in grandes):
        raise Refus(Illisible.VIDE)


def ecrite(contenu: Any, ressources: Any, images: list[Any], profondeur: int) -> bool:
    """Tell whether visible text or a drawing stands in a content; gather the images that it shows."""
    visible = True
    for instruction in pikepdf.parse_content_stream(contenu):
        operateur = str(instruction.operator)
        if operateur == "Tr":
            visible = int(instruction.operands[0]) != MODE_INVISIBLE
        elif (operateur in ECRIVENT and visible) or operateur in PEIGNENT or operateur == "INLINE IMAGE":
            return True
        elif operateur == "Do" and profondeur:
            objet = ressources.get(Name.XObject, Dictionary()).get(instruction.operands[0])
            if isinstance(objet, Stream) and objet.get(Name.Subtype) == Name.Image:
                images.append(objet)
            elif isinstance(objet, Stream) and ecrite(
                objet, objet.get(Name.Resources, ressources), images, profondeur - 1
            ):
                return True
    return False


def dimensions(image: Any) -> tuple[int, int]:
    return int(image.get(Name.Width, 0)), int(image.get(Name.Height, 0))


def numerisee(image: Any) -> bool:
    """Tell whether an image of a page is not a blank sheet; one that only other software can read is not judged."""
    largeur, hauteur = dimensions(image)
    if largeur * hauteur > PIXELS_MAXIMAUX:
        raise Refus(Illisible.TROP_DE_PIXELS)
    try:
        lue = PdfImage(image).as_pil_image()
    except (pikepdf.UnsupportedImageTypeError, pikepdf.DependencyError, NotImplementedError):
        return True
    return contraste(gris(lue)) >= CONTRASTE_MINIMAL
