"""The terminal on QEMU's mps2-an385, an emulated Cortex-M3.

UART1 is the card readers, UART2 the front panel (keys in, display lines out), UART3 the printer, UART4 the
modem, a line that always leads to the switch; a technician's cable takes the printer's place. The board's 16
MB of PSRAM are a file of the host, which holds what a real board keeps in flash. QEMU protects nothing:
whoever can read the file has the keys.
"""

import os

import machine
import vfs
from uctypes import bytearray_at

from terminal.constant import const
from terminal.hal.microcontroller import Board, UartStream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import Stream

# The host's file, as firmware/rig/board_memory.py lays it out: the parts, a read-only file system with the
# settings and certificates, and in the last page the port's seed of random numbers.
_MEMORY = const(0x21000000)
_FILES = const(0xF00000)
_FILES_BYTES = const(0xFF000)
_BLOCK_BYTES = const(4096)
_BAUD = const(115200)
_PARTS = (("journal", 32), ("settings", 4), ("keys", 2), ("boot_log", 2), ("parameters", 2), ("slots", 192))
_SLOTS_BLOCK = const(42)


class MemoryFlash:
    """Lasting memory, from its block `first` on, as NOR flash. Every store is at once in the host's file."""

    block_bytes = _BLOCK_BYTES

    def __init__(self, first: int, block_count: int) -> None:
        self.block_count = block_count
        self._memory = memoryview(bytearray_at(_MEMORY + first * _BLOCK_BYTES, _BLOCK_BYTES * block_count))

    def read(self, address: int, into: bytearray | memoryview) -> None:
        """Fill `into` from `address`."""
        into[:] = self._part(address, len(into))

    def program(self, address: int, data: bytes | bytearray | memoryview) -> None:
        """Write over erased bytes."""
        part = self._part(address, len(data))
        for value in part:
            if value != 0xFF:
                raise OSError("flash is not erased")
        part[:] = data

    def erase(self, block: int) -> None:
        """Set one block to 0xFF, a piece at a time as a real one goes."""
        start = block * _BLOCK_BYTES
        blank = b"\xff" * 64
        for at in range(start, start + _BLOCK_BYTES, 64):
            self._part(at, 64)[:] = blank

    def _part(self, address: int, size: int) -> memoryview:
        if address < 0 or address + size > len(self._memory):
            raise OSError("past the end of the flash")
        return self._memory[address : address + size]


class QemuBoard(Board):
    """The emulated terminal."""

    async def open_link(self, host: str, port: int) -> "Stream":
        """The modem's line; the emulator was told where it leads."""
        stream = UartStream(self._uarts["modem"])
        stream.clear()
        return stream


def make() -> QemuBoard:
    """Build the board from what lies in its lasting memory.

    Raises:
        OSError: there are no files, or one is missing.
        ValueError: the settings are not readable.
    """
    if "board" not in os.listdir("/"):  # an image of a slot comes here a second time
        _mount(_FILES, _FILES_BYTES, "/board")
    readers, panel, printer, modem = (machine.UART(number, baudrate=_BAUD) for number in (1, 2, 3, 4))
    uarts = {"stripe": readers, "panel": panel, "lcd": panel, "printer": printer, "modem": modem}
    uarts["service"] = printer
    return QemuBoard("/board", MemoryFlash, _PARTS, uarts)


def mount_slot(offset: int, size: int) -> None:
    """Mount at /slot so many bytes of the part `slots`: their modules run where they lie."""
    _mount(_SLOTS_BLOCK * _BLOCK_BYTES + offset, size, "/slot")


def _mount(offset: int, size: int, place: str) -> None:
    vfs.mount(vfs.VfsRom(bytearray_at(_MEMORY + offset, size)), place)  # type: ignore[attr-defined]  # not in the stubs
