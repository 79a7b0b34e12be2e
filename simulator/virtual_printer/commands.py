"""The ESC/POS stream, cut into commands. What it does not know it refuses, and says where."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

_PENDING_LIMIT_BYTES = 65_536
_RASTER_WIDTH_LIMIT_BYTES = 72
_TEXT_LIMIT_BYTES = 256


class PrinterFault(ValueError):  # noqa: N818
    """No ESC/POS that the terminal may send; `offset` is the place of the command in the stream."""

    def __init__(self, what: str, offset: int) -> None:
        super().__init__(f"{what} at byte {offset}")
        self.offset = offset


class Kind(Enum):
    """What a command asks for."""

    TEXT = auto()
    LINE_FEED = auto()
    RASTER = auto()
    RESET = auto()
    FEED = auto()
    ALIGN = auto()
    CUT = auto()
    DRAWER = auto()
    STATUS_NOW = auto()
    PAPER_STATUS = auto()
    BARCODE = auto()
    QR_CODE = auto()
    SETTING = auto()


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `number` is its parameter: lines, alignment, kind of status, bytes of a raster's row."""

    kind: Kind
    offset: int
    number: int = 0
    data: bytes = b""


# Commands of fixed length by their first bytes: whole length, place of the parameter (0: none), kind.
_FIXED = {
    b"\x1b@": (2, 0, Kind.RESET),
    b"\x1bd": (3, 2, Kind.FEED),
    b"\x1ba": (3, 2, Kind.ALIGN),
    b"\x1bp": (5, 2, Kind.DRAWER),
    b"\x1dr": (3, 2, Kind.PAPER_STATUS),
    b"\x1dh": (3, 2, Kind.SETTING),
    b"\x1dH": (3, 2, Kind.SETTING),
    b"\x1dw": (3, 2, Kind.SETTING),
    b"\x10\x04": (3, 2, Kind.STATUS_NOW),
}
_RANGES = {Kind.ALIGN: range(3), Kind.PAPER_STATUS: range(1, 2), Kind.STATUS_NOW: range(1, 5)}


class EscposParser:
    """Takes the bytes as they come; holds at most one unfinished command."""

    def __init__(self) -> None:
        self._pending = b""
        self._offset = 0
        self._qr_data = b""

    def feed(self, data: bytes) -> Iterator[Command]:
        """The commands that these bytes complete.

        Raises:
            PrinterFault: unknown, wrong or endless; the parser is of no more use.
        """
        self._pending += data
        while self._pending:
            found = self._next()
            if found is None:
                if len(self._pending) > _PENDING_LIMIT_BYTES:
                    raise PrinterFault("a command that never ends", self._offset)
                return
            size, command = found
            self._pending = self._pending[size:]
            self._offset += size
            if command is not None:
                yield command

    def _next(self) -> tuple[int, Command | None] | None:
        """Length and meaning of the first command; None when more bytes are needed."""
        pending, offset = self._pending, self._offset
        if pending[0] == 0x0A:
            return 1, Command(Kind.LINE_FEED, offset)
        if 0x20 <= pending[0] < 0x7F:
            size = 1
            while size < len(pending) and 0x20 <= pending[size] < 0x7F:
                size += 1
            if size > _TEXT_LIMIT_BYTES:
                raise PrinterFault("a line of text that never ends", offset)
            return size, Command(Kind.TEXT, offset, data=pending[:size])
        if pending[0] not in (0x1B, 0x1D, 0x10):
            raise self._unknown(1)
        if len(pending) < 2:
            return None
        head = pending[:2]
        if head in _FIXED:
            return self._fixed(*_FIXED[head])
        if head == b"\x1dv":
            return self._raster()
        if head == b"\x1dV":
            return self._cut()
        if head == b"\x1dk":
            return self._barcode()
        if head == b"\x1d(":
            return self._symbol()
        raise self._unknown(2)

    def _unknown(self, size: int) -> PrinterFault:
        return PrinterFault(f"unknown command {self._pending[:size].hex()}", self._offset)

    def _fixed(self, size: int, place: int, kind: Kind) -> tuple[int, Command] | None:
        if len(self._pending) < size:
            return None
        number = self._pending[place] if place else 0
        if kind in _RANGES and number not in _RANGES[kind]:
            raise self._unknown(size)
        return size, Command(kind, self._offset, number)

    def _raster(self) -> tuple[int, Command] | None:
        if len(self._pending) < 8:
            return None
        if self._pending[2:4] != b"0\x00":
            raise self._unknown(4)
        width, rows = (int.from_bytes(self._pending[at : at + 2], "little") for at in (4, 6))
        if not 0 < width <= _RASTER_WIDTH_LIMIT_BYTES or not 0 < rows <= 256:
            raise PrinterFault(f"a raster of {width} bytes by {rows} rows", self._offset)
        size = 8 + width * rows
        if len(self._pending) < size:
            return None
        return size, Command(Kind.RASTER, self._offset, width, self._pending[8:size])

    def _cut(self) -> tuple[int, Command] | None:
        if len(self._pending) < 3:
            return None
        # With 65 and 66 the paper is fed first, by a number that follows.
        size = 4 if self._pending[2] in (65, 66) else 3
        if size == 3 and self._pending[2] not in (0, 1, 48, 49):
            raise self._unknown(3)
        return (size, Command(Kind.CUT, self._offset)) if len(self._pending) >= size else None

    def _barcode(self) -> tuple[int, Command] | None:
        if len(self._pending) < 4:
            return None
        if self._pending[2] != 73:
            raise self._unknown(3)
        size = 4 + self._pending[3]
        if len(self._pending) < size:
            return None
        data = self._pending[4:size]
        if data[:2] != b"{B" or len(data) < 3:
            raise PrinterFault("a Code 128 without its code set", self._offset)
        return size, Command(Kind.BARCODE, self._offset, data=data[2:].replace(b"{{", b"{"))

    def _symbol(self) -> tuple[int, Command | None] | None:
        if len(self._pending) < 5:
            return None
        size = 5 + int.from_bytes(self._pending[3:5], "little")
        if self._pending[2:3] != b"k" or size < 8:
            raise self._unknown(3)
        if len(self._pending) < size:
            return None
        body = self._pending[5:size]
        match body[:2]:
            case b"1A" | b"1C" | b"1E":
                return size, Command(Kind.SETTING, self._offset, body[2])
            case b"1P":
                self._qr_data = body[3:]
                return size, None
            case b"1Q":
                if not self._qr_data:
                    raise PrinterFault("a QR code without data", self._offset)
                return size, Command(Kind.QR_CODE, self._offset, data=self._qr_data)
        raise self._unknown(7)
