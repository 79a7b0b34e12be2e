"""A till's connection: frames, MACs, and the answer to each request, one at a time."""

import select
import socket
import ssl
import time

from protocol.codec import decode, encode_sealed
from protocol.faults import ProtocolFault
from protocol.framing import FrameDecoder, frame
from protocol.message import Message
from protocol.message_type import response_of
from protocol.security.mac import Mac
from protocol.spec import load_spec

_READ_BYTES = 4096


class TillLink:
    """Opens by itself where a request wants it, and closes where the stream is lost.

    Args:
        address: of the switch.
        mac: of the terminal's own key.
        tls: the link has TLS then, and the certificate must be the host's.
    """

    def __init__(self, address: tuple[str, int], mac: Mac, tls: ssl.SSLContext | None) -> None:
        self._address = address
        self._mac = mac
        self._tls = tls
        self._spec = load_spec("vafa")
        self._socket: socket.socket | None = None
        self._decoder = FrameDecoder()

    @property
    def is_open(self) -> bool:
        """Whether the link can be used: what comes when nobody asks is its end, or too late."""
        if self._socket is not None and select.select([self._socket], [], [], 0)[0]:
            self.close()
        return self._socket is not None

    def open(self, timeout_s: float) -> bool:
        """Connect; False where nobody is there."""
        self.close()
        try:
            connection = socket.create_connection(self._address, timeout_s)
            try:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self._tls is not None:
                    connection = self._tls.wrap_socket(connection, server_hostname=self._address[0])
            except BaseException:
                connection.close()
                raise
        except OSError:
            return False
        self._socket, self._decoder = connection, FrameDecoder()
        return True

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def ask(self, request: Message, timeout_s: float) -> Message | None:
        """The authentic answer to a request; None where none came in time, or the link has ended."""
        connection, deadline = self._socket, time.monotonic() + timeout_s
        if connection is None:
            return None
        payload = encode_sealed(self._spec, request, self._mac)
        try:
            connection.settimeout(timeout_s)
            connection.sendall(frame(payload))
            while (left_s := deadline - time.monotonic()) > 0:
                connection.settimeout(left_s)
                data = connection.recv(_READ_BYTES)
                if not data:
                    break
                answer = self._answer(data, request)
                if answer is not None:
                    return answer
            else:
                return None
        except TimeoutError:
            return None
        except (OSError, ProtocolFault):
            pass
        self.close()
        return None

    def _answer(self, data: bytes, request: Message) -> Message | None:
        """What is late, foreign or has a wrong MAC is no answer."""
        wanted = (response_of(request.mti), request.fields[11], request.fields[41])
        found = None
        for payload in self._decoder.feed(data):
            if self._mac.verify(payload):
                message = decode(self._spec, payload)
                if (message.mti, message.fields.get(11), message.fields.get(41)) == wanted:
                    found = message
        return found
