"""The terminal on a Raspberry Pi Pico W or Pico 2 W. The pin map is boards/rp2/pins.py, as arguments here."""

import machine
import rp2
import vfs
from uctypes import bytearray_at

from terminal.hal.block_flash import BlockFlash
from terminal.hal.wifi import WifiBoard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from terminal.hal.block_flash import BlockDevice
    from terminal.hal.microcontroller import PartTable

_PAGE_BYTES = 256  # what flash_range_program of the RP2040's SDK takes
_RING_BYTES = 512


def make(
    uarts: "Sequence[tuple[int, int, int, int, Sequence[str]]]",
    first_block: int,
    parts: "PartTable",
    case_pin: "int | None" = None,
) -> WifiBoard:
    """Build the board.

    Args:
        uarts: of each UART its number, the pins of its TX and RX, its speed, and the devices on it.
        first_block: where the parts begin, in flash that no file system uses.
        parts: of the flash, see `PartTable`.
        case_pin: of the case's switch, which pulls it down while the case is closed.

    Raises:
        OSError: a file or a part is missing or damaged.
        ValueError: the settings are not readable.
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
    storage: "BlockDevice" = rp2.Flash()  # type: ignore[assignment]  # the stubs know no memoryview
    switch = None if case_pin is None else machine.Pin(case_pin, machine.Pin.IN, machine.Pin.PULL_UP)

    def flash(first: int, count: int) -> BlockFlash:
        return BlockFlash(storage, first_block + first, count, _PAGE_BYTES)

    return WifiBoard("", flash, parts, devices, switch)


def mount_slot(address: int, size: int) -> None:
    """Mount at /slot an image that lies in flash, which the processor sees from 0x10000000 on.

    Raises:
        OSError: this build of MicroPython has no read-only images (`MICROPY_HW_ROMFS_BYTES` is 0).
    """
    if not hasattr(vfs, "VfsRom"):
        raise OSError("no VfsRom")
    vfs.mount(vfs.VfsRom(bytearray_at(address, size)), "/slot")
