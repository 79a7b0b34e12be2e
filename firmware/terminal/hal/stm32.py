"""The terminal on an STM32 board with SPI flash, as the Pyboard D. The pin map is boards/stm32/pins.py."""

import machine
import pyb

from terminal.hal.block_flash import BlockFlash
from terminal.hal.microcontroller import ModemBoard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from terminal.hal.block_flash import BlockDevice
    from terminal.hal.microcontroller import PartTable

_BLOCK_BYTES = 4096
_RING_BYTES = 512


def make(
    uarts: "Sequence[tuple[int, int, Sequence[str]]]",
    address: int,
    parts: "PartTable",
    case_pin: "str | None" = None,
) -> ModemBoard:
    """Build the board.

    Args:
        uarts: of each UART its number, its speed, and the devices on it; its pins are the board's.
        address: where in the board's storage the parts begin, in flash that no file system uses.
        parts: of the flash, see `PartTable`.
        case_pin: of the case's switch, which pulls it down while the case is closed.

    Raises:
        OSError: a file or a part is missing or damaged, or the flash is the processor's own, not SPI flash.
        ValueError: the settings are not readable, or the address is none.
    """
    devices = {}
    for number, baud, names in uarts:
        uart = machine.UART(number, baud, timeout=0, rxbuf=_RING_BYTES)
        for name in names:
            devices[name] = uart
    size = sum(count for _, count in parts) * _BLOCK_BYTES
    storage: "BlockDevice" = pyb.Flash(start=address, len=size)  # type: ignore[assignment]  # as in rp2
    switch = None if case_pin is None else machine.Pin(case_pin, machine.Pin.IN, machine.Pin.PULL_UP)

    def flash(first: int, count: int) -> BlockFlash:
        return BlockFlash(storage, first, count, 1)

    return ModemBoard("/flash", flash, parts, devices, switch)
