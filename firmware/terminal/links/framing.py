"""Length framing: two bytes, big-endian, then the payload. An empty payload is a keep-alive."""

from terminal.constant import const

FRAME_LIMIT = const(1024)


class FrameFault(Exception):  # noqa: N818
    """The other end announces a frame longer than any message; the stream is lost."""


class FrameParser:
    """Payloads out of a byte stream, at most one partial frame held."""

    def __init__(self) -> None:
        self._frame = bytearray(FRAME_LIMIT + 2)
        self._held = 0

    def feed(self, data: "bytes | bytearray | memoryview") -> "list[bytes]":
        """Take the next bytes; return the payloads they complete, keep-alives left out.

        Raises:
            FrameFault: a length above `FRAME_LIMIT`.
        """
        payloads = []
        at = 0
        while at < len(data):
            wanted = 2 if self._held < 2 else 2 + self._length()
            step = min(wanted - self._held, len(data) - at)
            self._frame[self._held : self._held + step] = data[at : at + step]
            self._held += step
            at += step
            if self._held < 2:
                continue
            if self._length() > FRAME_LIMIT:
                raise FrameFault("frame too long")
            if self._held == 2 + self._length():
                if self._held > 2:
                    payloads.append(bytes(memoryview(self._frame)[2 : self._held]))
                self._held = 0
        return payloads

    def _length(self) -> int:
        return self._frame[0] << 8 | self._frame[1]


def frame(payload: "bytes | bytearray | memoryview") -> bytes:
    """The payload with its length before it."""
    return len(payload).to_bytes(2, "big") + payload
