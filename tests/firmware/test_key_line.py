"""What a technician's line may bring: any bytes are answered, and none of them tells a key."""

import pty
import threading
import tty
from os import close, read, write
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from terminal.security.key_injection import KeyInjection
from terminal.security.key_line import KeyLine
from terminal.security.key_store import TRANSPORT_KEY, KeyStore

from tests.firmware.nor_flash import NorFlash
from tools.keys.connection import over_line
from tools.keys.injection import inject, status_of
from tools.keys.package import make_package, new_components, sum_of

KEY = bytes(range(0x40, 0x60))
MASTER = bytes(range(32))
NAME = "VAFA0001"
_WORDS = st.sampled_from(
    [
        b"status",
        b"component ",
        b"combine ",
        b"terminal ",
        b"transport ",
        b"block D0144",
        b"close",
        b"reopen",
        b"\n",
    ]
)
_HEX = st.binary(max_size=40).map(lambda data: data.hex().encode())


def line_of(flash: NorFlash, told: list[str]) -> KeyLine:
    store = KeyStore(flash)

    def log(event: str, **fields: object) -> None:
        told.append(f"{event} {fields}")

    return KeyLine(KeyInjection(store, log), store, NAME, lambda: False)


@given(st.lists(st.one_of(st.binary(max_size=40), _WORDS, _HEX), max_size=40), st.integers(1, 64))
def test_any_bytes_are_answered(pieces: list[bytes], chunk_bytes: int) -> None:
    flash = NorFlash(2048, 2)
    store = KeyStore(flash)
    store.put(TRANSPORT_KEY, bytearray(KEY))
    store.save()
    told: list[str] = []
    line = line_of(flash, told)
    sent = b"".join(pieces)
    answers = b""
    for at in range(0, len(sent), chunk_bytes):
        answers += b"".join(line.feed(bytearray(sent[at : at + chunk_bytes])))
    assert answers.count(b"\n") == sent.count(b"\n")
    assert all(answer.startswith((b"ok ", b"refused ")) for answer in answers.splitlines())
    assert KEY.hex() not in answers.decode() + str(told)


class Terminal(threading.Thread):
    """A terminal in service at the other end of a serial line, which is noisy at first."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(daemon=True)
        self.line = line_of(NorFlash(2048, 2), [])
        self._descriptor = descriptor

    def run(self) -> None:
        write(self._descriptor, b"\x00\xffok\x80noise\r\n")
        while not self.line.is_done:
            for answer in self.line.feed(bytearray(read(self._descriptor, 100))):
                write(self._descriptor, answer)


def test_a_ceremony_over_a_serial_line() -> None:
    ours, theirs = pty.openpty()
    try:
        tty.setraw(theirs)
        terminal = Terminal(ours)
        terminal.start()
        components = new_components(3)
        package = make_package(MASTER, NAME, 1, sum_of(components))
        told: list[str] = []
        with over_line(Path(f"/dev/fd/{theirs}"), 10) as ask:
            inject(ask, package, lambda: components, told.append)
        terminal.join(10)
        assert told[-1] == f"pin key {package.keys[1].check_value}"
        assert f"transport key {package.transport_check_value}" in told
        # Another package under the same transport key wants no components.
        again = line_of(terminal.line._store._flash, [])

        def ask_again(text: str) -> str:
            (answer,) = again.feed(bytearray(text.encode() + b"\n"))
            return str(answer.decode().strip())

        def none() -> list[bytes]:
            raise AssertionError("asked for components")

        inject(ask_again, make_package(MASTER, NAME, 2, sum_of(components)), none, told.append)
        assert status_of(ask_again).terminal == make_package(MASTER, NAME, 2, KEY).keys[0].check_value
    finally:
        close(ours)
        close(theirs)
