"""Frames between a host and a PN532: NXP UM0701-02, clause 6.2.1.

A normal frame is 00, start code 00 FF, LEN, LCS, TFI and data, DCS, 00; LEN counts TFI and data. Beyond 255
bytes the header is FF FF LENM LENL LCS. ACK and NACK frames are headers only. TFI 7F is the chip's error
frame.
"""

from terminal.constant import const

ACK = const(1)
NACK = const(2)
DATA = const(3)
ERROR = const(4)
DAMAGED = const(5)

ACK_FRAME = b"\x00\x00\xff\x00\xff\x00"
NACK_FRAME = b"\x00\x00\xff\xff\x00\x00"

BODY_LIMIT = const(265)  # TFI included
BODY_AT = const(8)  # room for the longest header
FRAME_LIMIT = const(275)

_FROM_HOST = const(0xD4)
_FROM_CHIP = const(0xD5)
_ERROR = const(0x7F)
_SHORT_HEADER = const(2)
_LONG_HEADER = const(5)


def seal(buffer: bytearray, size: int) -> memoryview:
    """Close a frame around the command that lies in `buffer` from `BODY_AT` on.

    Args:
        buffer: of `FRAME_LIMIT` bytes; the first byte of the body is for the TFI.
        size: bytes of the body, its TFI included.

    Returns:
        The frame, a part of `buffer`.
    """
    buffer[BODY_AT] = _FROM_HOST
    start = 3
    if size > 255:
        start = 0
        buffer[3:7] = bytes((0xFF, 0xFF, size >> 8, size & 0xFF))
        buffer[7] = -((size >> 8) + size) & 0xFF
    else:
        buffer[6] = size
        buffer[7] = -size & 0xFF
    buffer[start : start + 3] = b"\x00\x00\xff"
    total = 0
    end = BODY_AT + size
    for at in range(BODY_AT, end):
        total += buffer[at]
    buffer[end] = -total & 0xFF
    buffer[end + 1] = 0
    return memoryview(buffer)[start : end + 2]


class FrameParser:
    """The chip's frames out of a byte stream; at most one unfinished frame is held."""

    def __init__(self) -> None:
        self._body = bytearray(BODY_LIMIT)
        self._header = bytearray(_LONG_HEADER)
        self._size = 0
        self.reset()

    def reset(self) -> None:
        """Forget an unfinished frame."""
        self._zero = False
        self._header_size = 0  # of the header in hand; 0 while a start code is looked for
        self._header_held = 0
        # The body held a card's data; leave nothing of it behind.
        self._body[: self._size] = bytes(self._size)
        self._size = 0  # of the body in hand; 0 while the header is read
        self._held = 0

    @property
    def unfinished(self) -> bool:
        """Whether a start code has been seen and its frame is not complete."""
        return self._header_size > 0

    @property
    def missing(self) -> int:
        """How many bytes the frame in hand needs at least; 5 between frames, as long as the shortest is."""
        if self._size:
            return self._size + 1 - self._held
        return self._header_size - self._header_held or 5

    def feed(self, data: "bytes | bytearray | memoryview") -> "list[tuple[int, bytes]]":
        """Take the next bytes; return the frames they complete as kind and data (without TFI), in order.

        DAMAGED stands for one whose checksum, length or sender is wrong.
        """
        frames: "list[tuple[int, bytes]]" = []
        for value in data:
            self._take(value, frames)
        return frames

    def _take(self, value: int, frames: "list[tuple[int, bytes]]") -> None:
        if self._size:
            if self._held < self._size:
                self._body[self._held] = value
                self._held += 1
            else:
                frames.append(self._read_body(value))
                self.reset()
        elif self._header_size:
            self._header[self._header_held] = value
            self._header_held += 1
            if self._header_held == self._header_size:
                self._read_header(frames)
        elif self._zero and value == 0xFF:
            self._header_size = _SHORT_HEADER
        self._zero = value == 0 and not self._header_size

    def _read_header(self, frames: "list[tuple[int, bytes]]") -> None:
        header = self._header
        first = header[0]
        second = header[1]
        if self._header_size == _SHORT_HEADER:
            if first == 0xFF and second == 0xFF:
                self._header_size = _LONG_HEADER
                return
            if first + second == 0xFF and not (first and second):
                frames.append((NACK if first else ACK, b""))
                self.reset()
                return
            size = 0 if (first + second) & 0xFF else first
        else:
            size = header[2] << 8 | header[3]
            if (header[2] + header[3] + header[4]) & 0xFF or size > BODY_LIMIT:
                size = 0
        if size:
            self._size = size
            return
        frames.append((DAMAGED, b""))
        # What was taken for a header may hold the start of a frame.
        held = bytes(header[: self._header_size])
        self.reset()
        for value in held:
            self._take(value, frames)

    def _read_body(self, checksum: int) -> "tuple[int, bytes]":
        total = checksum
        for at in range(self._size):
            total += self._body[at]
        if total & 0xFF:
            return (DAMAGED, b"")
        sender = self._body[0]
        if sender == _ERROR:
            return (ERROR, b"")
        if sender != _FROM_CHIP or self._size < 2:
            return (DAMAGED, b"")
        return (DATA, bytes(memoryview(self._body)[1 : self._size]))
