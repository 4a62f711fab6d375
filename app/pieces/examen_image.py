"""Art. 3.1: an image is whole, large enough, and something can be read on it."""

import warnings
from typing import BinaryIO

from PIL import Image, ImageFilter, UnidentifiedImageError

from app.pieces.regles import COTE_MINIMAL, PIXELS_MAXIMAUX, Illisible
from app.pieces.verdict import Refus

COTE_EXAMINE = 1600  # pixels: what a reader sees of a page on a screen
# Bounds of what nobody can read; faint, sparse or crooked scans stay above (docs/pieces.md has the figures).
CONTRASTE_MINIMAL = 14  # levels of grey, out of 255, between the paper and the ink
NETTETE_MINIMALE = 0.06  # the steepest edges: their second difference, over the contrast
BORD, EXTREMES = 3, 0.001  # pixels at the edge, and share of the pixels at each end, that are not looked at
LAPLACIEN = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=4, offset=128)
FIN_PNG = b"IEND\xae\x42\x60\x82"

Image.MAX_IMAGE_PIXELS = PIXELS_MAXIMAUX


def examiner_image(file: BinaryIO, format_: str) -> None:
    """Read an image whole. Raises Refus, or whatever Pillow raises on what it cannot read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a telephone's careless metadata: the picture is there all the same
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(file, formats=[format_]) as image:
                grands_cotes(image.size)
                lisible(gris(image))
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise Refus(Illisible.TROP_DE_PIXELS) from None
        except UnidentifiedImageError:
            raise Refus(Illisible.ABIME) from None
    if format_ == "PNG":
        rien_apres(file)


def grands_cotes(taille: tuple[int, int]) -> None:
    if taille[0] * taille[1] > PIXELS_MAXIMAUX:
        raise Refus(Illisible.TROP_DE_PIXELS)
    if max(taille) < COTE_MINIMAL:
        raise Refus(Illisible.TROP_PETITE)


def gris(image: Image.Image) -> Image.Image:
    """Read the whole image, and return it in levels of grey, as large as a screen."""
    image.draft("L", (COTE_EXAMINE, COTE_EXAMINE))  # a JPEG is read at the scale that is needed
    image.load()
    if image.mode.startswith("I"):  # 16 bits a pixel
        image = image.convert("I").point(lambda niveau: niveau * (1 / 256))
    if "A" in image.getbands() or "transparency" in image.info:
        calque = image.convert("RGBA")
        image = Image.new("RGBA", calque.size, "white")
        image.alpha_composite(calque)
    grise = image.convert("L")
    grise.thumbnail((COTE_EXAMINE, COTE_EXAMINE))
    return grise


def bornes(histogramme: list[int]) -> tuple[int, int]:
    """Return the levels between which all the pixels are, but the few of each end."""
    reste = sum(histogramme) * EXTREMES
    return _depasse(histogramme, reste), 255 - _depasse(histogramme[::-1], reste)


def _depasse(histogramme: list[int], reste: float) -> int:
    niveau, cumul = 0, histogramme[0]
    while cumul <= reste and niveau < len(histogramme) - 1:
        niveau += 1
        cumul += histogramme[niveau]
    return niveau


def contraste(grise: Image.Image) -> int:
    """Return how far the darkest strokes are from the paper, however few they are; the grain is smoothed away."""
    sombre, clair = bornes(grise.filter(ImageFilter.BoxBlur(1)).histogram())
    return clair - sombre


def nettete(grise: Image.Image) -> float:
    """Return how steep the steepest edges are, from 0 (a fog) to 1: whatever the light and the quantity of ink."""
    lisse = grise.filter(ImageFilter.GaussianBlur(1))
    sombre, clair = bornes(lisse.histogram())
    etalee = lisse.point(
        [round(255 * min(max(n - sombre, 0) / max(clair - sombre, 1), 1)) for n in range(256)]
    )
    secondes = etalee.filter(LAPLACIEN)
    interieur = secondes.crop((BORD, BORD, secondes.width - BORD, secondes.height - BORD))
    bas, haut = bornes(interieur.histogram())
    return max(haut - 128, 128 - bas) / 64


def lisible(grise: Image.Image) -> None:
    if contraste(grise) < CONTRASTE_MINIMAL:
        raise Refus(Illisible.SANS_CONTRASTE)
    if nettete(grise) < NETTETE_MINIMALE:
        raise Refus(Illisible.FLOUE)


def rien_apres(file: BinaryIO) -> None:
    """Refuse what a screenshot tool left behind its image, such as the part that was cropped away."""
    file.seek(0)
    if file.read().rpartition(FIN_PNG)[2].strip(b"\0\r\n "):
        raise Refus(Illisible.DOUBLE_CONTENU)
