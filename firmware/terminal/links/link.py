"""The connection to the switch: connect, sign on, keep alive, exchange one message at a time."""

import asyncio

from terminal.links.backoff import Backoff
from terminal.links.framing import FrameFault, FrameParser, frame
from terminal.links.matching import Rejected, read_answer
from terminal.messages import tlv
from terminal.messages.codec import pack
from terminal.transactions import events, request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.hal.contract import Board, Stream
    from terminal.system.clock import Clock
    from terminal.system.config import Config
    from terminal.transactions.request import Fields

_FIRMWARE_TAG = 0xDF0A
_SWITCH_TIME_TAG = 0xDF0B
_SIGN_ON = "001"
_ECHO = "301"


class Link:
    """The one link of this terminal.

    Args:
        board: opens the stream, gives random numbers and the key slot.
        config: address and timeouts.
        clock: set from the switch's time at sign-on.
        next_stan: gives trace numbers.
        notify: told `events.ONLINE` after sign-on and `events.OFFLINE` when the link is lost.
        version: the firmware's name, sent at sign-on.
    """

    def __init__(
        self,
        board: "Board",
        config: "Config",
        clock: "Clock",
        *,
        next_stan: "Callable[[], int]",
        notify: "Callable[[int], None]",
        version: str,
    ) -> None:
        self.dropped: "dict[str, int]" = {}
        self._board = board
        self._config = config
        self._clock = clock
        self._next_stan = next_stan
        self._notify = notify
        self._version = version
        self._backoff = Backoff(config.backoff_first_ms, config.backoff_limit_ms, board.random)
        self._buffer = bytearray(128)
        self._input = bytearray(256)
        self._stream: "Stream | None" = None
        self._turn = asyncio.Lock()
        self._settled = asyncio.Event()
        self._down = asyncio.Event()
        self._waiting: "tuple[str, Fields] | None" = None
        self._answer: "tuple[bytes, str, Fields] | None" = None
        self._online = False

    async def run(self) -> None:
        """Hold the link for ever."""
        while True:
            await self._session()
            await asyncio.sleep_ms(self._backoff.wait_ms())

    async def _session(self) -> None:
        config = self._config
        try:
            stream: "Stream" = await asyncio.wait_for(
                self._board.open_link(config.switch_host, config.switch_port),
                config.connect_timeout_ms / 1000,
            )
        except (OSError, asyncio.TimeoutError):
            self._board.log("link_failed", phase="connect")
            return
        self._stream = stream
        self._down.clear()
        receiver = asyncio.create_task(self._receive(stream))
        try:
            if await self._sign_on():
                self._backoff.succeeded()
                self._online = True
                self._notify(events.ONLINE)
                await self._keep_alive()
            else:
                self._board.log("link_failed", phase="sign_on")
        finally:
            self._stream = None
            receiver.cancel()
            # The task must have left the poller before its descriptor is closed.
            await asyncio.sleep_ms(0)
            stream.close()
            self._lost()

    async def _sign_on(self) -> bool:
        fields = request.network(_SIGN_ON, self._next_stan(), self._clock, self._config)
        private = bytearray(40)
        fields[48] = bytes(private[: tlv.put(private, 0, _FIRMWARE_TAG, self._version.encode())])
        answer = await self._network(fields)
        if answer is None or answer[39] != "00":
            return False
        private_reply = answer.get(48, b"")
        if isinstance(private_reply, bytes):
            time = tlv.find(private_reply, _SWITCH_TIME_TAG)
            if time and len(time) == 7:
                self._clock.set_from("".join("%02x" % byte for byte in time))
        self._board.log("signed_on")
        return True

    async def _keep_alive(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self._down.wait(), self._config.echo_interval_ms / 1000)
                return
            except asyncio.TimeoutError:
                pass
            if not self._turn.locked():
                fields = request.network(_ECHO, self._next_stan(), self._clock, self._config)
                if await self._network(fields) is None:
                    return

    async def _network(self, fields: "Fields") -> "Fields | None":
        length = pack(self._buffer, "0800", fields, self._board.secure.mac)
        payload = bytes(memoryview(self._buffer)[:length])
        answer = await self.exchange("0800", fields, payload, self._config.response_timeout_ms)
        return answer[2] if answer else None

    async def exchange(
        self, mti: str, fields: "Fields", payload: bytes, timeout_ms: int
    ) -> "tuple[bytes, str, Fields] | None":
        """Send a request and wait for its verified answer, as (payload, type, fields).

        None when there was none in time, or the link went down: the request may or may not have arrived.
        """
        async with self._turn:
            stream = self._stream
            if stream is None:
                return None
            self._settled.clear()
            self._answer = None
            self._waiting = (mti, fields)
            try:
                stream.write(frame(payload))
                await asyncio.wait_for(self._sent_and_settled(stream), timeout_ms / 1000)
            except asyncio.TimeoutError:
                pass
            except OSError:
                self._lost()
            self._waiting = None
            answer = self._answer
            self._answer = None
            return answer

    async def _sent_and_settled(self, stream: "Stream") -> None:
        await stream.drain()
        await self._settled.wait()

    async def _receive(self, stream: "Stream") -> None:
        parser = FrameParser()
        view = memoryview(self._input)
        try:
            while True:
                count = await stream.readinto(self._input)
                if count == 0:
                    break
                for payload in parser.feed(view[:count]):
                    self._take(payload)
        except OSError:
            pass
        except FrameFault:
            self._count("frame")
        self._lost()

    def _take(self, payload: bytes) -> None:
        try:
            mti, fields = read_answer(payload, self._waiting, self._board.secure.mac)
        except Rejected as rejected:
            self._count(rejected.reason)
            return
        self._waiting = None
        self._answer = (payload, mti, fields)
        self._settled.set()

    def _count(self, reason: str) -> None:
        self.dropped[reason] = self.dropped.get(reason, 0) + 1
        self._board.log("dropped", reason=reason, count=self.dropped[reason])

    def _lost(self) -> None:
        # Told before the exchange gives up, so that nothing is sent into a dead link on its account.
        if self._online:
            self._online = False
            self._board.log("link_down", dropped=self.dropped)
            self._notify(events.OFFLINE)
        self._settled.set()
        self._down.set()
