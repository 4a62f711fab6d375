"""The host of the sandbox, run as a script: load the parsers once, then fork a child for each file."""

import importlib
import json
import os
import resource
import signal
import socket
import sys
from typing import Any, BinaryIO

DEADLINE = 20  # seconds, of the clock and of the processor
MEMORY = 1024**3  # bytes of address space


def main(module: str, control: int) -> None:
    """Serve until the process that started this one closes its end, or dies."""
    examiner = importlib.import_module(module).examiner
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no zombie: nobody waits for the children
    with socket.socket(fileno=control) as host:
        while True:
            message, descriptors, _, _ = socket.recv_fds(host, 1, 2)
            if not message:
                return
            if os.fork() == 0:
                host.close()
                look(examiner, *descriptors)
            for descriptor in descriptors:
                os.close(descriptor)


def look(examiner: Any, file: int, reply: int) -> None:
    """Examine a file and end: the alarm and the limits are the kernel's, they stop a parser written in C too."""
    signal.alarm(DEADLINE)
    resource.setrlimit(resource.RLIMIT_CPU, (DEADLINE, DEADLINE))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        opened: BinaryIO = os.fdopen(file, "rb")
        os.write(reply, json.dumps(examiner(opened)).encode())
    finally:
        os._exit(0)


if __name__ == "__main__":
    sys.path += sys.argv[3:]
    main(sys.argv[1], int(sys.argv[2]))
