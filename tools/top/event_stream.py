"""Server-sent events out of bytes (WHATWG HTML, 9.2.6 "Interpreting an event stream")."""

from typing import Final, NamedTuple

EVENT_BYTES_MAX: Final = 4 << 20


class StreamFault(Exception):  # noqa: N818  (not an error of ours)
    """What came is no stream of events that could be one of a switch's."""


class ServerEvent(NamedTuple):
    """One event; `name` is "message" where it has none."""

    name: str
    data: str


class EventStream:
    """Splits what comes into events. Identities and retry times are passed over: the newest is enough."""

    def __init__(self) -> None:
        self._rest = b""
        self._name = ""
        self._data: list[bytes] = []
        self._bytes = 0

    def feed(self, data: bytes) -> list[ServerEvent]:
        """The events that are whole now. Raises StreamFault where one is too long or no UTF-8."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        found: list[ServerEvent] = []
        for line in lines:
            self._take(line.removesuffix(b"\r"), found)
        if self._bytes + len(self._rest) > EVENT_BYTES_MAX:
            raise StreamFault("an event is too long")
        return found

    def _take(self, line: bytes, found: list[ServerEvent]) -> None:
        if not line:
            if self._data:
                found.append(ServerEvent(self._name or "message", _text(b"\n".join(self._data))))
            self._name, self._data, self._bytes = "", [], 0
            return
        self._bytes += len(line) + 1
        if self._bytes > EVENT_BYTES_MAX:
            raise StreamFault("an event is too long")
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"event":
            self._name = _text(value)
        elif field == b"data":
            self._data.append(value)


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise StreamFault("an event is no UTF-8") from None
