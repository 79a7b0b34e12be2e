"""The terminal on QEMU's mps2-an385, an emulated Cortex-M3.

UART1 is the card readers, UART2 the front panel (keys in, display lines out), UART3 the printer, UART4 the
modem, a line that always leads to the switch. The board's 16 MB of PSRAM are a file of the host, which holds
what a real board keeps in flash. QEMU protects nothing: whoever can read the file has the key.
"""

import machine
import vfs
from uctypes import bytearray_at

from terminal.constant import const
from terminal.hal.microcontroller import Board, UartStream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import Stream

# The host's file, as firmware/rig/board_memory.py lays it out: the journal, what is set on the terminal, a
# read-only file system with the settings, the key and certificates, and in the last page the port's seed of
# random numbers.
_MEMORY = const(0x21000000)
_FILES = const(0xF00000)
_FILES_BYTES = const(0xFF000)
_BLOCK_BYTES = const(4096)
_BLOCK_COUNT = const(32)
_SETTINGS_BLOCKS = const(4)
_BAUD = const(115200)


class MemoryFlash:
    """Lasting memory, from its block `first` on, as NOR flash. Every store is at once in the host's file."""

    block_bytes = _BLOCK_BYTES

    def __init__(self, first: int = 0, block_count: int = _BLOCK_COUNT) -> None:
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
        ValueError: the settings or the key are not readable.
    """
    files = bytearray_at(_MEMORY + _FILES, _FILES_BYTES)
    vfs.mount(vfs.VfsRom(files), "/board")  # type: ignore[attr-defined]  # not in the stubs
    readers, panel, printer, modem = (machine.UART(number, baudrate=_BAUD) for number in (1, 2, 3, 4))
    uarts = {"stripe": readers, "panel": panel, "lcd": panel, "printer": printer, "modem": modem}
    return QemuBoard("/board", MemoryFlash(), MemoryFlash(_BLOCK_COUNT, _SETTINGS_BLOCKS), uarts)
