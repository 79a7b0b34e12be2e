"""The terminal on a Raspberry Pi Pico W or Pico 2 W. The pin map is boards/rp2/pins.py, as arguments here."""

import machine
import rp2

from terminal.hal.block_flash import BlockFlash
from terminal.hal.wifi import WifiBoard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from terminal.hal.block_flash import BlockDevice

_JOURNAL_BLOCKS = 28
_SETTINGS_BLOCKS = 4
_PAGE_BYTES = 256  # what flash_range_program of the RP2040's SDK takes
_RING_BYTES = 512


def make(uarts: "Sequence[tuple[int, int, int, int, Sequence[str]]]", journal_block: int) -> WifiBoard:
    """Build the board.

    Args:
        uarts: of each UART its number, the pins of its TX and RX, its speed, and the devices on it.
        journal_block: the first of 32 blocks of the flash that no file system uses; the last four are for
            what is set on the terminal.

    Raises:
        OSError: a file is missing or damaged.
        ValueError: the settings or the key are not readable.
    """
    devices = {}
    for number, tx, rx, baud, names in uarts:
        uart = machine.UART(
            number,
            baudrate=baud,
            tx=machine.Pin(tx),
            rx=machine.Pin(rx),
            timeout=0,
            rxbuf=_RING_BYTES,
            txbuf=_RING_BYTES,
        )
        for name in names:
            devices[name] = uart
    part: "BlockDevice" = rp2.Flash()  # type: ignore[assignment]  # the stubs know no memoryview
    journal = BlockFlash(part, journal_block, _JOURNAL_BLOCKS, _PAGE_BYTES)
    kept = BlockFlash(part, journal_block + _JOURNAL_BLOCKS, _SETTINGS_BLOCKS, _PAGE_BYTES)
    return WifiBoard("", journal, kept, devices)
