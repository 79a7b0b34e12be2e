"""TCP connections as streams: one object for both ways, closed whatever becomes of them."""

import asyncio
import errno

from terminal.constant import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class _Stream(Protocol):
        """What MicroPython's `StreamReader` really is."""

        async def readinto(self, buffer: bytearray | memoryview) -> int | None: ...
        def write(self, data: bytes | bytearray | memoryview) -> None: ...
        async def drain(self) -> None: ...

    class Raw(Protocol):
        """What can be polled, read and written without waiting."""

        def close(self) -> None: ...


_IPPROTO_TCP = const(6)
_TCP_NODELAY = const(1)
_CONNECT_POLL_MS = const(2)


class Connection:
    """MicroPython's stream over `raw`. Nobody may be waiting on it when it is closed."""

    def __init__(self, raw: "Raw") -> None:
        self.raw = raw
        self._stream: "_Stream" = asyncio.StreamReader(raw)  # type: ignore[assignment]  # the stubs have CPython's

    async def readinto(self, buffer: bytearray | memoryview) -> int:
        """Read what is there, at least one byte; 0 means the other end closed."""
        while True:
            count = await self._stream.readinto(buffer)
            if count is not None:  # None: TLS wants the rest of its record, or shook hands
                return count

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send `data`, and queue what can't go yet."""
        self._stream.write(data)

    async def drain(self) -> None:
        """Wait until everything queued has been handed over."""
        await self._stream.drain()

    def close(self) -> None:
        """Let go of the connection."""
        self.raw.close()


async def connect(host: str, port: int) -> Connection:
    """Connect; a refusal shows at the first read or write.

    Raises:
        OSError: the name is unknown, or there is no way to it.
    """
    import select  # noqa: PLC0415  (a board that has only a modem has no sockets)
    import socket  # noqa: PLC0415

    family, kind, protocol, _, address = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0]
    connecting = socket.socket(family, kind, protocol)
    connected = False
    try:
        connecting.setblocking(False)
        # A slip is many short writes; waiting for their acknowledgements would cost 40 ms each time.
        connecting.setsockopt(_IPPROTO_TCP, _TCP_NODELAY, 1)
        try:
            connecting.connect(address)
        except OSError as fault:
            if fault.errno != errno.EINPROGRESS:
                raise
        poller = select.poll()
        poller.register(connecting, select.POLLOUT)
        while not poller.poll(0):
            await asyncio.sleep_ms(_CONNECT_POLL_MS)
        connected = True
    finally:
        # Also where the caller's patience ends: nobody else would close it.
        if not connected:
            connecting.close()
    return Connection(connecting)
