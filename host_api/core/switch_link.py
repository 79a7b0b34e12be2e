"""The host link: one signed-on TCP connection to the switch, one request in flight."""

import asyncio
import logging
from types import TracebackType
from typing import Self

from host_api.core.clock import utc_now
from host_api.core.outbox import HIGHEST_RECORD_STAN
from protocol.codec import decode, encode_sealed
from protocol.dialect import NetworkCode, ResponseCode
from protocol.faults import ProtocolFault
from protocol.framing import FrameDecoder, frame
from protocol.message import Message
from protocol.message_type import response_of
from protocol.security.mac import Mac
from protocol.spec import load_spec

_log = logging.getLogger(__name__)

_READ_BYTES = 4096
_NETWORK_STANS = 999_999 - HIGHEST_RECORD_STAN


class LinkFault(Exception):  # noqa: N818  (a fault is the field's word)
    """The link can't be used any more; the text says why and holds no value of a message."""


class SwitchLink:
    """A connection that has signed on as `host_id`; make it with `open`, use it as an async context manager.

    Parameters of `open`:
        response_timeout_s: how long to wait for an answer. A switch that fails over is silent for ten
        seconds.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        host_id: str,
        mac: Mac,
        response_timeout_s: float,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._host_id = host_id
        self._mac = mac
        self._response_timeout_s = response_timeout_s
        self._decoder = FrameDecoder()
        self._arrived: list[bytes] = []
        self._spec = load_spec("vafa")
        self._network_messages = 0

    @classmethod
    async def open(
        cls,
        endpoint: tuple[str, int],
        host_id: str,
        mac: Mac,
        *,
        connect_timeout_s: float = 5.0,
        response_timeout_s: float = 15.0,
    ) -> Self:
        """Connect to `endpoint` and sign on.

        Raises:
            LinkFault: no connection, no answer, or the sign-on was refused.
        """
        try:
            async with asyncio.timeout(connect_timeout_s):
                reader, writer = await asyncio.open_connection(*endpoint)
        except OSError as error:  # TimeoutError is one
            raise LinkFault(f"no connection to the switch: {error.strerror or 'timed out'}") from None
        link = cls(reader, writer, host_id, mac, response_timeout_s)
        try:
            code = await link.network_management(NetworkCode.SIGN_ON)
            if code != ResponseCode.APPROVED:
                raise LinkFault(f"the switch refused the sign-on with response code {code}")
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
    def is_closed(self) -> bool:
        """Whether the switch has closed its side."""
        return self._reader.at_eof()

    async def close(self) -> None:
        """Close the connection without waiting for the peer."""
        self._writer.transport.abort()

    async def network_management(self, code: NetworkCode) -> str:
        """Send an 0800 and return the response code of its 0810.

        Raises:
            LinkFault: as `exchange`.
        """
        stan = HIGHEST_RECORD_STAN + 1 + self._network_messages % _NETWORK_STANS
        self._network_messages += 1
        request = Message(
            "0800",
            {7: utc_now().strftime("%m%d%H%M%S"), 11: f"{stan:06d}", 41: self._host_id, 70: code.value},
        )
        return (await self.exchange(request)).text(39)

    async def exchange(self, request: Message) -> Message:
        """Send `request` with its MAC and return the answer to it, whose MAC has been verified.

        Raises:
            LinkFault: the link broke, no answer came in time, or what came isn't to be trusted.
            ProtocolFault: `request` itself can't be encoded (side "local").
        """
        payload = encode_sealed(self._spec, request, self._mac)
        identity = (response_of(request.mti), request.text(11), request.text(7))
        try:
            async with asyncio.timeout(self._response_timeout_s):
                self._writer.write(frame(payload))
                await self._writer.drain()
                while True:
                    answer = self._verified(await self._next_payload())
                    if (answer.mti, answer.text(11), answer.text(7)) == identity:
                        return answer
                    _log.info("host link: passed over a %s that answers nothing waiting", answer.mti)
        except TimeoutError:
            raise LinkFault("the switch did not answer in time") from None
        except OSError as error:
            raise LinkFault(f"the link broke: {error.strerror or type(error).__name__}") from None
        except (KeyError, TypeError):
            raise LinkFault("the switch sent an answer without STAN, time or response code") from None

    async def _next_payload(self) -> bytes:
        while True:
            while self._arrived:
                payload = self._arrived.pop(0)
                if payload:
                    return payload
            data = await self._reader.read(_READ_BYTES)
            if not data:
                raise LinkFault("the switch closed the link")
            try:
                self._arrived += self._decoder.feed(data)
            except ProtocolFault as fault:
                raise LinkFault(f"the switch sent a bad frame: {fault}") from None

    def _verified(self, payload: bytes) -> Message:
        if not self._mac.verify(payload):
            raise LinkFault("the switch sent a wrong MAC")
        try:
            answer = decode(self._spec, payload)
        except ProtocolFault as fault:
            raise LinkFault(f"the switch sent an unreadable message: {fault}") from None
        if answer.fields.get(39) is None:
            raise LinkFault("the switch sent a message without a response code")
        return answer
