"""Both ways to a simulated PN532."""

from collections.abc import Callable

import pytest
from terminal.devices.contactless.serial_port import SerialPort
from terminal.devices.contactless.spi_port import SpiPort

from simulator.virtual_contactless import SpiBus, VirtualPn532
from tests.firmware.device_stream import DeviceStream

PORTS: dict[str, Callable[[VirtualPn532], SerialPort | SpiPort]] = {
    "serial": lambda device: SerialPort(DeviceStream(device)),
    "serial in single bytes": lambda device: SerialPort(DeviceStream(device, 1)),
    "spi": lambda device: SpiPort(SpiBus(device)),
}
every_port = pytest.mark.parametrize("port", PORTS.values(), ids=PORTS.keys())
SELECT = bytes.fromhex("00a4040007d276000085010100")


def echo(apdu: bytes) -> bytes:
    """A card that sends back what it is told."""
    return apdu + b"\x90\x00"
