"""MQTT control packets (version 3.1.1, clause 2): first byte, length, and what they hold."""

from terminal.constant import const

PACKET_LIMIT = const(1152)  # the longest frame with topic and packet identifier


class MqttFault(Exception):  # noqa: N818
    """The broker refuses, is silent, or speaks no MQTT; `reason` is one word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PacketParser:
    """Packets out of a byte stream, at most one partial packet held."""

    def __init__(self) -> None:
        self._packet = bytearray(PACKET_LIMIT)
        self._kind = -1
        self._length = 0
        self._shift = 0
        self._body = False
        self._held = 0

    def feed(self, data: "bytes | bytearray | memoryview") -> "list[tuple[int, bytes]]":
        """Take the next bytes; return the packets they complete, as (first byte, rest without the length).

        Raises:
            MqttFault: too_long, or length (clause 2.2.3: at most four bytes).
        """
        packets = []
        at = 0
        while at < len(data):
            if self._body:
                step = min(self._length - self._held, len(data) - at)
                self._packet[self._held : self._held + step] = data[at : at + step]
                self._held += step
                at += step
            else:
                self._head(data[at])
                at += 1
            if self._body and self._held == self._length:
                packets.append((self._kind, bytes(memoryview(self._packet)[: self._held])))
                self._kind = -1
                self._body = False
                self._held = 0
        return packets

    def _head(self, byte: int) -> None:
        if self._kind < 0:
            self._kind = byte
            self._length = self._shift = 0
            return
        self._length |= (byte & 0x7F) << self._shift
        self._shift += 7
        if byte < 0x80:
            if self._length > PACKET_LIMIT:
                raise MqttFault("too_long")
            self._body = True
        elif self._shift > 21:
            raise MqttFault("length")


def packet(kind: int, *parts: "bytes | bytearray") -> bytearray:
    """A packet of one buffer, so that it leaves in one write."""
    length = 0
    for part in parts:
        length += len(part)
    made = bytearray((kind,))
    rest = length
    while rest > 0x7F:
        made.append(rest & 0x7F | 0x80)
        rest >>= 7
    made.append(rest)
    for part in parts:
        made.extend(part)
    return made


def text_field(text: str) -> bytes:
    """A text with its length (clause 1.5.3)."""
    encoded = text.encode()
    return len(encoded).to_bytes(2, "big") + encoded
