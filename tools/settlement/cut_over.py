"""The order to cut over, as the switch's host gives it: sign on, 0800 with network code 201, sign off."""

import socket
import time
from datetime import UTC, datetime

from pydantic import ValidationError

from protocol.codec import decode, encode_sealed
from protocol.dialect import NetworkCode, ResponseCode
from protocol.faults import ProtocolFault
from protocol.framing import FrameDecoder, frame
from protocol.message import Message, Value
from protocol.security.keys import derive_terminal_key
from protocol.security.mac import Mac
from protocol.spec import load_spec
from switch.rules.local_time import local_day
from switch.settings import SwitchSettings

TIMEOUT_S = 10.0


class CutOverRefused(Exception):  # noqa: N818  (not an error in the program)
    """The switch can't be asked, or said no; the text is one line for the operator."""


def order_cut_over(day: int) -> None:
    """Open a business day on the switch of the environment's settings. Raises CutOverRefused."""
    try:
        settings = SwitchSettings()
        if settings.tls_certificate_file is not None:
            raise CutOverRefused("the terminals' port has TLS; send 0800 with network code 201 as its host")
        key = bytes.fromhex(settings.master_key_file.read_text("ascii").strip())
        mac = Mac(derive_terminal_key(key, settings.host_terminal_id, settings.host_key_generation))
        address = (str(settings.bind_address), settings.terminals_port)
        with socket.create_connection(address, timeout=TIMEOUT_S) as connection:
            host = _Host(connection, settings.host_terminal_id, mac)
            host.order(NetworkCode.SIGN_ON)
            host.order(NetworkCode.CUT_OVER, month_day=f"{local_day(day).date:08d}"[4:])
            host.order(NetworkCode.SIGN_OFF)
    except ValidationError as error:
        raise CutOverRefused(f"settings: {error.error_count()} wrong") from None
    except (OSError, ValueError, ProtocolFault) as error:
        raise CutOverRefused(f"the switch can't be asked: {error}") from None


class _Host:
    def __init__(self, connection: socket.socket, terminal_id: str, mac: Mac) -> None:
        self._connection = connection
        self._decoder = FrameDecoder()
        self._terminal_id = terminal_id
        self._mac = mac
        self._spec = load_spec("vafa")
        # A number that no other link of the host is likely to use at this moment.
        self._stan = time.time_ns() // 1000 % 900_000

    def order(self, code: NetworkCode, month_day: str = "") -> None:
        """Send a network message; its answer must be 00."""
        self._stan += 1
        fields: dict[int, Value] = {
            7: datetime.now(UTC).strftime("%m%d%H%M%S"),
            11: f"{self._stan:06d}",
            41: self._terminal_id,
            70: code.value,
        }
        if month_day:
            fields[15] = month_day
        self._connection.sendall(frame(encode_sealed(self._spec, Message("0800", fields), self._mac)))
        answer = decode(self._spec, self._receive()).text(39)
        if answer != ResponseCode.APPROVED:
            title = self._spec.response_codes.get(answer)
            raise CutOverRefused(f"answered {answer}: {title.title.en if title else 'unknown code'}")

    def _receive(self) -> bytes:
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            data = self._connection.recv(65_536)
            if not data:
                raise CutOverRefused("the switch closed the link")
            for payload in self._decoder.feed(data):
                if payload:
                    if not self._mac.verify(payload):
                        raise CutOverRefused("the answer's MAC is wrong")
                    return payload
        raise CutOverRefused("no answer in time")
