"""One connection to the partner's switch: cuts frames and hands them over."""

import asyncio
from typing import Protocol, cast

from protocol.faults import ProtocolFault
from protocol.framing import FrameDecoder

# What is in flight is bounded, and so is what the partner doesn't read; this is only where asyncio would ask
# us to pause.
_WRITE_BUFFER_BYTES = 16 << 20


class ConnectionOwner(Protocol):
    """Who is told what happens on a connection; by then it may have another one."""

    def on_connected(self, connection: "UpstreamConnection") -> None:
        """It is there, after the TLS handshake if it has TLS."""

    def on_payloads(self, connection: "UpstreamConnection", payloads: list[bytes]) -> None:
        """Whole payloads came in."""

    def on_lost(self, connection: "UpstreamConnection", reason: str) -> None:
        """It is gone."""


class UpstreamConnection(asyncio.Protocol):
    """A socket's life from connected to lost."""

    def __init__(self, owner: ConnectionOwner, frame_bytes_max: int) -> None:
        self._owner = owner
        self._decoder = FrameDecoder(frame_bytes_max)
        self._transport: asyncio.Transport | None = None
        self._reason = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=_WRITE_BUFFER_BYTES)
        self._owner.on_connected(self)

    def data_received(self, data: bytes) -> None:
        try:
            payloads = self._decoder.feed(data)
        except ProtocolFault as fault:
            self._reason = str(fault)
            self.abort()
            return
        if payloads:
            self._owner.on_payloads(self, payloads)

    def connection_lost(self, exc: Exception | None) -> None:
        self._owner.on_lost(self, self._reason or (type(exc).__name__ if exc else "closed by the partner"))

    def write(self, data: bytes) -> None:
        """Send bytes, unless the connection is closing."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def close(self) -> None:
        """Close once everything written is sent."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close now."""
        if self._transport is not None:
            self._transport.abort()
