"""A board that reaches the switch by Wi-Fi."""

import asyncio

import network

from terminal.constant import const
from terminal.hal.connections import connect
from terminal.hal.microcontroller import Board

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import Stream

_JOIN_POLL_MS = const(100)
_JOIN_POLLS = const(150)


class WifiBoard(Board):
    """Settings `wifi_name` and `wifi_key_file`."""

    async def open_link(self, host: str, port: int) -> "Stream":
        """Join the network where that is not done, then connect.

        Raises:
            OSError: the network does not take us, or there is no way to the host.
        """
        station = network.WLAN(network.STA_IF)
        station.active(True)
        if not station.isconnected():
            station.connect(str(self.settings["wifi_name"]), self.credential("wifi_key_file"))
            for _ in range(_JOIN_POLLS):
                await asyncio.sleep_ms(_JOIN_POLL_MS)
                if station.isconnected():
                    break
            else:
                station.disconnect()
                raise OSError("no network")
        return await connect(host, port)
