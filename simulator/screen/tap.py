"""A tap on the line between a terminal and its switch: it passes bytes on as they are, and tells messages."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from protocol.faults import ProtocolFault
from protocol.framing import FrameDecoder
from simulator.screen.wire import Direction

_READ_BYTES = 4096
_PAYLOAD_BYTES_MAX = 4096
_CONNECTIONS_MAX = 4
_CONNECT_TIMEOUT_S = 5.0

Heard = Callable[[Direction, bytes | ProtocolFault], None]


class Tap:
    """A port of the machine that leads to `switch`.

    Args:
        heard: told each payload, and once the fault after which a stream makes no sense any more.
        changed: told when a line comes up or goes down.
    """

    def __init__(self, switch: tuple[str, int], heard: Heard, changed: Callable[[], None]) -> None:
        self.port = 0
        self.is_cut = False
        self._switch = switch
        self._heard = heard
        self._changed = changed
        self._server: asyncio.Server | None = None
        self._lines: dict[asyncio.Task[None], list[asyncio.StreamWriter]] = {}

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        tasks = list(self._lines)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def is_up(self) -> bool:
        """Whether the terminal has a line to the switch."""
        return any(len(writers) > 1 for writers in self._lines.values())

    def cut(self) -> None:
        """Pull the plug: lines end, and new ones are reset, until `mend`."""
        self.is_cut = True
        for writers in self._lines.values():
            for writer in writers:
                writer.transport.abort()

    def mend(self) -> None:
        """Put the plug back."""
        self.is_cut = False

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_cut or len(self._lines) >= _CONNECTIONS_MAX:
            writer.transport.abort()
            return
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  (a handler runs in one)
        self._lines[task] = writers = [writer]
        try:
            async with asyncio.timeout(_CONNECT_TIMEOUT_S):
                there, back = await asyncio.open_connection(*self._switch)
            writers.append(back)
            self._changed()
            ways = (
                asyncio.create_task(self._pass_on(reader, back, Direction.SENT)),
                asyncio.create_task(self._pass_on(there, writer, Direction.RECEIVED)),
            )
            try:
                # When one side has gone, so has the line.
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            # No switch, a terminal that went away, or the end of the tap: the line ends, and that is all.
            pass
        finally:
            for each in writers:
                each.transport.abort()
            del self._lines[task]
            self._changed()

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: Direction
    ) -> None:
        decoder: FrameDecoder | None = FrameDecoder(max_frame_bytes=_PAYLOAD_BYTES_MAX)
        while data := await reader.read(_READ_BYTES):
            if decoder is not None:
                try:
                    for payload in decoder.feed(data):
                        if payload:
                            self._heard(direction, payload)
                except ProtocolFault as fault:
                    decoder = None
                    self._heard(direction, fault)
            writer.write(data)
            await writer.drain()
