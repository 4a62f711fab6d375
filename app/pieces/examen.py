"""Art. 3.1: look into a file that somebody sent. Run in the sandbox: these parsers meet hostile bytes."""

import zipfile
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from app.pieces.examen_image import examiner_image
from app.pieces.examen_pdf import examiner_pdf
from app.pieces.regles import Illisible
from app.pieces.verdict import Refus

SIGNATURES: Mapping[bytes, str] = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
}
EXAMENS: Mapping[str, Callable[[BinaryIO], None]] = {
    "application/pdf": examiner_pdf,
    "image/jpeg": lambda file: examiner_image(file, "JPEG"),
    "image/png": lambda file: examiner_image(file, "PNG"),
}
# What other software would read in the same bytes: a browser's sniffing and PDF readers look at the beginning.
TETE = 1024
AUTRES_CONTENUS = (b"<!doctype html", b"<html", b"<script", b"<svg", b"<?php", b"%pdf-")


def type_de(tete: bytes) -> str | None:
    """Return the type that the first bytes say, if it is admitted: nothing may stand before them."""
    return next((type_ for signature, type_ in SIGNATURES.items() if tete.startswith(signature)), None)


def examiner(file: BinaryIO) -> dict[str, Any]:
    """Return `{"type_mime"}`, and `{"illisible"}` when the document is refused; `{}` for a type not admitted."""
    tete = file.read(TETE)
    type_ = type_de(tete)
    if type_ is None:
        return {}
    try:
        refuser_autre_contenu(tete, file)
        file.seek(0)
        EXAMENS[type_](file)
    except Refus as refus:
        return {"type_mime": type_, "illisible": refus.motif.value}
    except Exception:  # noqa: BLE001  # whatever a parser makes of hostile bytes
        return {"type_mime": type_, "illisible": Illisible.ABIME.value}
    return {"type_mime": type_}


def refuser_autre_contenu(tete: bytes, file: BinaryIO) -> None:
    """Refuse bytes that are also another document: a page, a second PDF, an archive. Raises Refus."""
    minuscules = tete[1:].lower()
    if any(marque in minuscules for marque in AUTRES_CONTENUS) or zipfile.is_zipfile(file):
        raise Refus(Illisible.DOUBLE_CONTENU)
