"""Two sheets of paper, drawn by code: what a scanner makes of a letter, and what an office makes of a document."""

import io
from collections.abc import Sequence

import pikepdf
from pikepdf import Dictionary, Name, Stream
from PIL import Image, ImageDraw, ImageFont

A4 = (1240, 1754)  # pixels: 150 an inch
PAPIER, ENCRE, CORPS, MARGE = 250, 40, 26, 110


def numerisee(lignes: Sequence[str]) -> bytes:
    """Return a JPEG of a page with some lines."""
    image = Image.new("L", A4, PAPIER)
    crayon, police = ImageDraw.Draw(image), ImageFont.load_default(CORPS)
    for rang, ligne in enumerate(lignes):
        crayon.text((MARGE, MARGE + rang * 2 * CORPS), ligne, ENCRE, police)
    sortie = io.BytesIO()
    image.save(sortie, "JPEG", quality=75)
    return sortie.getvalue()


def en_pdf(lignes: Sequence[str]) -> bytes:
    """Return a PDF of a page with some lines, in a font that every reader has."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))  # points: A4
    police = Dictionary(
        Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding
    )
    page.Resources = Dictionary(Font=Dictionary(F1=police))
    ecrites = " ".join(f"<{ligne.encode('cp1252').hex()}> Tj T*" for ligne in lignes)
    page.Contents = Stream(pdf, f"BT /F1 12 Tf 20 TL 72 760 Td {ecrites} ET".encode())
    sortie = io.BytesIO()
    pdf.save(sortie)
    return sortie.getvalue()
