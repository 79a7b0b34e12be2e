"""The virtual printer's own understanding of ESC/POS, and its pictures."""

import struct
import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.virtual_printer import EscposParser, PrinterFault, VirtualPrinter

SLIP = (
    b"\x1b@Card  1\n\x1ba\x01\x1dv0\x00\x02\x00\x03\x00\x80\x01\xff\xff\x00\x00\x1ba\x00"
    b"\x1d(k\x04\x001A2\x00\x1d(k\x05\x001P0AB\x1d(k\x03\x001Q0\x1dh\x50\x1dH\x02\x1dw\x02\x1dk\x49\x04{B{{"
    b"\x1bd\x01\x1dVB\x00\x1dr\x01"
)


def pixels(picture: bytes) -> list[bytes]:
    """The rows of a one-bit PNG, 1 for white."""
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, depth, colour = struct.unpack(">IIBB", picture[16:26])
    assert (depth, colour) == (1, 0)
    start = picture.index(b"IDAT") + 4
    size = struct.unpack(">I", picture[start - 8 : start - 4])[0]
    data = zlib.decompress(picture[start : start + size])
    line = 1 + (width + 7) // 8
    assert len(data) == line * height
    return [data[at + 1 : at + line] for at in range(0, len(data), line)]


def test_a_slip_has_its_text_its_dots_and_its_picture() -> None:
    printer = VirtualPrinter()
    assert printer.feed(SLIP) == b"\x00"
    (slip,) = printer.slips
    assert slip.text == ["Card  1", "[QR AB]", "[CODE128 {]"]
    assert slip.art(30, 3) == ["#..............#", "################", ""]
    assert [bytes(value ^ 255 for value in row) for row in pixels(slip.png())] == slip.rows


@given(st.lists(st.integers(0, len(SLIP)), max_size=8))
def test_the_stream_may_come_in_any_pieces(cuts: list[int]) -> None:
    whole, pieces = VirtualPrinter(), VirtualPrinter()
    whole.feed(SLIP)
    edges = [0, *sorted(cuts), len(SLIP)]
    parts = [SLIP[start:end] for start, end in pairwise(edges)]
    answers = b"".join(pieces.feed(part) for part in parts)
    assert answers == b"\x00"
    assert pieces.slips == whole.slips


@pytest.mark.parametrize(
    ("stream", "offset"),
    [
        (b"abc\n\x1bZ", 4),
        (b"\x1b@\x07", 2),
        (b"\x1dv0\x00\x49\x00\x01\x00", 0),
        (b"\x1dv0\x00\x31\x00\x01\x00" + bytes(49), 0),
        (b"\x1dv0\x03\x01\x00\x01\x00", 0),
        (b"\x1ba\x05", 0),
        (b"\x10\x04\x09", 0),
        (b"\x1dk\x49\x02{C", 0),
        (b"\x1d(k\x03\x001Q0", 0),
        (b"\x1d(L\x03\x00abc", 0),
        (b"\x1dV\x07", 0),
        (b"x" * 300, 0),
        (b"\n\xd8", 1),
    ],
    ids=["escape", "bell", "wide", "wider_than_paper", "density", "align", "status", "code_set", "qr_empty",
         "symbol", "cut", "endless_text", "utf8"],
)  # fmt: skip
def test_what_it_does_not_know_is_refused_with_its_place(stream: bytes, offset: int) -> None:
    with pytest.raises(PrinterFault, match=f"at byte {offset}$") as refusal:
        VirtualPrinter().feed(stream)
    assert refusal.value.offset == offset


def test_endless_slips_are_refused() -> None:
    printer = VirtualPrinter()
    with pytest.raises(PrinterFault, match="never ends"):
        for _ in range(10):
            printer.feed(b"\x1bd\xff")


@given(st.binary(max_size=200))
def test_any_bytes_are_commands_or_a_fault(data: bytes) -> None:
    parser = EscposParser()
    try:
        offsets = [command.offset for command in parser.feed(data)]
    except PrinterFault as fault:
        assert 0 <= fault.offset < len(data)
    else:
        assert offsets == sorted(set(offsets)) and all(offset < len(data) for offset in offsets)
