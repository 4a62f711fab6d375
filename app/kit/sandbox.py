"""A look into a hostile file, in a process that holds no secret, with a deadline that the kernel keeps.

Each process of the API has one host (`app.kit.sandbox_host`), which has loaded the parsers and forks a child for
each file: a parser that hangs, swells or crashes takes its child with it and nothing else.
"""

import asyncio
import json
import socket
import subprocess
import sys
from typing import Any

from app.kit import sandbox_host

MARGIN = 5  # seconds past the child's own deadline, for a machine that is busy


class Sandbox:
    """`module` has the function `examiner(file) -> dict`, in JSON; `places` are more folders to find it in."""

    def __init__(self, module: str, *places: str) -> None:
        self.module, self.places = module, places
        self._control: socket.socket | None = None
        self._host: subprocess.Popen[bytes] | None = None

    async def look(self, file: int) -> dict[str, Any] | None:
        """Return what the child says of an open file; None when it died or was too long."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._send([file, theirs.fileno()])
            except BaseException:
                ours.close()
                raise
        said = await _read_whole(ours)
        return dict(json.loads(said)) if said else None

    def _send(self, descriptors: list[int]) -> None:
        """Hand descriptors to the host; one that died is started again."""
        for last in (False, True):
            try:
                socket.send_fds(self._control or self._start(), [b"?"], descriptors)
            except OSError:
                self.stop()
                if last:
                    raise
            else:
                return

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [
            sys.executable,
            "-I",
            "-B",
            sandbox_host.__file__,
            self.module,
            str(theirs.fileno()),
            *self.places,
        ]
        with theirs:
            self._host = subprocess.Popen(  # noqa: S603  # our own words
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
                pass_fds=(theirs.fileno(),),
                process_group=0,  # a Ctrl-C is not for it: it ends with the socket
            )
        self._control = ours
        return ours

    def stop(self) -> None:
        if self._control and self._host:
            self._control.close()
            self._host.terminate()
            self._host.wait()
        self._control = self._host = None


async def _read_whole(reply: socket.socket) -> bytes:
    """Read to the end.

    A socket, not a pipe: uvloop closes the descriptor of a file object twice, the second time maybe somebody else's.
    """
    reader, writer = await asyncio.open_connection(sock=reply)
    try:
        async with asyncio.timeout(sandbox_host.DEADLINE + MARGIN):
            return await reader.read()
    except TimeoutError:
        return b""
    finally:
        writer.close()
