"""The terminal on an ESP32-S3. The pin map is boards/esp32/pins.py, as arguments here."""

import machine
from esp32 import Partition

from terminal.hal.block_flash import BlockFlash
from terminal.hal.wifi import WifiBoard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_JOURNAL_BLOCKS = 28
_SETTINGS_BLOCKS = 4
_RING_BYTES = 512


def make(uarts: "Sequence[tuple[int, int, int, int, Sequence[str]]]", journal_partition: str) -> WifiBoard:
    """Build the board.

    Args:
        uarts: of each UART its number, the pins of its TX and RX, its speed, and the devices on it.
        journal_partition: label of a data partition of 128 KB; its last four blocks keep settings.

    Raises:
        OSError: a file or the partition is missing or damaged.
        ValueError: the settings or the key are not readable.
    """
    devices = {}
    for number, tx, rx, baud, names in uarts:
        uart = machine.UART(
            number, baudrate=baud, tx=tx, rx=rx, timeout=0, rxbuf=_RING_BYTES, txbuf=_RING_BYTES
        )
        for name in names:
            devices[name] = uart
    found = Partition.find(Partition.TYPE_DATA, label=journal_partition)
    if not found:
        raise OSError("no journal partition")
    journal = BlockFlash(found[0], 0, _JOURNAL_BLOCKS, 1)
    return WifiBoard("", journal, BlockFlash(found[0], _JOURNAL_BLOCKS, _SETTINGS_BLOCKS, 1), devices)
