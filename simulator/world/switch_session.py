"""The simulated switch's end of one connection."""

from collections import deque
from typing import Protocol

from protocol.framing import FrameDecoder
from simulator.world.network import Connection
from switch.gate.link import LinkState

_FRAME_BYTES_MAX = 1024


class Machine(Protocol):
    """What a session tells of."""

    def take(self, session: "Session", data: bytes) -> None:
        """Bytes came in."""

    def forget(self, session: "Session") -> None:
        """The connection is gone."""


class Session:
    """The switch's end of a connection."""

    def __init__(self, machine: Machine, connection: Connection, now_s: float) -> None:
        self._machine = machine
        self.connection = connection
        self.state = LinkState(now_s)
        self.decoder = FrameDecoder(_FRAME_BYTES_MAX)
        self.inbox: deque[bytes] = deque()

    def received(self, _connection: Connection, data: bytes) -> None:
        """Bytes of the client."""
        self._machine.take(self, data)

    def disconnected(self, _connection: Connection) -> None:
        """The connection is gone; what came in whole is still served."""
        self._machine.forget(self)
