"""What the virtual printer reads from dots is what was printed."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from terminal.devices.escpos.printer import Printer
from terminal.devices.escpos.slip import BIG, CENTRED, DIRECTION, LINE, ROW, SEPARATOR, TEAR, print_slip
from terminal.screens.bidi import LEFT_TO_RIGHT, RIGHT_TO_LEFT
from terminal.screens.font import Font, from_memory

from simulator.virtual_printer import VirtualPrinter
from simulator.virtual_printer.reading import FONTS, UNREADABLE
from tests.firmware.escpos_stream import PrinterStream

Element = tuple[int, str | int, str]
LETTERS = "ءآأؤئابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
WORDS = st.lists(st.text(LETTERS, min_size=1, max_size=7), min_size=1, max_size=3).map(" ".join)
LATIN = st.lists(st.text("AbcXYZxyz019-*", min_size=1, max_size=7), min_size=1, max_size=2).map(" ".join)


def read(*elements: Element, dots: int = 576) -> list[str]:
    stream = PrinterStream(VirtualPrinter(dots))
    fonts = [Font(from_memory((FONTS / f"{name}.bin").read_bytes())) for name in ("receipt", "digits")]
    asyncio.run(print_slip(Printer(stream, dots, *fonts), elements))
    return stream.printer.slips[0].read()


@settings(max_examples=150, deadline=None)
@given(WORDS)
def test_persian_letters_in_all_their_forms(text: str) -> None:
    assert [line.strip() for line in read((CENTRED, text, ""))] == [text]


@settings(max_examples=80, deadline=None)
@given(LATIN)
def test_latin_letters_and_codes(text: str) -> None:
    (line,) = read((DIRECTION, LEFT_TO_RIGHT, ""), (LINE, text, ""))
    assert line == text


@settings(max_examples=40, deadline=None)
@given(WORDS, st.integers(0, 10**12))
def test_rows_of_both_directions(label: str, number: int) -> None:
    persian, _, latin = read(
        (DIRECTION, RIGHT_TO_LEFT, ""), (ROW, label, f"\u2066{number:06}-AB\u2069"), (SEPARATOR, "", ""),
        (DIRECTION, LEFT_TO_RIGHT, ""), (ROW, "Code", f"{number:,}"),
    )  # fmt: skip
    assert persian.startswith(label + " ") and persian.endswith(f" \u2066{number:06}-AB\u2069")
    assert latin.startswith("Code ") and latin.endswith(f" {number:,}") and len(latin) == 48


@pytest.mark.parametrize("dots", [384, 576])
def test_the_kinds_of_lines(dots: int) -> None:
    columns = dots // 12
    assert read(
        (BIG, "۲٬۵۰۰", ""), (SEPARATOR, "", ""), (TEAR, "", ""),
        (BIG, "مرسی (وفا)", ""), (LINE, "لطفاً نقره‌ای", ""),
        dots=dots,
    ) == [
        " " * ((columns - 5) // 2) + "۲٬۵۰۰",
        "-" * columns,
        "- " * (columns // 2),
        " " * ((columns - 10) // 2) + "مرسی (وفا)",
        "لطفاً نقره‌ای",
    ]  # fmt: skip


def test_a_name_in_the_other_script_stands_where_its_row_puts_it() -> None:
    assert read(
        (ROW, "سطح", "\u2068Silver\u2069"), (ROW, "عضو", "زهرا احمدی"),
        (SEPARATOR, "", ""), (DIRECTION, LEFT_TO_RIGHT, ""),
        (ROW, "Member", "\u2068زهرا احمدی\u2069"), (ROW, "Tier", "Silver"), (ROW, "Points", "7"),
        dots=384,
    ) == [
        "سطح                       Silver",
        "عضو                   زهرا احمدی",
        "-" * 32,
        "Member                زهرا احمدی",
        "Tier                      Silver",
        "Points                         7",
    ]  # fmt: skip


def test_dots_that_are_no_letters_are_told() -> None:
    printer = VirtualPrinter()
    printer.feed(b"\x1dv0\x00" + (48).to_bytes(2, "little") + (30).to_bytes(2, "little") + b"\xa5" * 48 * 30)
    printer.feed(b"\x1dVB\x00")
    assert [line.strip() for line in printer.slips[0].read()] == [UNREADABLE]
