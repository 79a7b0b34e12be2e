"""Connections between clients and the switch: frames get lost, come twice, late, in pieces, or never."""

from collections.abc import Callable
from random import Random
from typing import Protocol

from simulator.world.agenda import Agenda
from simulator.world.plan import Weather

_PIECE_DELAY_MS_MAX = 300
_NOTICE_DELAY_MS_MAX = 2_000


class Peer(Protocol):
    """One end of a connection."""

    def received(self, connection: "Connection", data: bytes) -> None:
        """Bytes came in."""

    def disconnected(self, connection: "Connection") -> None:
        """The connection is gone."""


class Listener(Protocol):
    """Who takes connections."""

    def accept(self, connection: "Connection") -> Peer | None:
        """The peer of a new connection; None where nobody listens."""


class _Way:
    """One direction of a connection."""

    def __init__(self, connection: "Connection", deliver: Callable[[bytes], None]) -> None:
        self._connection = connection
        self._deliver = deliver
        self._last_ms = 0
        self._held = b""

    def push(self, frame: bytes) -> None:
        """Send a frame through whatever the weather is."""
        network = self._connection.network
        weather, random = network.weather, network.random
        if network.is_out or random.randrange(1000) < weather.lost:
            return
        copies = 2 if random.randrange(1000) < weather.doubled else 1
        for _ in range(copies):
            delay_ms = random.randint(0, weather.delay_ms_max)
            if random.randrange(1000) < weather.long_delay:
                delay_ms += random.randint(0, weather.long_delay_ms_max)
            at_ms = network.agenda.now_ms + delay_ms
            if random.randrange(1000) >= weather.overtakes:
                at_ms = max(at_ms, self._last_ms)
            self._last_ms = max(at_ms, self._last_ms)
            network.agenda.after(at_ms - network.agenda.now_ms, lambda: self._arrive(frame))

    def _arrive(self, frame: bytes) -> None:
        if not self._connection.is_open:
            return
        network = self._connection.network
        random = network.random
        data, self._held = self._held + frame, b""
        if random.randrange(1000) < network.weather.cut:
            part = random.randint(0, len(data))
            if part:
                self._deliver(data[:part])
            self._connection.cut()
            return
        if random.randrange(1000) < network.weather.split:
            part = random.randint(0, len(data) - 1)
            data, self._held = data[:part], data[part:]
            network.agenda.after(random.randint(1, _PIECE_DELAY_MS_MAX), self._flush)
        if data:
            self._deliver(data)

    def _flush(self) -> None:
        data, self._held = self._held, b""
        if data and self._connection.is_open:
            self._deliver(data)


class Connection:
    """A connection of a client. Each end hears of its end in its own time."""

    def __init__(self, network: "Network", client: Peer, server: Peer | None) -> None:
        self.network = network
        self.is_open = True
        self._client = client
        self.server = server
        self._up = _Way(self, self._to_server)
        self._down = _Way(self, self._to_client)

    def send_up(self, frame: bytes) -> None:
        """From the client to the switch."""
        if self.is_open:
            self._up.push(frame)

    def send_down(self, frame: bytes) -> None:
        """From the switch to the client."""
        if self.is_open:
            self._down.push(frame)

    def cut(self) -> None:
        """Break it; both ends will notice."""
        if not self.is_open:
            return
        self.is_open = False
        network = self.network
        server = self.server
        network.tell("network: a connection was cut")
        network.agenda.after(
            network.random.randint(0, _NOTICE_DELAY_MS_MAX), lambda: self._client.disconnected(self)
        )
        if server is not None:
            network.agenda.after(
                network.random.randint(0, _NOTICE_DELAY_MS_MAX), lambda: server.disconnected(self)
            )

    def _to_server(self, data: bytes) -> None:
        if self.server is not None:
            self.server.received(self, data)

    def _to_client(self, data: bytes) -> None:
        self._client.received(self, data)


class Network:
    """All connections, and the weather they are in. `is_out`: everything vanishes without a word."""

    def __init__(self, agenda: Agenda, random: Random, weather: Weather, tell: Callable[[str], None]) -> None:
        self.agenda = agenda
        self.random = random
        self.weather = weather
        self.tell = tell
        self.is_out = False
        self.listener: Listener | None = None

    def connect(self, client: Peer) -> Connection | None:
        """A new connection to the switch, None where it can't be reached."""
        if self.is_out or self.listener is None or self.random.randrange(1000) < self.weather.refused:
            return None
        connection = Connection(self, client, None)
        connection.server = self.listener.accept(connection)
        return None if connection.server is None else connection
