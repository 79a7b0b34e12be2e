"""What a person reads on a slip: the dots of its raster lines taken back to text, glyph by glyph.

The fonts are known and no two of their letters look the same but for those that are spelt differently only,
so nothing is guessed: a line is the one row of glyphs that draws exactly its dots.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from terminal.screens.font import Font, from_memory

from simulator.micropython_vm import FIRMWARE
from simulator.virtual_printer.logical_order import has_right_to_left, logical

FONTS = FIRMWARE / "terminal" / "screens" / "fonts"
UNREADABLE = "\ufffd"
# Rows of a line, of which the last four are blank: text, large digits, text of double size.
_TEXT_ROWS, _DIGITS_ROWS, _DOUBLED_ROWS = 30, 48, 56
_GAP_DOTS = 15  # between a label and its value; between words there is less
_EDGE_DOTS = 8  # between the edge of the paper and a line that begins there, at most
_COLUMN_DOTS = 12
_TURNS_LIMIT = 20_000
# Where the fonts have characters.
_BLOCKS = (
    range(0x20, 0x100),
    range(0x600, 0x700),
    range(0x2000, 0x2300),
    range(0xE000, 0xE002),
    range(0xFB50, 0xFF00),
)
# Drawn alike: the spelling of our texts comes first.
_PREFERRED = ("\ufb8e", "\ufb92"), ("\ufbfc", "\ufc00"), ("\u06f0", "\u06fa"), ("-", ".")


@dataclass(frozen=True, slots=True)
class _Glyph:
    character: str
    advance: int
    left: int
    dots: int  # column after column of the font's height, the first column and the top row lowest


@dataclass(frozen=True, slots=True)
class _Segment:
    """A piece of a line with blank paper on both sides; `end` is the column after its last dot."""

    start: int
    end: int
    glyphs: str


Line = list[_Segment]


def read_lines(rasters: list[tuple[bytes, ...]], width_dots: int) -> list[str]:
    """The text of raster lines, in logical order, laid out in columns of 12 dots.

    Args:
        rasters: the rows of each line.
        width_dots: width of the paper.
    """
    columns = width_dots // _COLUMN_DOTS
    found: list[str | Line] = [_line(rows, width_dots) for rows in rasters]
    shown: list[str] = []
    at = 0
    while at < len(found):
        end = at
        while end < len(found) and not isinstance(found[end], str):
            end += 1
        block = [line for line in found[at:end] if not isinstance(line, str)]
        rightwards = _is_left_to_right(block)
        shown += [_laid_out(line, rightwards, width_dots) for line in block]
        if end < len(found):
            rule = found[end]
            shown.append((str(rule) * columns)[:columns])
            end += 1
        at = end
    return shown


def _line(rows: tuple[bytes, ...], width_dots: int) -> "str | Line":
    """The segments of a line; of a rule, the characters that stand for it."""
    if len(rows) == _DIGITS_ROWS:
        return _segments(rows, "digits", width_dots)
    if len(rows) == _DOUBLED_ROWS:
        halved = tuple(_halved(row) for row in rows[::2])
        return [
            _Segment(2 * part.start, 2 * part.end, part.glyphs)
            for part in _segments(halved, "receipt", width_dots)
        ]
    if len(rows) == _TEXT_ROWS:
        return _segments(rows, "receipt", _GAP_DOTS)
    return "- " if b"\xf0\xf0" in b"".join(rows) else "-"


def _halved(row: bytes) -> bytes:
    dots = f"{int.from_bytes(row, 'big'):0{8 * len(row)}b}"[::2]
    return int(dots, 2).to_bytes(len(row) // 2, "big")


def _segments(rows: tuple[bytes, ...], font: str, gap: int) -> Line:
    width = 8 * len(rows[0])
    lines = [f"{int.from_bytes(row, 'big'):0{width}b}" for row in rows]
    height = _font(font)[0]
    columns = [int("".join(column[:height])[::-1], 2) for column in zip(*lines, strict=True)]
    found: Line = []
    at = 0
    while at < width:
        if not columns[at]:
            at += 1
            continue
        end = last = at
        while end < width and end - last <= gap:
            if columns[end]:
                last = end
            end += 1
        found.append(_Segment(at, last + 1, _read(tuple(columns[at : last + 1]), font)))
        at = last + 1
    return found


@cache
def _font(name: str) -> tuple[int, tuple[_Glyph, ...]]:
    """Height and glyphs of a font, those with the most dots first."""
    font = Font(from_memory(Path(FONTS / f"{name}.bin").read_bytes()))
    glyphs: dict[tuple[int, int, int], _Glyph] = {}
    for character in (chr(code) for block in _BLOCKS for code in block):
        if not font.has(character):
            continue
        font.load(character)
        dots = 0
        row_bytes = (font.width + 7) // 8
        for row in range(font.rows):
            for column in range(font.width):
                if font.bits[row * row_bytes + column // 8] >> (7 - column % 8) & 1:
                    dots |= 1 << (column * font.height + font.top + row)
        key = (font.advance, font.left, dots)
        if font.advance and (key not in glyphs or any(low <= character < high for low, high in _PREFERRED)):
            glyphs[key] = _Glyph(character, font.advance, font.left, dots)
    return font.height, tuple(sorted(glyphs.values(), key=lambda glyph: -glyph.dots.bit_count()))


@lru_cache(maxsize=4096)
def _read(columns: tuple[int, ...], font: str) -> str:
    """The glyphs that draw these columns, of which the first and the last are not blank."""
    height, glyphs = _font(font)
    ink = sum(column << (place * height) for place, column in enumerate(columns))
    turns = 0

    def rest(pen: int, drawn: int) -> str | None:
        """The glyphs from column `pen` on; no later one reaches further back than one column."""
        nonlocal turns
        turns += 1
        if drawn == ink:
            return ""
        if pen > len(columns) + 1 or turns > _TURNS_LIMIT:
            return None
        for glyph in glyphs:
            if pen or glyph.dots:
                # The first glyph's first dots are where the columns begin.
                place = pen + glyph.left if pen else 0
                more = glyph.dots << (place * height) if place >= 0 else -1
                if more & ~ink:
                    continue
                next_pen = (pen or -glyph.left) + glyph.advance
                settled = (1 << (max(next_pen - 1, 0) * height)) - 1
                if (drawn | more) & settled == ink & settled:
                    found = rest(next_pen, drawn | more)
                    if found is not None:
                        return glyph.character + found
        return None

    found = rest(0, 0)
    return UNREADABLE if found is None else found


def _is_left_to_right(block: list[Line]) -> bool:
    """How most of the rows of a label and a value are read."""
    votes = 0
    for line in block:
        if len(line) == 2:
            left, right = (has_right_to_left(part.glyphs) for part in line)
            if left or right:
                # A Latin word beside Persian may be an English label, or a name in a Persian row.
                votes += 0 if right and any(map(str.islower, line[0].glyphs)) and not left else 1
            else:
                votes -= 1
        elif len(line) == 1:
            votes += 1 if has_right_to_left(line[0].glyphs) else -1
    return votes < 0


def _laid_out(line: Line, rightwards: bool, width_dots: int) -> str:
    columns = width_dots // _COLUMN_DOTS
    parts = [logical(unicodedata.normalize("NFC", part.glyphs), rightwards) for part in line]
    if not rightwards:
        parts.reverse()
    if len(parts) > 1:
        label, value = parts[0], " ".join(parts[1:])
        gap = max(columns - _shown(label) - _shown(value), 1)
        if not rightwards and not has_right_to_left(value) and any(map(_is_joint, value)):
            value = f"\u2066{value}\u2069"
        return label + " " * gap + value
    if not parts:
        return ""
    (text,) = parts
    start, end = line[0].start, line[0].end
    before, after = (start, width_dots - end) if rightwards else (width_dots - end, start)
    if before <= _EDGE_DOTS < after:
        return text
    blank = max(columns - _shown(text), 0)
    return " " * (blank if after <= _EDGE_DOTS else blank // 2) + text


def _is_joint(character: str) -> bool:
    """Whether a right-to-left line would put what stands before and after it in another order."""
    return not character.isalnum() and character not in "٬,.:/"


def _shown(text: str) -> int:
    return len(text) - text.count("\u200c")
