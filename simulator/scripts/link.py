"""One link of a run: its stream cut into messages, those that no step has taken yet, frames that wait."""

from collections import deque
from dataclasses import dataclass, field

from protocol.faults import FaultCode, ProtocolFault
from protocol.framing import FrameDecoder
from protocol.message import Message
from protocol.presentation.spans import Reading, read
from protocol.security.mac import Mac
from protocol.spec import SpecDocument

FRAME_MAX_BYTES = 4096
INBOX_MAX = 256
STREAM_KEPT_BYTES = 4096


@dataclass(slots=True)
class Incoming:
    """A message that came. `message` is None where it can't be read; `mac` is the one
    that it has, None where it is wrong."""

    payload: bytes
    reading: Reading
    message: Message | None
    link: int
    mac: Mac | None = None


@dataclass(slots=True)
class Link:
    """State of a link. `stream` are the last bytes that are no whole frame; `fault` ends reading."""

    number: int
    spec: SpecDocument
    is_open: bool = True
    stream: bytes = b""
    fault: ProtocolFault | None = None
    inbox: deque[Incoming] = field(default_factory=deque)
    held_back: list[bytes] = field(default_factory=list)
    _decoder: FrameDecoder = field(default_factory=lambda: FrameDecoder(FRAME_MAX_BYTES))

    def receive(self, data: bytes) -> list[Incoming]:
        """Messages that these bytes complete; they are put into the inbox by the caller."""
        if self.fault is not None:
            return []
        stream = self.stream + data
        self.stream = stream[:STREAM_KEPT_BYTES]
        try:
            payloads = self._decoder.feed(data)
        except ProtocolFault as fault:
            self.fault = fault
            return []
        pending = self._decoder.pending_bytes
        self.stream = stream[len(stream) - pending :] if pending else b""
        return [self._incoming(payload) for payload in payloads if payload]

    def put(self, incoming: Incoming) -> None:
        """Keep a message for a step that wants it. More than so many are a fault of the stream."""
        if len(self.inbox) >= INBOX_MAX:
            self.fault = ProtocolFault(FaultCode.OVERSIZE_FRAME, expected=INBOX_MAX, actual=INBOX_MAX + 1)
            return
        self.inbox.append(incoming)

    def _incoming(self, payload: bytes) -> Incoming:
        reading = read(self.spec, payload)
        message = None if reading.faults else reading.message()
        return Incoming(payload, reading, message, self.number)
