"""Files that the pages load: read once, named by their bytes, cached for a year."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from fastapi import Request
from fastapi.responses import Response

from app.erreurs import Introuvable

HERE = Path(__file__).parent
SWAGGER_UI = "5.35.0"
TYPES = {".js": "text/javascript", ".css": "text/css", ".png": "image/png"}
WORTH_ZIPPING = 1024


@dataclass(frozen=True)
class Asset:
    content: bytes
    media_type: str

    @cached_property
    def zipped(self) -> bytes | None:
        """The bundle weighs 1.7 MB, 0.5 once compressed; a PNG gains nothing."""
        if self.media_type == "image/png" or len(self.content) < WORTH_ZIPPING:
            return None
        return gzip.compress(self.content, 6, mtime=0)


@dataclass(frozen=True)
class Shelf:
    """A closed set of files: a name that is not in it does not reach the disk."""

    prefix: str
    assets: dict[str, Asset]
    version: str

    def address(self, name: str) -> str:
        if name not in self.assets:
            raise KeyError(name)
        return f"{self.prefix}/{self.version}/{name}"

    def answer(self, request: Request, version: str, name: str) -> Response:
        """Return the file. Raises Introuvable: under another version it would be cached for a year."""
        asset = self.assets.get(name)
        if asset is None or version != self.version:
            raise Introuvable
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
        if asset.zipped and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(
                asset.zipped, media_type=asset.media_type, headers=headers | {"Content-Encoding": "gzip"}
            )
        return Response(asset.content, media_type=asset.media_type, headers=headers)


def shelf(prefix: str, label: str, *paths: str) -> Shelf:
    assets = {
        (path := HERE / relative).name: Asset(path.read_bytes(), TYPES[path.suffix]) for relative in paths
    }
    digest = hashlib.sha256(b"\0".join(asset.content for asset in assets.values())).hexdigest()
    return Shelf(prefix, assets, "-".join(filter(None, [label, digest[:12]])))


@lru_cache
def of_pages() -> Shelf:
    return shelf("/vitrine", "", "actifs/pages.css", "actifs/icone.png")


@lru_cache
def of_docs() -> Shelf:
    return shelf(
        "/docs",
        SWAGGER_UI,
        "swagger/swagger-ui-bundle.js",
        "swagger/swagger-ui.css",
        "swagger/favicon-32x32.png",
        "actifs/docs.css",
        "actifs/docs.js",
        "actifs/redirection.js",
    )
