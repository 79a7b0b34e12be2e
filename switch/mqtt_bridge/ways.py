"""Terminals' ways through the bridge: messages in, frames to the switch, its frames back as messages.

A message on `vafa/<terminal>/request` holds whole frames; an empty one ends what the terminal had before.
What comes back goes to `vafa/<terminal>/reply`; an empty message there says that the switch has closed.
Messages of QoS 1 may come twice: the switch answers a repeat from its store, and the terminal drops an answer
that it has.
"""

import asyncio
import contextlib
import logging
import re
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from protocol.faults import ProtocolFault
from protocol.framing import FrameDecoder, frame

_LOG = logging.getLogger("switch.mqtt_bridge")

REQUESTS = "vafa/+/request"
_REQUEST_TOPIC = re.compile(r"vafa/([A-Za-z0-9]{1,8})/request")
_READ_BYTES = 4096

Publish = Callable[[str, bytes], Awaitable[None]]
Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most terminals at a time, messages of one that wait, and bytes of a frame."""

    terminals_max: int
    waiting_max: int
    frame_bytes_max: int


@dataclass(slots=True)
class Counters:
    """What became of messages: passed on, or dropped as no frames, as too many, as of no terminal."""

    requests: int = 0
    replies: int = 0
    malformed: int = 0
    overflows: int = 0
    strangers: int = 0


def whole_frames(message: bytes, frame_bytes_max: int) -> bool:
    """Whether a message is frames and nothing else, none of them too long."""
    decoder = FrameDecoder(frame_bytes_max)
    try:
        decoder.feed(message)
    except ProtocolFault:
        return False
    return decoder.pending_bytes == 0


def connector(host: str, port: int, tls: ssl.SSLContext | None, timeout_s: float) -> Connect:
    """Opens links to the switch, each within `timeout_s`; raises OSError (TimeoutError is one)."""

    async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        async with asyncio.timeout(timeout_s):
            return await asyncio.open_connection(host, port, ssl=tls)

    return connect


class Ways:
    """All terminals' links to the switch; each is a task that lives as long as its link.

    Args:
        connect: opens a link to the switch.
        publish: sends a message to the broker; raises OSError when it can't.
        bounds: of everything that waits.
    """

    def __init__(self, connect: Connect, publish: Publish, bounds: Bounds) -> None:
        self.counters = Counters()
        self._connect = connect
        self._publish = publish
        self._bounds = bounds
        self._waiting: dict[str, asyncio.Queue[bytes]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def take(self, topic: str, message: bytes) -> None:
        """Take a message from the broker; never waits. What can't be used is counted and dropped."""
        found = _REQUEST_TOPIC.fullmatch(topic)
        if found is None:
            self.counters.strangers += 1
            return
        terminal_id = found[1]
        if not message:
            self._end(terminal_id)
            return
        if not whole_frames(message, self._bounds.frame_bytes_max):
            self.counters.malformed += 1
            _LOG.warning("terminal %r sent no frames", terminal_id)
            return
        queue = self._waiting.get(terminal_id)
        if queue is None:
            if len(self._tasks) >= self._bounds.terminals_max:
                self.counters.overflows += 1
                _LOG.warning("no room for terminal %r", terminal_id)
                return
            queue = self._waiting[terminal_id] = asyncio.Queue(self._bounds.waiting_max)
            self._tasks[terminal_id] = asyncio.create_task(self._serve(terminal_id, queue))
        if queue.full():
            self.counters.overflows += 1
            _LOG.warning("terminal %r sends faster than it is served", terminal_id)
            return
        queue.put_nowait(message)

    async def close(self) -> None:
        """End all ways, without a word to the terminals."""
        for terminal_id in list(self._tasks):
            self._end(terminal_id)
        await asyncio.gather(*self._ending, return_exceptions=True)

    def _end(self, terminal_id: str) -> None:
        task = self._tasks.pop(terminal_id, None)
        self._waiting.pop(terminal_id, None)
        if task is not None:
            task.cancel()
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def _serve(self, terminal_id: str, queue: asyncio.Queue[bytes]) -> None:
        reply_topic = f"vafa/{terminal_id}/reply"
        try:
            await self._carry(reply_topic, queue)
        except (OSError, ProtocolFault) as fault:
            _LOG.warning("link of terminal %r: %s", terminal_id, type(fault).__name__)
        # Its own will to end has cancelled this task: then another may already have its place.
        self._tasks.pop(terminal_id, None)
        self._waiting.pop(terminal_id, None)
        with contextlib.suppress(OSError):
            await self._publish(reply_topic, b"")

    async def _carry(self, reply_topic: str, queue: asyncio.Queue[bytes]) -> None:
        reader, writer = await self._connect()
        try:
            sending = asyncio.create_task(self._send(queue, writer))
            try:
                await self._receive(reader, reply_topic)
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _send(self, queue: asyncio.Queue[bytes], writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                writer.write(await queue.get())
                await writer.drain()
                self.counters.requests += 1
        except OSError:
            writer.transport.abort()  # the reading side tells

    async def _receive(self, reader: asyncio.StreamReader, reply_topic: str) -> None:
        decoder = FrameDecoder(self._bounds.frame_bytes_max)
        while data := await reader.read(_READ_BYTES):
            for payload in decoder.feed(data):
                if payload:
                    await self._publish(reply_topic, frame(payload))
                    self.counters.replies += 1
