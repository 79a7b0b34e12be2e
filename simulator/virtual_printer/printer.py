"""The machine: takes commands, answers status, and keeps its slips as text and as dots."""

from dataclasses import dataclass, field
from pathlib import Path

from terminal.devices.escpos.raster import BAND_ROWS, Band
from terminal.screens.font import Font, from_memory

from simulator.virtual_printer.commands import Command, EscposParser, Kind, PrinterFault
from simulator.virtual_printer.png import png
from simulator.virtual_printer.reading import FONTS, read_lines

_ROWS_LIMIT = 20_000
_FONT_A_DOTS = 12
_TEXT_ROWS = 30


@dataclass(slots=True)
class Slip:
    """What came out of the printer in one piece.

    `text` has the lines of the printer's own letters and the contents of codes; raster lines have no text.
    `pieces` are the rows of each thing printed and its text, of which a raster has none.
    """

    width_dots: int
    rows: list[bytes] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    pieces: list[tuple[int, str | None]] = field(default_factory=list)

    def read(self) -> list[str]:
        """Everything on it as a person reads it, line by line in logical order; codes as their contents.

        What is no line of the terminal's fonts is read as U+FFFD.
        """
        shown: list[str] = []
        lines: list[tuple[bytes, ...]] = []
        continues = False
        at = 0
        for size, text in self.pieces:
            rows = tuple(self.rows[at : at + size])
            at += size
            if text is None:
                lines[-1:] = [lines[-1] + rows] if continues else [*lines[-1:], rows]
                # What fills a band goes on in the next one.
                continues = size == BAND_ROWS
                continue
            shown += [*read_lines(lines, self.width_dots), text]
            lines, continues = [], False
        return shown + read_lines(lines, self.width_dots)

    def png(self) -> bytes:
        """A picture of it."""
        return png(self.rows, self.width_dots)

    def art(self, first_row: int, rows: int) -> list[str]:
        """A part of it as text: `#` for black, without the blank columns on the right."""
        return [
            "".join(f"{value:08b}" for value in row).replace("0", ".").replace("1", "#").rstrip(".")
            for row in self.rows[first_row : first_row + rows]
        ]


class VirtualPrinter:
    """A printer with paper of `width_dots`. Its sensors are attributes: set them, and it answers so."""

    def __init__(self, width_dots: int = 384) -> None:
        self.width_dots = width_dots
        self.paper = True
        self.near_end = False
        self.cover_open = False
        self.slips: list[Slip] = []
        self.drawer_kicks = 0
        self._slip = Slip(width_dots)
        self._parser = EscposParser()
        self._line = ""
        self._align = 0
        self._font = Font(from_memory(Path(FONTS / "receipt.bin").read_bytes()))

    def power_on(self) -> None:
        """Forget what an earlier sender left unfinished: it was switched off, or its line was cut."""
        self._slip = Slip(self.width_dots)
        self._parser = EscposParser()
        self._line, self._align = "", 0

    def feed(self, data: bytes) -> bytes:
        """Take bytes; returns what the printer sends back.

        Raises:
            PrinterFault: it was sent what it does not know, or what does not fit its paper.
        """
        return b"".join(self._do(command) for command in self._parser.feed(data))

    def _do(self, command: Command) -> bytes:
        match command.kind:
            case Kind.STATUS_NOW:
                return bytes((self._status(command.number),))
            case Kind.PAPER_STATUS:
                return bytes(((0x03 if self.near_end else 0) | (0 if self.paper else 0x0C),))
            case Kind.DRAWER:
                self.drawer_kicks += 1
            case Kind.RESET:
                self._align, self._line = 0, ""
            case Kind.ALIGN:
                self._align = command.number
            case Kind.TEXT:
                self._line += command.data.decode("ascii")
            case Kind.LINE_FEED:
                self._print_text(command.offset)
            case Kind.FEED:
                self._extend([bytes(self.width_dots // 8)] * (_TEXT_ROWS * command.number), command.offset)
            case Kind.RASTER:
                self._print_raster(command)
            case Kind.QR_CODE | Kind.BARCODE:
                self._print_code(command)
            case Kind.CUT:
                if self.paper:
                    self.slips.append(self._slip)
                self._slip = Slip(self.width_dots)
        return b""

    def _status(self, kind: int) -> int:
        """The answer to DLE EOT, whose bits 1 and 4 are always set."""
        offline = self.cover_open or not self.paper
        bits = {
            1: 0x08 if offline else 0,
            2: (0x04 if self.cover_open else 0) | (0 if self.paper else 0x20),
            3: 0,
            4: (0x0C if self.near_end else 0) | (0 if self.paper else 0x60),
        }
        return 0x12 | bits[kind]

    def _extend(self, rows: list[bytes], offset: int, text: str | None = "") -> None:
        if len(self._slip.rows) + len(rows) > _ROWS_LIMIT:
            raise PrinterFault("a slip that never ends", offset)
        self._slip.rows += rows
        self._slip.pieces.append((len(rows), text))
        if text:
            self._slip.text.append(text)

    def _print_raster(self, command: Command) -> None:
        width = command.number
        if width * 8 > self.width_dots:
            raise PrinterFault("a raster wider than the paper", command.offset)
        rows = [command.data[at : at + width] for at in range(0, len(command.data), width)]
        self._extend([row.ljust(self.width_dots // 8, b"\x00") for row in rows], command.offset, None)

    def _print_text(self, offset: int) -> None:
        line, self._line = self._line, ""
        columns = self.width_dots // _FONT_A_DOTS
        for at in range(0, max(len(line), 1), columns):
            part = line[at : at + columns]
            band = Band(self.width_dots)
            start = (columns - len(part)) * self._align * _FONT_A_DOTS // 2
            for place, character in enumerate(part):
                # The printer's own letters all have one width; ours stand in for them.
                band.text(character, self._font, start + place * _FONT_A_DOTS, 0)
            dots = bytes(band.command(BAND_ROWS)[8:])
            width = self.width_dots // 8
            rows = [dots[row * width : (row + 1) * width] for row in range(_TEXT_ROWS)]
            self._extend(rows, offset, part)

    def _print_code(self, command: Command) -> None:
        """A code as a frame with its name; the dots of the symbol itself are the printer's affair."""
        is_qr = command.kind is Kind.QR_CODE
        name = "QR" if is_qr else "CODE128"
        band = Band(self.width_dots)
        band.text(name, self._font, (self.width_dots - self._font.width_of(name)) // 2, 2)
        dots = bytes(band.command(BAND_ROWS)[8:])
        width = self.width_dots // 8
        side = 18 if is_qr else 32
        edge = (width - side) // 2
        line = (b"\x00" * edge + b"\xff" * side).ljust(width, b"\x00")
        blank = (b"\x00" * edge + b"\x80" + b"\x00" * (side - 2) + b"\x01").ljust(width, b"\x00")
        label = [
            bytes(a | b for a, b in zip(blank, dots[row * width : (row + 1) * width], strict=True))
            for row in range(BAND_ROWS)
        ]
        margin = [blank] * (52 if is_qr else 24)
        frame = [line, line, *margin, *label, *margin, line, line]
        self._extend(frame, command.offset, f"[{name} {command.data.decode('utf-8', 'replace')}]")
