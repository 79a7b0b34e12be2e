"""The terminal on an ESP32-S3. The pin map is boards/esp32/pins.py, as arguments here."""

import machine
from esp32 import Partition

from terminal.hal.block_flash import BlockFlash
from terminal.hal.wifi import WifiBoard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from terminal.hal.microcontroller import PartTable

_RING_BYTES = 512


def make(
    uarts: "Sequence[tuple[int, int, int, int, Sequence[str]]]",
    partition: str,
    parts: "PartTable",
    case_pin: "int | None" = None,
) -> WifiBoard:
    """Build the board.

    Args:
        uarts: of each UART its number, the pins of its TX and RX, its speed, and the devices on it.
        partition: label of the data partition that has the parts.
        parts: of the flash, see `PartTable`.
        case_pin: of the case's switch, which pulls it down while the case is closed.

    Raises:
        OSError: a file, the partition or a part is missing or damaged.
        ValueError: the settings are not readable.
    """
    devices = {}
    for number, tx, rx, baud, names in uarts:
        uart = machine.UART(
            number, baudrate=baud, tx=tx, rx=rx, timeout=0, rxbuf=_RING_BYTES, txbuf=_RING_BYTES
        )
        for name in names:
            devices[name] = uart
    found = Partition.find(Partition.TYPE_DATA, label=partition)
    if not found:
        raise OSError("no partition for the terminal")
    switch = None if case_pin is None else machine.Pin(case_pin, machine.Pin.IN, machine.Pin.PULL_UP)

    def flash(first: int, count: int) -> BlockFlash:
        return BlockFlash(found[0], first, count, 1)

    return WifiBoard("", flash, parts, devices, switch)
