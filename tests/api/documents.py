"""Invented documents, as offices and telephones make them, and as hostile people do."""

import io
import struct
import zipfile
import zlib
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String
from PIL import Image, ImageDraw, ImageFilter, ImageFont

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
LIGNES = (
    "AVIS D'IMPOSITION 2025 SUR LES REVENUS DE 2024",
    "Revenu fiscal de reference : 11 482 euros",
    "Nombre de parts : 1,5",
    "Montant de l'impot : 0 euro",
    "Adresse : 4 rue du Puits, 61300 L'Aigle",
)


def feuille(
    taille: tuple[int, int] = (1240, 1754), *, papier: int = 250, encre: int = 40, lignes: int = 30
) -> Image.Image:
    """A printed sheet, in levels of grey: A4 at 150 points an inch unless said otherwise."""
    image = Image.new("L", taille, papier)
    crayon = ImageDraw.Draw(image)
    corps = max(taille[1] // 70, 8)
    police = ImageFont.load_default(corps)
    for rang in range(lignes):
        crayon.text(
            (taille[0] // 12, taille[1] // 16 + rang * corps * 2), LIGNES[rang % len(LIGNES)], encre, police
        )
    return image


def photo(image: Image.Image, *, flou: float = 1.2, angle: float = 2.5) -> Image.Image:
    """The sheet as a telephone takes it: crooked, on a dark table, in a light that falls off, a little blurred."""
    posee = image.rotate(angle, expand=True, fillcolor=70)
    ombre = Image.linear_gradient("L").resize(posee.size).point(lambda niveau: 130 + niveau // 2)
    assombrie = Image.composite(posee, Image.new("L", posee.size, 40), ombre)
    bruit = Image.effect_noise(posee.size, 12)
    return Image.blend(assombrie, bruit, 0.06).filter(ImageFilter.GaussianBlur(flou))


def jpeg(image: Image.Image | None = None, qualite: int = 70, **options: Any) -> bytes:
    sortie = io.BytesIO()
    (image or feuille()).save(sortie, "JPEG", quality=qualite, **options)
    return sortie.getvalue()


def jpeg_au_segment(segment: bytes, numero: int) -> bytes:
    """A JPEG with one more segment of metadata (APP`numero`), as telephones and editors of pictures leave them."""
    entier = jpeg()
    fin_jfif = 4 + int.from_bytes(entier[4:6])
    debut = entier[:fin_jfif] if numero != 1 else entier[:2]  # an Exif file has no JFIF header
    longueur = (len(segment) + 2).to_bytes(2)
    return debut + bytes([0xFF, 0xE0 + numero]) + longueur + segment + entier[fin_jfif:]


def png(image: Image.Image | None = None, **options: Any) -> bytes:
    sortie = io.BytesIO()
    (image or feuille()).save(sortie, "PNG", **options)
    return sortie.getvalue()


def un_pdf() -> tuple[pikepdf.Pdf, Any]:
    """A PDF of one page with a line of text, open."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    page.Contents = Stream(pdf, b"BT /F1 12 Tf 72 700 Td (Attestation de droits) Tj ET")
    page.Resources = Dictionary(
        Font=Dictionary(F1=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    )
    return pdf, page


def octets(pdf: pikepdf.Pdf, **options: Any) -> bytes:
    """Write a PDF, the same at each call: by default its identifier tells the second."""
    sortie = io.BytesIO()
    pdf.save(sortie, deterministic_id="encryption" not in options, **options)
    return sortie.getvalue()


def pdf_texte(marque: bytes = b"") -> bytes:
    """A PDF with text; `marque` makes one unlike another."""
    pdf, page = un_pdf()
    page.Contents = Stream(pdf, b"BT /F1 12 Tf 72 700 Td (Attestation de droits " + marque + b") Tj ET")
    return octets(pdf)


def pdf_infecte() -> bytes:
    """A readable PDF in which the test string of antivirus editors stands, uncompressed."""
    pdf, page = un_pdf()
    page.Contents = Stream(pdf, b"BT /F1 12 Tf 72 700 Td (Bonjour) Tj ET\n%" + EICAR)
    return octets(pdf, compress_streams=False)


def pdf_numerise(image: Image.Image | None = None, texte: bytes = b"") -> bytes:
    """A scanned sheet: one JPEG a page; `texte` is drawn beside it."""
    image = image or feuille()
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    page.Resources = Dictionary(XObject=Dictionary(Im0=_image(pdf, image)))
    page.Contents = Stream(pdf, b"q 595 0 0 842 0 0 cm /Im0 Do Q " + texte)
    return octets(pdf)


def _image(pdf: pikepdf.Pdf, image: Image.Image) -> Stream:
    return Stream(
        pdf,
        jpeg(image),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=image.width,
        Height=image.height,
        ColorSpace=Name.DeviceGray,
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
    )


def pdf_avec(quoi: str) -> bytes:
    """A readable PDF with one thing that it must not have."""
    pdf, page = un_pdf()
    script = Dictionary(S=Name.JavaScript, JS=String("app.alert('bonjour')"))
    if quoi == "ouverture":
        pdf.Root.OpenAction = script
    elif quoi == "javascript":
        pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), script])))
    elif quoi == "aa":
        page.AA = Dictionary(O=script)
    elif quoi == "lancement":
        page.Annots = Array(
            [
                Dictionary(
                    Type=Name.Annot,
                    Subtype=Name.Link,
                    Rect=Array([0, 0, 9, 9]),
                    A=Dictionary(S=Name.Launch, F=String("cmd.exe")),
                )
            ]
        )
    elif quoi == "suivante":  # behind an innocent action
        page.Annots = Array(
            [
                Dictionary(
                    Type=Name.Annot,
                    Subtype=Name.Link,
                    Rect=Array([0, 0, 9, 9]),
                    A=Dictionary(S=Name.URI, URI=String("https://a.example"), Next=script),
                )
            ]
        )
    elif quoi == "xfa":
        pdf.Root.AcroForm = Dictionary(XFA=Stream(pdf, b"<xdp/>"), Fields=Array([]))
    elif quoi == "page":
        pdf.Root.OpenAction = Array([page.obj, Name.Fit])
    elif quoi == "joint":
        pdf.attachments["virus.exe"] = b"MZ"
    return octets(pdf)


def pdf_avec_lien(adresse: str) -> bytes:
    pdf, page = un_pdf()
    action = Dictionary(S=Name.URI, URI=String(adresse))
    page.Annots = Array(
        [
            Dictionary(
                Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=pdf.make_indirect(action)
            )
        ]
    )
    return octets(pdf)


def pdf_clair(marque: bytes) -> bytes:
    """A PDF in which a mark stands as it is written."""
    pdf, page = un_pdf()
    page.Contents = Stream(pdf, b"BT /F1 12 Tf 72 700 Td (" + marque + b") Tj ET")
    return octets(pdf, compress_streams=False)


def pdf_chiffre(mot_de_passe: str) -> bytes:
    """A PDF that opens with a password, or without one when it only forbids to print."""
    return octets(un_pdf()[0], encryption=pikepdf.Encryption(owner="proprietaire", user=mot_de_passe))


def pdf_vide(pages: int) -> bytes:
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page()
    return octets(pdf)


def archive() -> bytes:
    sortie = io.BytesIO()
    with zipfile.ZipFile(sortie, "w") as contenu:
        contenu.writestr("programme.exe", b"MZ")
    return sortie.getvalue()


def bombe_png(cote: int = 30_000) -> bytes:
    """A PNG of a few bytes that says that it opens into `cote`² pixels."""

    def morceau(nom: bytes, donnees: bytes) -> bytes:
        return struct.pack(">I", len(donnees)) + nom + donnees + struct.pack(">I", zlib.crc32(nom + donnees))

    entete = struct.pack(">IIBBBBB", cote, cote, 1, 0, 0, 0, 0)
    morceaux = {b"IHDR": entete, b"IDAT": zlib.compress(bytes(10_000)), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(morceau(nom, donnees) for nom, donnees in morceaux.items())


def bombe_pdf(mebioctets: int = 3000) -> bytes:
    """A PDF of a few megabytes whose page opens into gigabytes: one block, pressed, said again and again."""
    pdf, page = un_pdf()
    presse = zlib.compressobj(9, zlib.DEFLATED, -15)
    bloc = presse.compress(b" " * 2**20) + presse.flush(zlib.Z_FULL_FLUSH)
    donnees = b"\x78\xda" + bloc * mebioctets + presse.flush() + bytes(4)
    page.Contents = Stream(pdf, donnees, Filter=Name.FlateDecode)
    return octets(pdf, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
