"""MQTT 3.1.1 (OASIS standard, 29 October 2014), as much as a terminal needs; no socket, no clock of its own.

Frames travel as messages of QoS 1: the terminal's on `vafa/<terminal>/request`, the switch's on
`vafa/<terminal>/reply`. A message holds whole frames, so one that comes twice does no harm. An empty message
ends what went before, in either direction: it is the terminal's first, and its will.
"""

from terminal.constant import const
from terminal.links.mqtt_packet import MqttFault, PacketParser, packet, text_field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Clause 2.2.1, with the flags that the standard fixes.
_CONNECT = const(0x10)
_CONNACK = const(0x20)
_PUBLISH = const(0x30)
_PUBACK = const(0x40)
_SUBSCRIBE = const(0x82)
_SUBACK = const(0x90)
_PINGREQ = const(0xC0)
_PINGRESP = const(0xD0)
_QOS_1 = const(0x02)
_DUP = const(0x08)
# Clause 3.1.2.3: will of QoS 1, clean session; user name and password where there are any.
_WILL_AND_CLEAN = const(0x0E)
_USERNAME = const(0x80)
_PASSWORD = const(0x40)

PAYLOAD_LIMIT = const(1026)  # the longest frame
_UNACKNOWLEDGED_LIMIT = const(4)
_REPEAT_MS = const(3000)
_REPEATS = const(3)


class MqttSession:
    """One connection to a broker: what comes in is `take`n, what goes out is collected in `outgoing`.

    Args:
        terminal_id: of the topics.
        client_id: not that of another connection that is to live on.
        username: empty for none; without it no password goes either.
        password: likewise.
        keep_alive_s: the longest silence of ours, from 1.
        ticks_ms: monotonic milliseconds, wrapping.
        ticks_since: milliseconds from one of its ticks to now.
    """

    def __init__(
        self,
        terminal_id: str,
        client_id: str,
        *,
        username: str,
        password: str,
        keep_alive_s: int,
        ticks_ms: "Callable[[], int]",
        ticks_since: "Callable[[int], int]",
    ) -> None:
        self.outgoing: "list[bytearray]" = []
        self.ready = False
        self._parser = PacketParser()
        self._request_topic = text_field("vafa/" + terminal_id + "/request")
        self._reply_topic = text_field("vafa/" + terminal_id + "/reply")
        self._keep_alive_ms = keep_alive_s * 1000
        self._ticks_ms = ticks_ms
        self._ticks_since = ticks_since
        self._identifier = 0
        self._unacknowledged: "list[tuple[int, bytearray]]" = []
        self._repeats = 0
        self._repeat_since = 0
        self._asked = False
        self._connected = False
        flags = _WILL_AND_CLEAN
        credentials = b""
        if username:
            flags |= _USERNAME
            credentials = text_field(username)
            if password:
                flags |= _PASSWORD
                credentials += text_field(password)
        head = text_field("MQTT") + bytes((4, flags)) + keep_alive_s.to_bytes(2, "big")
        self._send(
            packet(_CONNECT, head, text_field(client_id), self._request_topic, b"\x00\x00", credentials)
        )

    def publish(self, frames: "bytes | bytearray") -> None:
        """Send whole frames, or nothing to end what went before.

        Raises:
            MqttFault: too_long; full, when the broker acknowledges nothing any more.
        """
        if len(frames) > PAYLOAD_LIMIT:
            raise MqttFault("too_long")
        if len(self._unacknowledged) >= _UNACKNOWLEDGED_LIMIT:
            raise MqttFault("full")
        identifier = self._next_identifier()
        made = packet(_PUBLISH | _QOS_1, self._request_topic, identifier.to_bytes(2, "big"), frames)
        if not self._unacknowledged:
            self._repeat_since = self._ticks_ms()
            self._repeats = 0
        self._unacknowledged.append((identifier, made))
        self._send(made)

    def take(self, data: "bytes | bytearray | memoryview") -> "list[bytes]":
        """Take bytes from the broker; return the messages among them, an empty one too.

        Raises:
            MqttFault: refused (clause 3.2.2.3), or what the bytes are wrong in.
        """
        messages = []
        for kind, body in self._parser.feed(data):
            if not self._connected:
                self._connack(kind, body)
            elif kind & 0xF0 == _PUBLISH:
                message = self._message(kind, body)
                if message is not None:
                    messages.append(message)
            elif kind == _PUBACK and len(body) == 2:
                self._acknowledged(body[0] << 8 | body[1])
            elif kind == _SUBACK and len(body) == 3:
                if body[2] > 2:
                    raise MqttFault("refused")
                self.ready = True
            elif kind == _PINGRESP and not body:
                self._asked = False
            else:
                raise MqttFault("packet")
        return messages

    def tick(self) -> None:
        """Do what time asks for: repeat what is not acknowledged, and show that we live. To be called often.

        Raises:
            MqttFault: silent, when the broker leaves something unanswered too long.
        """
        if self._unacknowledged and self._ticks_since(self._repeat_since) >= _REPEAT_MS:
            if self._repeats >= _REPEATS:
                raise MqttFault("silent")
            self._repeats += 1
            self._repeat_since = self._ticks_ms()
            for _, made in self._unacknowledged:
                made[0] |= _DUP
                self._send(made)
        quiet_ms = self._ticks_since(self._sent_since)
        # Half the time allowed (clause 3.1.2.10), so that a slow network doesn't end it.
        if quiet_ms >= self._keep_alive_ms // 2 and self._connected:
            if self._asked:
                raise MqttFault("silent")
            self._asked = True
            self._send(packet(_PINGREQ))

    def _send(self, made: bytearray) -> None:
        self._sent_since = self._ticks_ms()
        self.outgoing.append(made)

    def _next_identifier(self) -> int:
        self._identifier = self._identifier % 0xFFFF + 1
        return self._identifier

    def _connack(self, kind: int, body: bytes) -> None:
        if kind != _CONNACK or len(body) != 2:
            raise MqttFault("packet")
        if body[1]:
            raise MqttFault("refused")
        self._connected = True
        identifier = self._next_identifier().to_bytes(2, "big")
        self._send(packet(_SUBSCRIBE, identifier, self._reply_topic, b"\x01"))

    def _message(self, kind: int, body: bytes) -> "bytes | None":
        quality = kind & 0x06
        start = 2 + (body[0] << 8 | body[1]) if len(body) >= 2 else 2
        if quality > _QOS_1 or len(body) < start + quality:
            raise MqttFault("packet")
        if quality:
            self._send(packet(_PUBACK, body[start : start + 2]))
        return body[start + quality :] if body[:start] == self._reply_topic else None

    def _acknowledged(self, identifier: int) -> None:
        for index in range(len(self._unacknowledged)):
            if self._unacknowledged[index][0] == identifier:
                self._unacknowledged.pop(index)
                self._repeat_since = self._ticks_ms()
                self._repeats = 0
                return
