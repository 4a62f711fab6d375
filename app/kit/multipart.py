"""A file that arrives: streamed to an anonymous file, bounded and hashed on the way, never whole in memory."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Self, cast

from fastapi import Request
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.config import settings

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

ENVELOPE = 65_536  # bytes: boundaries, headers and the small fields, beside the file
LONGEST_FIELD, MOST_PARTS = 1_000, 20  # bytes: more than any field takes
LONGEST_UPLOAD = 600  # seconds
CHUNK = 262_144


class TooBig(Exception):  # noqa: N818  # the fact
    """The file passes its bound."""


class Malformed(Exception):  # noqa: N818  # the fact
    """The body is not a whole multipart/form-data, or did not come whole in time."""


@dataclass(slots=True)
class Upload:
    """What came: `file` is None when there was none; `unknown` and `repeated` are names of fields."""

    file: IO[bytes] | None = None
    size: int = 0
    sha256: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.file:
            self.file.close()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Read the file from its beginning."""
        if self.file:
            self.file.seek(0)
            while chunk := await asyncio.to_thread(self.file.read, CHUNK):
                yield chunk


class Receiver:
    """The callbacks of the parser: one file under `name`, small text fields, the client's file name ignored."""

    def __init__(self, name: str, fields: Collection[str], most: int) -> None:
        self.name, self.known, self.most = name, fields, most
        self.upload, self.hash, self.whole = Upload(), hashlib.sha256(), False
        self.header, self.value, self.disposition = bytearray(), bytearray(), b""
        self.part, self.text, self.parts = "", bytearray(), 0

    def on_part_begin(self) -> None:
        self.parts += 1
        if self.parts > MOST_PARTS:
            raise Malformed
        self.part, self.disposition = "", b""
        self.text.clear()

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self.header += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self.value += data[start:end]

    def on_header_end(self) -> None:
        if self.header.lower() == b"content-disposition":
            self.disposition = bytes(self.value)
        self.header.clear()
        self.value.clear()

    def on_headers_finished(self) -> None:
        _, options = parse_options_header(self.disposition)
        self.part = options.get(b"name", b"").decode("utf-8", "replace")
        upload = self.upload
        if self.part not in {self.name, *self.known}:
            upload.unknown.append(self.part)
        elif self.part in upload.fields or (self.part == self.name and upload.file):
            upload.repeated.append(self.part)
        elif self.part == self.name:
            upload.file = anonymous()

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        upload = self.upload
        if self.part == self.name:
            if self.name in upload.repeated or upload.file is None:
                return
            upload.size += end - start
            if upload.size > self.most:
                raise TooBig
            piece = memoryview(data)[start:end]
            self.hash.update(piece)
            upload.file.write(piece)
        elif len(self.text) < LONGEST_FIELD:
            self.text += data[start:end]

    def on_part_end(self) -> None:
        if self.part in self.known and self.part not in self.upload.repeated:
            self.upload.fields[self.part] = self.text[:LONGEST_FIELD].decode("utf-8", "replace")

    def on_end(self) -> None:
        self.whole = True


def anonymous() -> IO[bytes]:
    """Open a file without a name, in a folder of this user alone: it is gone when it is closed, or when we die."""
    folder = settings().data_dir / "depots"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return tempfile.TemporaryFile(dir=folder)


async def receive(request: Request, name: str, fields: Collection[str], most: int) -> Upload:
    """Read a multipart/form-data body as it comes. Raises TooBig, Malformed; the file is the caller's to close."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data":
        return Upload()
    if _announced(request) > most + ENVELOPE:
        raise TooBig
    receiver = Receiver(name, fields, most)
    try:
        boundary = options.get(b"boundary", b"")
        parser = MultipartParser(boundary, _callbacks(receiver), max_size=most + ENVELOPE)
        async with asyncio.timeout(LONGEST_UPLOAD):
            async for chunk in request.stream():
                parser.write(chunk)
    except BaseException as error:
        receiver.upload.__exit__()
        if isinstance(error, HTTPException):  # the bound of the whole body, passed in one leap
            raise TooBig from None
        if isinstance(error, MultipartParseError | ClientDisconnect | TimeoutError | ValueError):
            raise Malformed from None
        raise
    if not receiver.whole:
        receiver.upload.__exit__()
        raise Malformed
    receiver.upload.sha256 = receiver.hash.hexdigest()
    return receiver.upload


def _callbacks(receiver: Receiver) -> "MultipartCallbacks":
    named = {name: getattr(receiver, name) for name in dir(receiver) if name.startswith("on_")}
    return cast("MultipartCallbacks", named)


def _announced(request: Request) -> int:
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0


async def drain(request: Request) -> None:
    """Read what a refused client still sends, within the bound of its body: once it has written, it reads why."""
    with suppress(
        ClientDisconnect, TimeoutError, HTTPException, RuntimeError
    ):  # the last: the body came whole
        async with asyncio.timeout(LONGEST_UPLOAD / 10):
            async for _ in request.stream():
                pass
