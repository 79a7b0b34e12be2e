"""The terminal on an STM32 board with SPI flash, as the Pyboard D. The pin map is boards/stm32/pins.py."""

import machine
import pyb

from terminal.hal.block_flash import BlockFlash
from terminal.hal.microcontroller import ModemBoard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from terminal.hal.block_flash import BlockDevice

_JOURNAL_BLOCKS = 28
_SETTINGS_BLOCKS = 4
_JOURNAL_BYTES = 32 * 4096
_RING_BYTES = 512


def make(uarts: "Sequence[tuple[int, int, Sequence[str]]]", journal_address: int) -> ModemBoard:
    """Build the board.

    Args:
        uarts: of each UART its number, its speed, and the devices on it; its pins are the board's.
        journal_address: where in the board's storage 128 KB begin that no file system uses; the last 16 are
            for what is set on the terminal.

    Raises:
        OSError: a file is missing or damaged, or the flash is the processor's own and not SPI flash.
        ValueError: the settings or the key are not readable, or the address is none.
    """
    devices = {}
    for number, baud, names in uarts:
        uart = machine.UART(number, baud, timeout=0, rxbuf=_RING_BYTES)
        for name in names:
            devices[name] = uart
    part: "BlockDevice" = pyb.Flash(start=journal_address, len=_JOURNAL_BYTES)  # type: ignore[assignment]  # as in rp2
    journal = BlockFlash(part, 0, _JOURNAL_BLOCKS, 1)
    return ModemBoard("/flash", journal, BlockFlash(part, _JOURNAL_BLOCKS, _SETTINGS_BLOCKS, 1), devices)
