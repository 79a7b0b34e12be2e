"""A connection as a host: messages with their MAC, and what the switch says to them."""

import contextlib
import socket
import time
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from protocol.codec import decode, encode_sealed
from protocol.dialect import NetworkCode, ResponseCode
from protocol.faults import ProtocolFault
from protocol.framing import FrameDecoder, frame
from protocol.message import Message, Value
from protocol.message_type import repeat_of, response_of
from protocol.spec import load_spec
from tools.host_link.access import HostAccess, HostFault

TIMEOUT_S = 15.0
_ATTEMPTS = 3
_READ_BYTES = 65_536


class HostLink:
    """One signed-on link; a context manager that signs off. All methods raise HostFault."""

    def __init__(self, access: HostAccess) -> None:
        self._access = access
        self._spec = load_spec("vafa")
        # A number that no other link of the host is likely to use at this moment.
        self._stan = time.time_ns() // 1000 % 900_000
        self._connection: socket.socket | None = None
        self._decoder = FrameDecoder()

    def __enter__(self) -> Self:
        try:
            self._connect()
        except OSError as error:
            raise HostFault(f"no switch at {self._access.address}: {error.strerror or error}") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._connection is not None:
            with contextlib.suppress(OSError, HostFault):
                self._order(NetworkCode.SIGN_OFF)
        self._close()

    def cut_over(self, month_day: str) -> None:
        """Have the business day of this date, MMDD, opened."""
        try:
            self._order(NetworkCode.CUT_OVER, {15: month_day})
        except OSError as error:
            raise HostFault(f"the link broke: {error.strerror or error}") from None

    def file_action(self, fields: dict[int, Value], timeout_s: float = TIMEOUT_S) -> Message:
        """Send a file action and return its answer, whatever that is.

        Where the link breaks or no answer comes in time, the same message is sent again as a repeat.
        """
        message = self._message("0300", fields)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                if self._connection is None:
                    self._connect()
                return self._exchange(message, timeout_s)
            except OSError as error:
                self._close()
                if attempt == _ATTEMPTS:
                    raise HostFault(f"the link broke: {error.strerror or error}") from None
                message = Message(repeat_of("0300"), message.fields)
        raise AssertionError("the last attempt returns or raises")

    def told(self, answer: Message) -> str:
        """The response code of an answer in words."""
        code = answer.text(39)
        title = self._spec.response_codes.get(code)
        return f"answered {code}: {title.title.en if title else 'unknown code'}"

    def _connect(self) -> None:
        access = self._access
        connection = socket.create_connection(access.address, timeout=TIMEOUT_S)
        if access.tls is not None:
            connection = access.tls.wrap_socket(connection, server_hostname=access.address.host)
        self._connection = connection
        self._decoder = FrameDecoder()
        self._order(NetworkCode.SIGN_ON)

    def _order(self, code: NetworkCode, fields: dict[int, Value] | None = None) -> None:
        """Send a network message; its answer must be 00."""
        answer = self._exchange(self._message("0800", {70: code.value, **(fields or {})}), TIMEOUT_S)
        if answer.text(39) != ResponseCode.APPROVED:
            raise HostFault(self.told(answer))

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _message(self, mti: str, fields: dict[int, Value]) -> Message:
        self._stan = self._stan % 999_999 + 1
        now = datetime.now(UTC).strftime("%m%d%H%M%S")
        return Message(mti, {7: now, 11: f"{self._stan:06d}", 41: self._access.host_id, **fields})

    def _exchange(self, message: Message, timeout_s: float) -> Message:
        """Raises OSError where the link breaks; TimeoutError is one."""
        connection = self._connection
        if connection is None:
            raise HostFault("the link is closed")
        deadline = time.monotonic() + timeout_s
        try:
            connection.sendall(frame(encode_sealed(self._spec, message, self._access.mac)))
            while (left_s := deadline - time.monotonic()) > 0:
                connection.settimeout(left_s)
                data = connection.recv(_READ_BYTES)
                if not data:
                    raise ConnectionResetError(0, "the switch closed the link")
                for payload in self._decoder.feed(data):
                    answer = self._answer(payload, message) if payload else None
                    if answer is not None:
                        return answer
        except ProtocolFault as fault:
            raise HostFault(f"the switch sent what can't be read: {fault}") from None
        raise TimeoutError(0, "no answer in time")

    def _answer(self, payload: bytes, message: Message) -> Message | None:
        if not self._access.mac.verify(payload):
            raise HostFault("the answer's MAC is wrong: is this the switch's key?")
        answer = decode(self._spec, payload)
        identity = (response_of(message.mti), message.text(11), message.text(7))
        if (answer.mti, answer.text(11), answer.text(7)) != identity:
            return None
        return answer
