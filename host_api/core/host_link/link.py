"""One signed-on connection to the switch, under a session key of its own, with several requests in flight."""

import asyncio
import logging
from types import TracebackType
from typing import Self

from host_api.core.clock import utc_now
from host_api.core.host_link.identity import NETWORK_MANAGEMENT, transmission_time
from host_api.core.host_link.settings import HostLinkSettings
from protocol.codec import decode, encode_sealed
from protocol.dialect import NetworkCode, ResponseCode
from protocol.faults import ProtocolFault
from protocol.framing import FrameDecoder, frame
from protocol.message import Message, Value
from protocol.message_type import response_of
from protocol.security.faults import SecurityFault
from protocol.security.key_exchange import read_response, request_tags
from protocol.security.session_keys import SessionKeys
from protocol.spec import load_spec

_log = logging.getLogger(__name__)

_READ_BYTES = 65_536
# As the switch has it. Nothing else is in flight during the change, so nothing is sealed by the older key.
_ROLL_OVER_MS = 60_000

_Identity = tuple[str, str, str]


class LinkFault(Exception):  # noqa: N818  (a fault is the field's word)
    """No answer can be had; whether the switch has the message is unknown. The text holds no value of it."""


class HostLink:
    """Make it with `open`, use it as an async context manager.

    Answers are matched by type, STAN and transmission time. Whatever isn't to be trusted ends the link, and
    with it every request in flight.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        settings: HostLinkSettings,
        key: bytes,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._settings = settings
        self._keys = SessionKeys(key, settings.host_id)
        self._spec = load_spec("vafa")
        self._loop = asyncio.get_running_loop()
        self._slots = asyncio.Semaphore(settings.in_flight)
        self._waiting: dict[_Identity, asyncio.Future[Message]] = {}
        self._network_messages = 0
        self._heard_at = self._loop.time()
        self._ended = asyncio.Event()
        self._reading = asyncio.create_task(self._read(), name="host link")
        self.fault: LinkFault | None = None

    @classmethod
    async def open(cls, settings: HostLinkSettings, key: bytes) -> Self:
        """Connect, sign on with the host's own key, and change to a session key.

        Raises:
            LinkFault: no connection, no answer, or a refusal.
        """
        try:
            async with asyncio.timeout(settings.connect_timeout_s):
                reader, writer = await asyncio.open_connection(*settings.endpoint)
        except OSError as error:  # TimeoutError is one
            raise LinkFault(f"no connection to the switch: {error.strerror or 'timed out'}") from None
        link = cls(reader, writer, settings, key)
        try:
            await link._network_management(NetworkCode.SIGN_ON, "the sign-on")
            await link._change_keys()
        except BaseException:
            await link.close()
            raise
        return link

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def in_flight(self) -> int:
        """Requests that wait for their answers."""
        return len(self._waiting)

    async def close(self) -> None:
        """Close the connection without waiting for the peer."""
        self._end(LinkFault("the link was closed"))
        await asyncio.gather(self._reading, return_exceptions=True)

    async def live(self) -> LinkFault:
        """Try the link by echoes while it is silent; returns why it ended."""
        while self.fault is None:
            silent_s = self._loop.time() - self._heard_at
            left_s = self._settings.echo_after_s - silent_s
            try:
                if left_s > 0:
                    async with asyncio.timeout(left_s):
                        await self._ended.wait()
                else:
                    await self._network_management(NetworkCode.ECHO, "an echo")
            except TimeoutError:
                continue
            except LinkFault as fault:
                self._end(fault)
        return self.fault

    async def exchange(self, request: Message) -> Message:
        """Send `request` with its MAC and return the answer to it.

        Raises:
            LinkFault: the link broke, no answer came in time, or what came isn't to be trusted.
            ProtocolFault: `request` itself can't be encoded (side "local").
        """
        identity = (response_of(request.mti), request.text(11), request.text(7))
        async with self._slots:
            if self.fault is not None:
                raise self.fault
            if identity in self._waiting:
                raise LinkFault("the same message is under way")
            payload = encode_sealed(self._spec, request, self._keys.sending_mac(self._now_ms()))
            began_at = self._loop.time()
            answered: asyncio.Future[Message] = self._loop.create_future()
            self._waiting[identity] = answered
            try:
                async with asyncio.timeout(self._settings.response_timeout_s):
                    self._writer.write(frame(payload))
                    await self._writer.drain()
                    return await answered
            except TimeoutError:
                fault = LinkFault("the switch did not answer in time")
                if self._heard_at <= began_at:  # it answers nobody here
                    self._end(fault)
                raise fault from None
            except OSError as error:
                fault = LinkFault(f"the link broke: {error.strerror or type(error).__name__}")
                self._end(fault)
                raise fault from None
            finally:
                del self._waiting[identity]
                if answered.done() and not answered.cancelled():
                    answered.exception()  # taken note of, also where nobody waited any more

    async def _network_management(
        self, code: NetworkCode, what: str, tags: dict[str, Value] | None = None
    ) -> Message:
        self._network_messages += 1
        fields: dict[int, Value] = {
            7: transmission_time(utc_now()),
            11: NETWORK_MANAGEMENT.of(self._network_messages),
            41: self._settings.host_id,
            70: code.value,
        }
        if tags is not None:
            fields[48] = tags
        answer = await self.exchange(Message("0800", fields))
        if answer.text(39) != ResponseCode.APPROVED:
            raise LinkFault(f"the switch refused {what} with response code {answer.text(39)}")
        return answer

    async def _change_keys(self) -> None:
        answer = await self._network_management(
            NetworkCode.KEY_CHANGE, "the key change", request_tags(self._keys.counter)
        )
        now_ms = self._now_ms()
        try:
            self._keys.adopt(read_response(answer.tags(48)), now_ms, now_ms + _ROLL_OVER_MS)
        except SecurityFault as fault:
            raise LinkFault(f"the switch offered no session key: {fault.code}") from None

    async def _read(self) -> None:
        decoder = FrameDecoder()
        try:
            while data := await self._reader.read(_READ_BYTES):
                self._heard_at = self._loop.time()
                for payload in decoder.feed(data):
                    if payload:
                        self._take(payload)
            self._end(LinkFault("the switch closed the link"))
        except ProtocolFault as fault:
            self._end(LinkFault(f"the switch sent what can't be read: {fault}"))
        except OSError as error:
            self._end(LinkFault(f"the link broke: {error.strerror or type(error).__name__}"))
        except LinkFault as fault:
            self._end(fault)

    def _take(self, payload: bytes) -> None:
        if self._keys.verify(payload, self._now_ms()) is None:
            raise LinkFault("the switch sent a wrong MAC")
        answer = decode(self._spec, payload)
        try:
            identity = (answer.mti, answer.text(11), answer.text(7))
            answer.text(39)
        except (KeyError, TypeError):
            raise LinkFault("the switch sent a message without STAN, time or response code") from None
        answered = self._waiting.get(identity)
        if answered is None or answered.done():
            _log.info("host link: passed over a %s that answers nothing waiting", answer.mti)
        else:
            answered.set_result(answer)

    def _end(self, fault: LinkFault) -> None:
        """Give the link up, once; whoever waits on it is told why."""
        if self.fault is not None:
            return
        self.fault = fault
        self._ended.set()
        for answered in self._waiting.values():
            if not answered.done():
                answered.set_exception(LinkFault(*fault.args))
        self._writer.transport.abort()
        if asyncio.current_task() is not self._reading:
            self._reading.cancel()

    def _now_ms(self) -> int:
        return int(self._loop.time() * 1000)
