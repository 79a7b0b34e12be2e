"""An MQTT connection that looks like the stream of frames that it carries."""

import asyncio

from terminal.constant import const
from terminal.links.mqtt import PAYLOAD_LIMIT, MqttSession
from terminal.links.mqtt_packet import MqttFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import Board, Stream

_TICK_MS = const(250)


class MqttStream:
    """What is written goes out as one message at `drain`; a message that comes in is read.

    Args:
        stream: to the broker.
        board: clock and log.
        terminal_id: of the topics.
        number: the route's, which tells the connections of one terminal apart.
        username: empty for none.
        password: likewise.
        keep_alive_s: the longest silence of ours.
    """

    def __init__(
        self,
        stream: "Stream",
        board: "Board",
        *,
        terminal_id: str,
        number: int,
        username: str,
        password: str,
        keep_alive_s: int,
    ) -> None:
        self._stream = stream
        self._board = board
        self._session = MqttSession(
            terminal_id,
            "vafa-%s-%d" % (terminal_id, number),
            username=username,
            password=password,
            keep_alive_s=keep_alive_s,
            ticks_ms=board.ticks_ms,
            ticks_since=board.ticks_since,
        )
        self._input = bytearray(256)
        self._written = bytearray()
        self._arrived = b""
        self._taken = 0
        self._messages: "list[bytes]" = []
        # Two tasks that drain one stream at once would send its queue twice.
        self._sending = asyncio.Lock()
        self._stirred = asyncio.Event()
        self._ended = False
        self._tasks: "list[asyncio.Task[None]]" = []

    async def open(self) -> None:
        """Connect and subscribe, and end what an earlier connection may have left.

        Raises:
            OSError: the broker refuses or goes away.
        """
        while not self._session.ready:
            await self._flush()
            if not await self._receive():
                raise OSError("broker closed")
        self._messages = []
        await self._publish(b"")
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._tick())]

    async def readinto(self, buffer: "bytearray | memoryview") -> int:
        """Read from the messages; 0 when the broker or the other end is through."""
        while self._taken == len(self._arrived):
            while not self._messages:
                if self._ended:
                    return 0
                await self._stirred.wait()
                self._stirred.clear()
            self._arrived = self._messages.pop(0)
            self._taken = 0
            if not self._arrived:
                self._ended = True
        count = min(len(buffer), len(self._arrived) - self._taken)
        buffer[:count] = self._arrived[self._taken : self._taken + count]
        self._taken += count
        return count

    def write(self, data: "bytes | bytearray | memoryview") -> None:
        """Queue whole frames."""
        if len(self._written) + len(data) > PAYLOAD_LIMIT:
            raise OSError("too much for a message")
        self._written.extend(data)

    async def drain(self) -> None:
        """Send what was queued."""
        if self._written:
            frames, self._written = self._written, bytearray()
            await self._publish(frames)

    def close(self) -> None:
        """Let go of the broker, whose will of ours ends the rest."""
        for task in self._tasks:
            task.cancel()
        self._stream.close()

    async def _publish(self, frames: "bytes | bytearray") -> None:
        try:
            self._session.publish(frames)
        except MqttFault as fault:
            raise self._told(fault)  # noqa: B904
        await self._flush()

    async def _receive(self) -> bool:
        count = await self._stream.readinto(self._input)
        if count:
            try:
                self._messages.extend(self._session.take(memoryview(self._input)[:count]))
            except MqttFault as fault:
                raise self._told(fault)  # noqa: B904
        return count > 0

    async def _flush(self) -> None:
        outgoing = self._session.outgoing
        async with self._sending:
            while outgoing:
                self._stream.write(outgoing.pop(0))
                await self._stream.drain()

    async def _read(self) -> None:
        try:
            while await self._receive():
                if self._messages:
                    self._stirred.set()
                await self._flush()
        except OSError:
            pass
        self._end()

    async def _tick(self) -> None:
        try:
            while True:
                await asyncio.sleep_ms(_TICK_MS)
                self._session.tick()
                await self._flush()
        except MqttFault as fault:
            self._told(fault)
        except OSError:
            pass
        self._end()

    def _end(self) -> None:
        self._ended = True
        self._stirred.set()

    def _told(self, fault: MqttFault) -> OSError:
        self._board.log("mqtt_failed", reason=fault.reason)
        return OSError("mqtt")
