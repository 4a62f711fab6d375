"""Where files are: a folder or an S3 bucket, by EP_STORAGE_URL. Names are identifiers, contents are sealed."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from app.config import settings

PUBLIC = "public-"  # what is no piece: in clear, named by its own digest, never swept
PART = 5 * 1024 * 1024  # the smallest part that S3 takes


class Unreachable(Exception):  # noqa: N818  # the fact
    """The store does not answer, or refuses."""


class Absent(Exception):  # noqa: N818  # the fact
    """The store answers, and has no object of this name."""


def folder() -> Path | None:
    """Return the folder of a `file://` store, made for this user alone; None on S3."""
    url = urlsplit(settings().storage_url)
    if url.scheme == "s3":
        return None
    if url.scheme not in {"", "file"}:
        raise ValueError("EP_STORAGE_URL is file:///… or s3://…")
    path = Path(unquote(url.path)) if url.path else settings().data_dir / "pieces"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path.resolve()


@lru_cache
def store() -> LocalStore | S3Store:
    """Return the store; S3 takes its endpoint and credentials from the usual AWS_* variables."""
    local = folder()
    return LocalStore(prefix=local) if local else S3Store.from_url(settings().storage_url)


async def put(name: str, chunks: AsyncIterable[bytes]) -> None:
    """Write an object whole, or not at all; on return it would survive a power cut. Raises Unreachable."""
    try:
        await obstore.put_async(store(), name, chunks, chunk_size=PART, max_concurrency=1)
        if local := folder():
            await asyncio.to_thread(_flush, local, name)
    except (BaseError, OSError) as error:
        raise Unreachable from error


def _flush(local: Path, name: str) -> None:
    """Bring a file and its place in the folder to the disk: a rename alone may be lost."""
    for path in (local / name, local):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


async def ping() -> None:
    """Ask whether the store would take an object now; nothing is left there. Raises Unreachable."""
    try:
        if local := folder():
            await asyncio.to_thread(_try, local)
        else:  # a name that nobody has: an empty list, and an error when there is no bucket
            await obstore.list_with_delimiter_async(store(), "ping/")
    except (BaseError, OSError) as error:
        raise Unreachable from error


def _try(local: Path) -> None:
    with tempfile.TemporaryFile(dir=local) as file:
        file.write(bytes(PART // 1024))
        file.flush()


async def opened(name: str) -> AsyncIterator[bytes]:
    """Return the flow of an object's bytes. Raises Absent, Unreachable."""
    try:
        result = await obstore.get_async(store(), name)
    except FileNotFoundError:
        raise Absent from None
    except (BaseError, OSError) as error:
        raise Unreachable from error
    return _bytes_of(result.stream(min_chunk_size=PART // 5))


async def _bytes_of(stream: "obstore.BytesStream") -> AsyncIterator[bytes]:
    try:
        async for chunk in stream:
            yield bytes(chunk)
    except (BaseError, OSError) as error:
        raise Unreachable from error


async def delete(name: str) -> None:
    """Delete an object; one that is not there is deleted already. Raises Unreachable."""
    try:
        with suppress(FileNotFoundError):
            await obstore.delete_async(store(), name)
    except (BaseError, OSError) as error:
        raise Unreachable from error


async def listed() -> AsyncIterator[tuple[str, datetime]]:
    """Yield (name, last change) of every object. Raises Unreachable."""
    try:
        async for batch in obstore.list(store(), chunk_size=1000):
            for item in batch:
                yield item["path"], item["last_modified"]
    except (BaseError, OSError) as error:
        raise Unreachable from error


def clear_unfinished(before: datetime) -> int:
    """Delete what writes that a death cut left in the folder; a bucket does it by its own lifecycle rule."""
    cleared, local = 0, folder()
    for path in local.glob("*#*") if local else ():
        with suppress(FileNotFoundError):
            if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
                path.unlink()
                cleared += 1
    return cleared
