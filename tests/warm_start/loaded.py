"""A process that has loaded modules, and forks a program whenever it is asked to.

`python -m tests.warm_start.loaded FD MODULE...`; requests come on the socket FD, with the three streams of
the program.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

REQUEST_BYTES_MAX = 1 << 20
STANDARD_STREAMS = 3
_LENGTH_BYTES = 4


@dataclass(frozen=True, slots=True)
class Program:
    """What to run: a module as with `-m`, or a script; with its arguments, folder and environment."""

    module: str
    script: str
    arguments: list[str]
    directory: str
    environment: dict[str, str]
    new_session: bool

    def pack(self) -> bytes:
        """As a request is sent."""
        content = json.dumps({name: getattr(self, name) for name in self.__slots__}).encode()
        return len(content).to_bytes(_LENGTH_BYTES, "big") + content

    def run(self) -> None:
        """Be that program."""
        os.environ.clear()
        os.environ.update(self.environment)
        os.chdir(self.directory)
        if self.new_session:
            os.setsid()
        sys.argv = [self.script or self.module, *self.arguments]
        sys.path[0] = str(Path(self.script).parent) if self.script else self.directory
        if self.module:
            runpy.run_module(self.module, run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(self.script, run_name="__main__")


def _received(link: socket.socket) -> tuple[Program, list[int]] | None:
    head, streams, _, _ = socket.recv_fds(link, _LENGTH_BYTES, STANDARD_STREAMS)
    if not head:
        return None
    size = int.from_bytes(head, "big")
    content = b""
    while len(content) < size:
        content += link.recv(size - len(content))
    return Program(**cast("dict[str, Any]", json.loads(content))), streams


def _forked(link: socket.socket, streams: list[int]) -> bool:
    """Fork twice, so that the program has no parent here and becomes a child of the test's process.

    Returns True in the program.
    """
    heard, tells = os.pipe()
    between = os.fork()
    if not between:
        process = os.fork()
        if process:
            os.write(tells, process.to_bytes(_LENGTH_BYTES, "big"))
            os._exit(0)
        os.close(heard)
        os.close(tells)
        link.close()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        return True
    os.close(tells)
    # Told only when the one between is gone: then the program has its new parent.
    os.waitpid(between, 0)
    link.sendall(os.read(heard, _LENGTH_BYTES))
    os.close(heard)
    for stream in streams:
        os.close(stream)
    return False


def main(link: socket.socket, modules: list[str]) -> Program | None:
    """Serve until the test process is gone; returns what the process is to be after a fork."""
    gc.disable()
    for module in modules:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    while (received := _received(link)) is not None:
        program, streams = received
        if _forked(link, streams):
            gc.enable()
            return program
    return None


if __name__ == "__main__":
    program = main(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])
    if program is not None:
        program.run()
