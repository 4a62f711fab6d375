"""clamd, by its INSTREAM command: the bytes are sent as they come, nothing is written for it."""

import asyncio
from collections.abc import AsyncIterable
from urllib.parse import unquote, urlsplit

from app.config import settings

CONNECT, ANSWER = 3, 20  # seconds: past them the piece waits, and the next deposit does not
LONGEST_ANSWER = 4096
FOUND, CLEAN, AWAKE = b" FOUND", b"stream: OK", b"PONG"


class Unavailable(Exception):  # noqa: N818  # the fact
    """clamd does not answer, or answers that it could not look: nothing is known of the bytes."""


def configured() -> bool:
    return bool(settings().clamd_url)


async def infected(chunks: AsyncIterable[bytes]) -> bool:
    """Tell whether clamd finds something in a flow of bytes. Raises Unavailable."""
    try:
        async with asyncio.timeout(CONNECT):
            reader, writer = await _connect()
        try:
            async with asyncio.timeout(ANSWER):
                answer = await _ask(reader, writer, chunks)
        finally:
            writer.close()
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:  # TimeoutError too
        raise Unavailable from error
    if answer.endswith(FOUND):
        return True
    if answer != CLEAN:  # such as « INSTREAM size limit exceeded »
        raise Unavailable
    return False


async def ping() -> None:
    """Ask clamd whether it is awake; nothing is scanned. Raises Unavailable."""
    try:
        async with asyncio.timeout(CONNECT):
            reader, writer = await _connect()
            try:
                writer.write(b"zPING\0")
                answer = await reader.readuntil(b"\0")
            finally:
                writer.close()
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:  # TimeoutError too
        raise Unavailable from error
    if answer.rstrip(b"\0") != AWAKE:
        raise Unavailable


async def _connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    url = urlsplit(settings().clamd_url)
    if url.scheme == "unix":
        return await asyncio.open_unix_connection(unquote(url.path), limit=LONGEST_ANSWER)
    return await asyncio.open_connection(url.hostname, url.port or 3310, limit=LONGEST_ANSWER)


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, chunks: AsyncIterable[bytes]
) -> bytes:
    writer.write(b"zINSTREAM\0")
    async for chunk in chunks:
        if chunk:  # an empty one would end the flow
            writer.write(len(chunk).to_bytes(4, "big") + chunk)
            await writer.drain()
    writer.write(bytes(4))
    await writer.drain()
    return (await reader.readuntil(b"\0")).rstrip(b"\0")
