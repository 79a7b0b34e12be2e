"""Slips on the ESC/POS printer: the bytes by Epson's reference, and what they look like on paper."""

import asyncio
import hashlib
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from terminal.devices.escpos import commands, status
from terminal.devices.escpos.printer import PAPER_58_MM_DOTS, PAPER_80_MM_DOTS, Printer
from terminal.devices.escpos.slip import (
    BARCODE,
    BIG,
    CENTRED,
    DIRECTION,
    LINE,
    QR_CODE,
    ROW,
    SEPARATOR,
    print_slip,
)
from terminal.screens.bidi import LEFT_TO_RIGHT, RIGHT_TO_LEFT
from terminal.screens.font import Font, from_memory
from terminal.screens.layout import amount, code, foreign

from simulator.virtual_printer import Slip, VirtualPrinter
from simulator.virtual_printer.reading import FONTS
from tests.firmware import long_slip
from tests.firmware.escpos_stream import PrinterStream

Element = tuple[int, str | int, str]
TEXT = (FONTS / "receipt.bin").read_bytes()
DIGITS = (FONTS / "digits.bin").read_bytes()
PAPERS = pytest.mark.parametrize("dots", [PAPER_58_MM_DOTS, PAPER_80_MM_DOTS])


def printer_on(stream: PrinterStream) -> Printer:
    return Printer(stream, stream.printer.width_dots, Font(from_memory(TEXT)), Font(from_memory(DIGITS)))


def printed(elements: list[Element], dots: int = PAPER_58_MM_DOTS) -> Slip:
    paper = VirtualPrinter(dots)
    asyncio.run(print_slip(printer_on(PrinterStream(paper)), list(elements)))
    (slip,) = paper.slips
    return slip


def ink(slip: Slip) -> list[tuple[int, int]]:
    """First and last dark column of each line of text, 30 rows high."""
    found = []
    for top in range(0, len(slip.rows), 30):
        columns = 0
        for row in slip.rows[top : top + 30]:
            columns |= int.from_bytes(row, "big")
        text = f"{columns:0{slip.width_dots}b}"
        found.append((text.find("1"), text.rfind("1")))
    return found


def persian_slip() -> list[Element]:
    return [
        (CENTRED, "فروشگاه زنجیره‌ای مهر", ""),
        (SEPARATOR, "", ""),
        (BIG, amount(2_500_000, "fa"), ""),
        (BIG, "تراکنش موفق", ""),
        (ROW, "مبلغ (ریال)", amount(2_500_000, "fa")),
        (ROW, "امتیاز مصرف‌شده", amount(-1_200, "fa")),
        (ROW, "عضو", foreign("ژاله نمونه")),
        (ROW, "کارت", code("636949******0013", "fa")),
        (ROW, "کد پاسخ", code("000123-AB", "fa")),
        (LINE, "لطفاً این برگه را نگه دارید؛ برای بازگرداندن کالا تا ۷ روز پس از خرید لازم است.", ""),
        (QR_CODE, "VAFA:V1:0123456789", ""),
        (BARCODE, "V0123456789", ""),
        (DIRECTION, LEFT_TO_RIGHT, ""),
        (ROW, "Card", "636949******0013"),
    ]


@PAPERS
def test_the_picture_of_a_slip_is_the_one_that_was_looked_at(dots: int) -> None:
    slip = printed(persian_slip(), dots)
    digest = hashlib.sha256(b"".join(slip.rows)).hexdigest()[:16]
    assert (len(slip.rows), digest) == {384: (610, "9354f7bb54d96424"), 576: (610, "f447df7996f6cf33")}[dots]
    assert slip.text == ["[QR VAFA:V1:0123456789]", "[CODE128 V0123456789]"]


@PAPERS
def test_the_bytes_of_a_long_slip_are_those_of_the_vm(dots: int) -> None:
    stream = PrinterStream(VirtualPrinter(dots))
    asyncio.run(print_slip(printer_on(stream), long_slip.elements()))
    assert zlib.crc32(stream.sent) == long_slip.SENT[dots]


@PAPERS
def test_labels_and_values_stand_at_the_edges_of_the_paper(dots: int) -> None:
    rows: list[Element] = [
        (ROW, "مبلغ", amount(2_500_000, "fa")),
        (ROW, "کارت", code("636949******0013", "fa")),
        (DIRECTION, LEFT_TO_RIGHT, ""),
        (ROW, "Amount", "2,500,000"),
    ]
    for first, last in ink(printed(rows, dots)):
        assert first <= 2 and last >= dots - 3


def test_a_row_too_wide_for_the_paper_takes_two_lines() -> None:
    label, value = "یک برچسب بسیار بلند که جا نمی‌شود", code("ABCDEF-0123456789", "fa")
    assert len(printed([(ROW, label, value)], PAPER_80_MM_DOTS).rows) == 30
    narrow = printed([(ROW, label, value)])
    (label_first, label_last), (value_first, value_last) = ink(narrow)
    assert label_last >= 380 and label_first > 50
    assert value_first <= 2 and value_last < 330


def test_large_type_that_is_too_wide_becomes_ordinary() -> None:
    assert len(printed([(BIG, "۱۲۳۴", "")]).rows) == 48
    assert len(printed([(BIG, "تراکنش", "")]).rows) == 56
    assert len(printed([(BIG, "9" * 24, "")]).rows) == 30


def test_how_an_amount_looks_on_paper() -> None:
    assert printed([(ROW, "", "۱۴")]).art(6, 13) == [
        "..##....##...####",
        "..##....##..#####",
        "..###...###.##",
        "...##....####",
        "...##....####",
        "...##....#########",
        "...##....#########",
        "...###...###",
        "...###...###",
        "...###...###",
        "...###...###",
        "...###...###",
        "...###...###",
    ]


def test_plain_rows_are_the_printers_own_letters() -> None:
    async def scenario() -> list[Slip]:
        stream = PrinterStream(VirtualPrinter())
        printer = printer_on(stream)
        await printer.plain_row("Card", "636949******0013")
        await printer.plain_row("تست\x1bd")
        await printer.feed(2)
        await printer.finish()
        return stream.printer.slips

    (slip,) = asyncio.run(scenario())
    assert slip.text == ["Card            636949******0013", "????d"]
    assert len(slip.rows) == 4 * 30


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (
            commands.qr_code(b"AB", 6),
            "1d286b0400314132001d286b03003143061d286b03003145311d286b050031503041421d286b0300315130",
        ),
        (commands.barcode("A{1", 384), "1d6850 1d4802 1d7702 1d6b49 06 7b42 41 7b7b 31"),
        (commands.feed(999), "1b64ff"),
        (commands.ask_now(4), "100404"),
        (commands.CUT, "1d564200"),
        (commands.DRAWER_KICK, "1b700019fa"),
    ],
    ids=["qr", "barcode", "feed", "ask", "cut", "drawer"],
)  # fmt: skip
def test_the_bytes_of_commands(made: bytes, expected: str) -> None:
    assert made.hex() == expected.replace(" ", "")


@pytest.mark.parametrize(
    "text", ["", "آ", "A\n", "9" * 41, "9" * 30], ids=["empty", "persian", "control", "long", "wide"]
)
def test_a_barcode_that_cannot_be_printed(text: str) -> None:
    with pytest.raises(commands.CommandFault):
        commands.barcode(text, PAPER_58_MM_DOTS)


@pytest.mark.parametrize("size", [0, commands.CODE_LIMIT_BYTES + 1])
def test_a_qr_code_that_cannot_be_printed(size: int) -> None:
    with pytest.raises(commands.CommandFault):
        commands.qr_code(bytes(size), 6)


def test_the_printer_tells_its_state() -> None:
    async def scenario() -> None:
        stream = PrinterStream(VirtualPrinter(), stray=b"\x00\xff")
        printer = printer_on(stream)
        assert await printer.status() == 0
        stream.printer.near_end = True
        assert await printer.status() == status.PAPER_NEAR_END
        assert await printer.finish() == status.PAPER_NEAR_END
        stream.printer.cover_open = True
        assert await printer.status() == status.OFFLINE | status.COVER_OPEN | status.PAPER_NEAR_END
        await printer.kick_drawer()
        assert stream.printer.drawer_kicks == 1

    asyncio.run(scenario())


def test_without_paper_or_wire_a_slip_has_failed() -> None:
    async def scenario() -> None:
        stream = PrinterStream(VirtualPrinter())
        printer = printer_on(stream)
        stream.printer.paper = False
        assert await printer.status() & status.PAPER_OUT
        with pytest.raises(OSError, match="no paper"):
            await print_slip(printer, [(LINE, "سلام", "")])
        assert stream.printer.slips == []
        stream.close()
        with pytest.raises(OSError, match="cut"):
            await printer.line("سلام")
        silent = printer_on(PrinterStream(VirtualPrinter(), stray=b"\xff" * 40))
        with pytest.raises(OSError, match="does not answer"):
            await silent.finish()

    asyncio.run(scenario())


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=40), st.sampled_from([LEFT_TO_RIGHT, RIGHT_TO_LEFT]))
def test_no_text_leaves_the_paper_or_reaches_the_printer_as_a_command(
    label: str, value: str, direction: int
) -> None:
    slip = printed([(DIRECTION, direction, ""), (ROW, label, value), (BIG, value, ""), (CENTRED, label, "")])
    assert all(len(row) == 48 for row in slip.rows)
    assert zlib.crc32(slip.png()) >= 0
