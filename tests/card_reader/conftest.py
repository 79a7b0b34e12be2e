"""A real PC/SC service with a virtual reader, in which our virtual card lies."""

import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from smartcard import scard

from simulator.virtual_card.application import CardApplication
from simulator.virtual_card.vpcd import insert, serve

DRIVER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
SERVICE_SOCKET = Path("/run/pcscd/pcscd.comm")
READER = "Virtual PCD 00 00"
# The service looks for cards about once a second.
PATIENCE_S = 15.0


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Wait until it holds."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def vafa_card(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run `vafa card`."""
    command = [sys.executable, "-m", "tools.cli", "card", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)


def changes() -> int:
    """How often the service has seen a card come or go (the upper half of a state, as pcsc-lite has it).

    That a card is there or not is not enough to wait for: when one is torn out, the service says so at once,
    but until it has looked for itself it would take the next card for the same one, and never power it.
    """
    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    try:
        _, told = scard.SCardGetStatusChange(context, 0, [(READER, scard.SCARD_STATE_UNAWARE)])
        return int(told[0][1]) >> 16
    finally:
        scard.SCardReleaseContext(context)


@pytest.fixture(scope="session")
def reader_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of the virtual reader; the service runs as long as the tests."""
    assert not SERVICE_SOCKET.exists(), f"stop the PC/SC service that is running ({SERVICE_SOCKET})"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("readers")
    device = f'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:{port:#x}\n'
    (folder / "vpcd").write_text(f"{device}LIBPATH {DRIVER}\nCHANNELID {port:#x}\n", "ascii")
    SERVICE_SOCKET.parent.mkdir(exist_ok=True)
    program = shutil.which("pcscd")
    assert program is not None
    with subprocess.Popen([program, "--foreground", "--config", folder]) as service:
        try:
            wait_for(lambda: READER in vafa_card("readers").stdout, "no virtual reader")
            yield port
        finally:
            service.terminate()
            service.wait(PATIENCE_S)


class Reader:
    """The virtual reader."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._line: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._seen = 0

    def put_in(self, card: CardApplication) -> None:
        """Insert a card and wait until the service has seen it."""
        self._seen = changes() + 1
        self._line = insert(self._port)
        self._thread = threading.Thread(target=serve, args=(card, self._line))
        self._thread.start()
        wait_for(lambda: changes() == self._seen, "the card was not seen")

    def pull_out(self) -> None:
        """Take it out and wait until the service has seen that."""
        if self._thread is None or self._line is None:
            return
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE_S)
        self._thread = self._line = None
        wait_for(lambda: changes() == self._seen + 1, "the card was still seen")


@pytest.fixture
def reader(reader_port: int) -> Iterator[Reader]:
    """The reader, empty before and after."""
    found = Reader(reader_port)
    yield found
    found.pull_out()
