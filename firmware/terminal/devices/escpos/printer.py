"""The printer and the layout of a slip: rows of label and value, centred and large text, codes, cut."""

from terminal.constant import const
from terminal.devices.escpos import commands
from terminal.devices.escpos.raster import BAND_ROWS, Band
from terminal.devices.escpos.status import (
    PAPER_OUT,
    flags_now,
    is_answer_now,
    is_paper_answer,
    paper_flags,
)
from terminal.screens.bidi import RIGHT_TO_LEFT
from terminal.screens.typesetting import broken, typeset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.hal.contract import Stream
    from terminal.screens.font import Font

PAPER_58_MM_DOTS = const(384)
PAPER_80_MM_DOTS = const(576)
_LEADING = const(4)  # blank rows between lines
_EDGE_DOTS = const(1)  # some letters reach that far beyond their width
_GAP_DOTS = const(16)  # between a label and its value at least
_SEPARATOR_ROWS = const(12)
_TEXT_DOTS = const(12)  # width of a character of the printer's own font A
_STRAY_LIMIT = const(16)
# Drawn without a pause: some 3 ms each on a slow board, and twice that in large type.
_GLYPHS_AT_ONCE = const(5)
_BIG_GLYPHS_AT_ONCE = const(3)


class Printer:
    """A printer at the other end of `stream`. Only one task may use it at a time.

    Args:
        stream: to the printer and back.
        dots: width of the paper, `PAPER_58_MM_DOTS` or `PAPER_80_MM_DOTS`.
        font: for text.
        digits: large digits for amounts; what they lack is printed from `font`, doubled.
        buffer: for one band of dots, as `Band` takes it.

    Attributes:
        direction: of what follows, `RIGHT_TO_LEFT` or `LEFT_TO_RIGHT`; labels stand where reading begins.
        told: flags of the module `status` that the printer told last, -1 as long as it told none.

    All layout methods raise OSError when the printer went away.
    """

    def __init__(
        self, stream: "Stream", dots: int, font: "Font", digits: "Font", buffer: "bytearray | None" = None
    ) -> None:
        self._stream = stream
        self._dots = dots
        self._font = font
        self._digits = digits
        self._band = Band(dots, buffer)
        self._answer = bytearray(1)
        self.direction = RIGHT_TO_LEFT
        self.told = -1

    # Layout

    async def line(self, text: str) -> None:
        """Text from the side where reading begins, in as many lines as it takes."""
        await self._lines(text, self.direction == RIGHT_TO_LEFT)

    async def centred(self, text: str) -> None:
        """Text in the middle, in as many lines as it takes."""
        for line in await self._broken(text):
            glyphs = await self._typeset(line)
            await self._print(glyphs, (self._dots - self._font.width_of(glyphs)) // 2, "", 0)

    async def row(self, label: str, value: str) -> None:
        """A label and its value at the two edges; below one another where the paper is too narrow."""
        name = await self._typeset(label)
        content = await self._typeset(value)
        name_dots = self._font.width_of(name)
        content_dots = self._font.width_of(content)
        far = self._dots - _EDGE_DOTS
        if name_dots + _GAP_DOTS + content_dots > far - _EDGE_DOTS:
            await self._lines(label, self.direction == RIGHT_TO_LEFT)
            await self._lines(value, self.direction != RIGHT_TO_LEFT)
        elif self.direction == RIGHT_TO_LEFT:
            await self._print(name, far - name_dots, content, _EDGE_DOTS)
        else:
            await self._print(name, _EDGE_DOTS, content, far - content_dots)

    async def big(self, text: str) -> None:
        """A few words or an amount, centred, in large type, or in ordinary type on too narrow paper."""
        glyphs = await self._typeset(text)
        has_digits = all(self._digits.has(character) for character in glyphs)
        font = self._digits if has_digits else self._font
        scale = 1 if has_digits else 2
        dots = scale * font.width_of(glyphs)
        if dots > self._dots - 2 * scale * _EDGE_DOTS:
            await self.centred(text)
            return
        x = (self._dots - dots) // 2
        height = scale * font.height + _LEADING
        for top in range(0, height, BAND_ROWS):
            self._band.clear()
            at_x = x
            for at in range(0, len(glyphs), _BIG_GLYPHS_AT_ONCE):
                part = glyphs[at : at + _BIG_GLYPHS_AT_ONCE]
                at_x = self._band.text(part, font, at_x, -top, doubled=scale == 2)
                await self._stream.drain()
            await self._send(self._band.command(min(BAND_ROWS, height - top)))

    async def separator(self, broken: bool = False) -> None:
        """A line across the paper; a `broken` one says where to tear."""
        self._band.clear()
        self._band.rule(_SEPARATOR_ROWS // 2 - 1, 1, broken)
        self._band.rule(_SEPARATOR_ROWS // 2, 1, broken)
        await self._send(self._band.command(_SEPARATOR_ROWS))

    async def plain_row(self, label: str, value: str = "") -> None:
        """A row in the printer's own Latin letters, fast and small to send; other characters become `?`."""
        columns = self._dots // _TEXT_DOTS
        gap = max(columns - len(label) - len(value), 1) if value else 0
        text = (label + " " * gap + value)[: 4 * columns]
        await self._send(
            "".join(character if " " <= character <= "~" else "?" for character in text).encode() + b"\n"
        )

    async def qr_code(self, data: bytes, module_dots: int = 6) -> None:
        """A QR code in the middle.

        Raises:
            CommandFault: there is nothing in it, or too much.
        """
        await self._send(commands.CENTRE + commands.qr_code(data, module_dots) + commands.LEFT)

    async def barcode(self, text: str) -> None:
        """A Code 128 barcode in the middle, its text below.

        Raises:
            CommandFault: the paper is too narrow, or the text is not ASCII.
        """
        await self._send(commands.CENTRE + commands.barcode(text, self._dots) + commands.LEFT)

    # The machine

    async def start(self) -> None:
        """Bring the printer to its defaults, whatever an earlier slip left."""
        await self._send(commands.RESET)

    async def finish(self) -> int:
        """Cut, and wait until the slip is on paper; returns the status flags of the paper sensor.

        Raises:
            OSError: there is no paper, or the printer went away; the slip may be torn.
        """
        await self._send(commands.CUT + commands.ASK_PAPER)
        flags = self.told = paper_flags(await self._read(is_paper_answer))
        if flags & PAPER_OUT:
            raise OSError("no paper")
        return flags

    async def feed(self, lines: int) -> None:
        """Feed blank paper, in lines of the printer's own text."""
        await self._send(commands.feed(lines))

    async def kick_drawer(self) -> None:
        """Open the cash drawer."""
        await self._send(commands.DRAWER_KICK)

    async def status(self) -> int:
        """Ask for everything at once, also while the printer is offline: flags of the module `status`.

        Raises:
            OSError: the printer went away, or says what no printer says.
        """
        flags = 0
        for kind in (1, 2, 3, 4):
            await self._send(commands.ask_now(kind))
            flags |= flags_now(kind, await self._read(is_answer_now))
        self.told = flags
        return flags

    async def _lines(self, text: str, at_the_right: bool) -> None:
        for line in await self._broken(text):
            glyphs = await self._typeset(line)
            width = self._font.width_of(glyphs)
            await self._print(glyphs, self._dots - _EDGE_DOTS - width if at_the_right else _EDGE_DOTS, "", 0)

    async def _typeset(self, text: str) -> str:
        glyphs = typeset(text, self.direction)
        # On a slow board this takes long, and so does drawing; `drain` lets the other tasks have their turn.
        await self._stream.drain()
        return glyphs

    async def _broken(self, text: str) -> "list[str]":
        await self._stream.drain()
        lines = broken(text, self._font, self._dots - 2 * _EDGE_DOTS)
        await self._stream.drain()
        return lines

    async def _print(self, first: str, first_x: int, second: str, second_x: int) -> None:
        await self._stream.drain()
        self._band.clear()
        for text, x in ((first, first_x), (second, second_x)):
            for at in range(0, len(text), _GLYPHS_AT_ONCE):
                x = self._band.text(text[at : at + _GLYPHS_AT_ONCE], self._font, x, 0)  # noqa: PLW2901
                await self._stream.drain()
        await self._send(self._band.command(min(self._font.height + _LEADING, BAND_ROWS)))

    async def _send(self, data: "bytes | memoryview") -> None:
        self._stream.write(data)
        await self._stream.drain()

    async def _read(self, fits: "Callable[[int], bool]") -> int:
        for _ in range(_STRAY_LIMIT):
            if await self._stream.readinto(self._answer) != 1:
                break
            if fits(self._answer[0]):
                return self._answer[0]
        raise OSError("the printer does not answer")
