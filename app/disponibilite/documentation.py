"""Art. 3.2: documentation for download, kept up to date, with its version and its date; former versions stay.

The guides come with the software (`livres/`) and enter the database when a process starts, once a version; the
operator publishes the others. The CGU are those that people accept.
"""

import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from app.comptes.tables import VersionCgu
from app.disponibilite.schemas_documentation import DocumentationDepot, DocumentLu
from app.disponibilite.tables import Document
from app.droits import Acteur
from app.erreurs import DejaExistant, Introuvable, Validation
from app.evenements.service import publier
from app.garde.examen import nirs
from app.journal.service import Objet
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.session import SYSTEM, database, see

LIVRES = Path(__file__).parent / "livres"
ENTETE = re.compile(r"# (?P<titre>[^\n]+)\n\nVersion (?P<version>[0-9-]+)\b")
PDF, MARKDOWN = "application/pdf", "text/markdown"
CGU, BOUT = "cgu", 1024


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of a document, with or without its bytes."""

    code: str
    titre: str
    version: str
    type_mime: str
    taille: int
    sha256: str
    publie_le: datetime
    contenu: bytes = b""

    @property
    def nom(self) -> str:
        return f"{self.code}-{self.version}.{'pdf' if self.type_mime == PDF else 'md'}"


def nature(contenu: bytes) -> str:
    """Return what the bytes are, whatever they are called; of a long file, its two ends do. Raises Validation."""
    if contenu.startswith(b"%PDF-") and b"%%EOF" in contenu[-BOUT:]:
        return PDF
    with suppress(UnicodeDecodeError):
        texte = contenu.decode()
        if texte.strip() and not any(char < " " and char not in "\n\r\t" for char in texte):
            if nirs(texte):
                raise Validation.du_champ(
                    "/fichier", "ep_nir", "Le document contient un numéro de sécurité sociale."
                )
            return MARKDOWN
    raise Validation.du_champ("/fichier", "ep_type", "Un PDF, ou un texte Markdown en UTF-8, est attendu.")


def valeurs(contenu: bytes, **reste: str) -> dict[str, Any]:
    """Return the row of a document that stands in the database, a text."""
    return reste | {
        "id": new_id(),
        "type_mime": nature(contenu),
        "contenu": contenu,
        "taille": len(contenu),
        "sha256": hashlib.sha256(contenu).hexdigest(),
        "publie_le": now(),
    }


async def livrer() -> None:
    """Enter the guides of this software; a version that is already there is left as it is."""
    async with database().transaction() as session:
        for fichier in sorted(LIVRES.glob("*.md")):
            contenu = fichier.read_bytes()
            entete = ENTETE.match(contenu.decode())
            if entete is None:
                raise ValueError(f"{fichier.name}: a title, then « Version … »")
            livre = valeurs(contenu, code=fichier.stem, titre=entete["titre"], version=entete["version"])
            await session.execute(insert(Document).values(**livre).on_conflict_do_nothing())


async def livrer_si_possible() -> None:
    """Do it at the start of a process: a database that is away waits for the next start."""
    with suppress(SQLAlchemyError, OSError):
        await livrer()


async def publier_document(
    session: AsyncSession, acteur: Acteur, depot: DocumentationDepot, document: dict[str, Any]
) -> Edition:
    """Publish a new version: it becomes the one that is given. Raises DejaExistant."""
    document = document | depot.model_dump()
    cree = await session.scalar(
        insert(Document).values(**document).on_conflict_do_nothing().returning(Document.id)
    )
    if cree is None:
        raise DejaExistant(champ="/version")
    await publier(session, acteur, "documentation.publiee", Objet("documentation", document["id"]))
    return Edition(**{cle: valeur for cle, valeur in document.items() if cle != "id"})


async def toutes(session: AsyncSession) -> list[Edition]:
    """Return every edition without its bytes, by code, the newest first."""
    await see(session, SYSTEM)
    documents = await session.scalars(
        select(Document).order_by(Document.publie_le.desc(), Document.id.desc())
    )
    editions = [_edition(document) for document in documents] + await _cgu(session)
    return sorted(editions, key=lambda edition: edition.code)


def dernieres(editions: Sequence[Edition]) -> list[Edition]:
    """Return the newest edition of each document."""
    par_code: dict[str, Edition] = {}
    for edition in editions:
        par_code.setdefault(edition.code, edition)
    return list(par_code.values())


async def une(session: AsyncSession, code: str, version: str | None) -> Edition:
    """Return one edition with its bytes; the newest without a version. Raises Introuvable."""
    await see(session, SYSTEM)
    if code == CGU:
        editions = [edition for edition in await _cgu(session) if version in {None, edition.version}]
        if not editions:
            raise Introuvable
        return editions[0]
    statement = select(Document).options(undefer(Document.contenu)).where(Document.code == code)
    if version is not None:
        statement = statement.where(Document.version == version)
    document = await session.scalar(
        statement.order_by(Document.publie_le.desc(), Document.id.desc()).limit(1)
    )
    if document is None:
        raise Introuvable
    return _edition(document, document.contenu or b"")


async def _cgu(session: AsyncSession) -> list[Edition]:
    """Return the versions of the CGU as documents: the text is the one that is accepted."""
    rows = await session.scalars(
        select(VersionCgu).where(VersionCgu.publiee_le <= func.now()).order_by(VersionCgu.publiee_le.desc())
    )
    return [
        Edition(
            code=CGU,
            titre="Conditions générales d'utilisation",
            version=row.version,
            type_mime=MARKDOWN,
            taille=len(contenu),
            sha256=hashlib.sha256(contenu).hexdigest(),
            publie_le=row.publiee_le,
            contenu=contenu,
        )
        for row in rows
        if (contenu := row.texte.encode())
    ]


def _edition(document: Document, contenu: bytes = b"") -> Edition:
    champs = ("code", "titre", "version", "type_mime", "taille", "sha256", "publie_le")
    return Edition(**{champ: getattr(document, champ) for champ in champs}, contenu=contenu)


def lire(edition: Edition) -> DocumentLu:
    return DocumentLu(
        code=edition.code,
        titre=edition.titre,
        version=edition.version,
        publie_le=edition.publie_le,
        taille=edition.taille,
        sha256=edition.sha256,
        type_mime=edition.type_mime,
        url=f"/v1/documentation/{edition.code}?version={edition.version}",
    )
