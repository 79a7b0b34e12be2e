"""The flash in which a terminal keeps its keys, as a key injection leaves it."""

import sys

from simulator.micropython_vm import FIRMWARE

if str(FIRMWARE) not in sys.path:
    sys.path.insert(0, str(FIRMWARE))

from terminal.security.dukpt import load_initial_key
from terminal.security.key_store import BLOCKS, PIN_STATE, TERMINAL_KEY, KeyStore

_BLOCK_BYTES = 4096


class _Flash:
    block_bytes = _BLOCK_BYTES
    block_count = BLOCKS

    def __init__(self) -> None:
        self.content = bytearray(b"\xff" * _BLOCK_BYTES * BLOCKS)

    def read(self, address: int, into: bytearray | memoryview) -> None:
        into[:] = self.content[address : address + len(into)]

    def program(self, address: int, data: bytes | bytearray | memoryview) -> None:
        self.content[address : address + len(data)] = data

    def erase(self, block: int) -> None:
        self.content[block * _BLOCK_BYTES : (block + 1) * _BLOCK_BYTES] = b"\xff" * _BLOCK_BYTES


def key_part(terminal_key: bytes, pin_key: tuple[bytes, bytes] | None = None) -> bytes:
    """The part's content.

    Args:
        terminal_key: 16 bytes.
        pin_key: initial DUKPT key and its id; without it nobody is asked for a PIN.
    """
    flash = _Flash()
    store = KeyStore(flash)
    store.clear_closed = True
    store.put(TERMINAL_KEY, bytearray(terminal_key))
    if pin_key is not None:
        store.put(PIN_STATE, load_initial_key(*pin_key))
    store.save()
    return bytes(flash.content)
