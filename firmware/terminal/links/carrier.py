"""Opens a route: the network or the modem carries it, TLS and MQTT are put on top as the route says."""

import asyncio

from terminal.constant import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.devices.modem import Dialler
    from terminal.hal.contract import Board, SecureStream, Stream
    from terminal.links.route import Route
    from terminal.links.settings import LinkSettings
    from terminal.system.config import Config

# Registration and the call, all steps of it.
_CALL_TIMEOUT_MS = const(90000)


class Carriers:
    """Makes streams of routes. What a terminal doesn't use (TLS, MQTT, modem) is never loaded.

    Args:
        board: has network, modem and certificates.
        config: terminal and timeouts.
        settings: parameters of the routes.
    """

    def __init__(self, board: "Board", config: "Config", settings: "LinkSettings") -> None:
        self.spare: "Stream | None" = None
        self.signal_dbm = 0
        self._board = board
        self._config = config
        self._settings = settings
        self._secure: "SecureStream | None" = None

    @property
    def refusal(self) -> str:
        """Why the last route's server was not trusted; empty where it was, or is not known yet."""
        return self._secure.refusal if self._secure else ""

    async def open(self, route: "Route", number: int) -> "Stream":
        """A stream of frames over the route, or over the carrier that `look_for` has found.

        Raises:
            OSError: there is no way, or somebody on it refuses.
            asyncio.TimeoutError: the connection was not made in time.
        """
        self._secure = None
        carrier, self.spare = self.spare, None
        if carrier is None:
            carrier = await self._carrier(route)
        stream = carrier
        opened = False
        try:
            if route.server_name:
                stream = self._secure = self._board.start_tls(carrier, route.server_name)
            elif route.over == "modem":
                from terminal.links.modem_call import CallStream  # noqa: PLC0415

                stream = CallStream(carrier)
            if route.mqtt:
                stream = await self._mqtt(stream, number)
            opened = True
        finally:
            if not opened:
                stream.close()
        return stream

    async def look_for(self, route: "Route") -> bool:
        """Whether something carries the route now; it is kept as `spare` for the next `open`."""
        try:
            self.spare = await self._carrier(route)
        except (OSError, asyncio.TimeoutError):
            return False
        return True

    async def _carrier(self, route: "Route") -> "Stream":
        if route.over == "modem":
            from terminal.links.modem_call import call  # noqa: PLC0415

            line: "Stream" = await self._board.open_device("modem")
            connected = False
            try:
                dialler: "Dialler" = await asyncio.wait_for(
                    call(line, route.host, route.port, self._settings.modem_apn), _CALL_TIMEOUT_MS / 1000
                )
                self.signal_dbm = dialler.signal_dbm
                connected = dialler.connected
                self._board.log("modem", step=dialler.step, signal_dbm=dialler.signal_dbm)
                if not connected:
                    raise OSError("no carrier")
            finally:
                if not connected:
                    line.close()
            return line
        return await asyncio.wait_for(
            self._board.open_link(route.host, route.port), self._config.connect_timeout_ms / 1000
        )

    async def _mqtt(self, stream: "Stream", number: int) -> "Stream":
        from terminal.links.mqtt_stream import MqttStream  # noqa: PLC0415

        settings = self._settings
        mqtt = MqttStream(
            stream,
            self._board,
            terminal_id=self._config.terminal_id,
            number=number,
            username=settings.mqtt_username,
            password=self._board.credential("mqtt_password_file"),
            keep_alive_s=settings.mqtt_keep_alive_s,
        )
        await asyncio.wait_for(mqtt.open(), self._config.response_timeout_ms / 1000)
        return mqtt
