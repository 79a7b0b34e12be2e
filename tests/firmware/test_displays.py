"""What displays are sent, played back by models of their controllers; and the beeper."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal.devices import beeper
from terminal.devices.character_lcd import START, CharacterLcd
from terminal.devices.graphic_lcd import GraphicLcd
from terminal.screens.bidi import LEFT_TO_RIGHT
from terminal.screens.font import Font, from_memory
from terminal.screens.transliteration import transliterated

from simulator.virtual_printer.reading import FONTS

DISPLAY, RECEIPT, DIGITS = ((FONTS / f"{name}.bin").read_bytes() for name in ("display", "receipt", "digits"))
SCREENS = st.lists(st.text(max_size=30), max_size=5)


def graphic(columns: int = 128) -> GraphicLcd:
    large = (Font(from_memory(DIGITS)), Font(from_memory(RECEIPT)))
    return GraphicLcd(columns, 64, Font(from_memory(DISPLAY)), large)


class Panel:
    """Controllers of 128 columns with their memory, by the SSD1306's datasheet, page addressing mode."""

    def __init__(self, columns: int) -> None:
        self.memory = [bytearray(128 * 8) for _ in range(columns // 128)]
        self.bytes_taken = 0

    def take_all(self, lcd: GraphicLcd) -> None:
        while write := lcd.next_write():
            controller, command, data = write
            assert command[0] & 0xF8 == 0xB0 and command[1] & 0xF0 == 0x10 and command[2] & 0xF0 == 0
            start = (command[0] & 7) * 128 + (command[1] & 15) * 16 + command[2]
            assert start % 128 + len(data) <= 128
            self.memory[controller][start : start + len(data)] = data
            self.bytes_taken += len(data)

    def art(self) -> list[str]:
        return [
            "".join(
                ".#"[part[(y >> 3) * 128 + x] >> (y & 7) & 1] for part in self.memory for x in range(128)
            ).rstrip(".")
            for y in range(64)
        ]


@pytest.mark.parametrize("columns", [128, 256])
def test_the_panel_shows_what_is_wanted_and_gets_only_what_changed(columns: int) -> None:
    lcd, panel = graphic(columns), Panel(columns)
    panel.take_all(lcd)
    assert panel.bytes_taken == columns * 8
    assert lcd.show(["فروشگاه وفا", "کارت را بکشید"])
    panel.take_all(lcd)
    assert panel.art() == lcd.art() and any(panel.art())
    assert not lcd.show(["فروشگاه وفا", "کارت را بکشید"])
    assert lcd.next_write() is None
    before = panel.bytes_taken
    lcd.show(["فروشگاه وفا", "مبلغ را وارد کنید"])
    panel.take_all(lcd)
    assert panel.art() == lcd.art()
    assert 0 < panel.bytes_taken - before < 4 * columns
    panel.memory = [bytearray(128 * 8) for _ in range(columns // 128)]
    lcd.refresh_all()
    panel.take_all(lcd)
    assert panel.art() == lcd.art()


@given(SCREENS, SCREENS, st.integers(-1, 5))
def test_any_lines_arrive(first: list[str], second: list[str], large: int) -> None:
    lcd, panel = graphic(256), Panel(256)
    for lines in (first, second):
        lcd.show(lines, large)
        panel.take_all(lcd)
        assert panel.art() == lcd.art()


def test_a_prompt_reads_from_the_right_and_looks_so() -> None:
    lcd = graphic()
    lcd.show(["کد ۵"])
    assert [line[100:] for line in lcd.art()[3:12]] == [
        "..........................#",
        ".......#................###",
        "......###.............##",
        "......#..#........#....#",
        ".....##..#........##....##",
        ".....#....#........#.....#",
        ".....#....#........##.....#",
        ".....#.##.#........##....##",
        ".....#####......###.######",
    ]
    assert lcd.show(["کد ۵"], -1, LEFT_TO_RIGHT)
    assert max(map(len, lcd.art())) < 40


@pytest.mark.parametrize(
    ("columns", "rows"),
    [(128, 26), (256, 44)],
    ids=["narrow_takes_the_receipt_font", "wide_takes_large_digits"],
)
def test_an_amount_is_as_large_as_fits(columns: int, rows: int) -> None:
    lcd = graphic(columns)
    lcd.show(["مبلغ", "", "۲٬۵۰۰٬۰۰۰", ""], 2)
    below = [line for line in lcd.art()[16:] if line]
    assert rows // 2 <= len(below) <= rows
    left = min(line.index("#") for line in below)
    right = columns - max(map(len, below))
    assert abs(left - right) <= 3


class Hd44780:
    """The controller by Hitachi's datasheet, behind the expander: nibbles are taken when E falls."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.memory = bytearray(b"?" * 0x80)
        self._address = 0
        self._wires = 0
        self._is_four_bit = False
        self._high: int | None = None

    def take(self, data: bytes) -> None:
        for wires in data:
            if self._wires & 4 and not wires & 4:
                self._nibble(self._wires & 0xF0, bool(self._wires & 1))
            assert wires & 8, "the light goes out"
            self._wires = wires

    def _nibble(self, nibble: int, is_text: bool) -> None:
        if not self._is_four_bit:
            self._is_four_bit = nibble == 0x20
        elif self._high is None:
            self._high = nibble
        else:
            value, self._high = self._high | nibble >> 4, None
            if is_text:
                self.memory[self._address] = value
                self._address += 1
            elif value & 0x80:
                self._address = value & 0x7F
            elif value == 0x01:
                self.memory[:] = b" " * 0x80

    def rows(self, count: int) -> list[str]:
        starts = (0, 0x40, self.columns, 0x40 + self.columns)[:count]
        return [self.memory[start : start + self.columns].decode("ascii").rstrip() for start in starts]


@pytest.mark.parametrize(("columns", "rows"), [(16, 2), (16, 4), (20, 4)])
def test_a_character_display_shows_latin(columns: int, rows: int) -> None:
    lcd, chip = CharacterLcd(columns, rows), Hd44780(columns)
    for data, _ in START:
        chip.take(data)
    for lines in (["Swipe the card"], ["Member", "ژاله \u2066گلپایگانی\u2069", "مبلغ ۱۲۳", "x" * 30]):
        lcd.show(lines)
        while data := lcd.next_write():
            chip.take(bytes(data))
        shown = [transliterated(line)[:columns].rstrip() for line in lines[:rows]]
        assert chip.rows(rows) == shown + [""] * (rows - len(shown))
    assert not lcd.show(lines)
    lcd.show(["Member!"])
    assert len(lcd.next_write() or b"") == 8


@pytest.mark.parametrize(
    ("text", "latin"),
    [("ژاله", "zhalh"), ("مهر", "mhr"), ("نقره\u200cای", "nghrhai"), ("۲٬۵۰۰", "2,500"), ("«وفا»؟", '"vfa"?'),
     ("مُحَمَّد", "mhmd"), ("Ali\x1b\u2066", "Ali"), ("漢", "?")],
    ids=["zhaleh", "mehr", "zwnj", "amount", "quotes", "marks", "controls", "unknown"],
)  # fmt: skip
def test_transliteration(text: str, latin: str) -> None:
    assert transliterated(text) == latin


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("0۱٢گ،")), max_size=60))
def test_transliterated_text_is_printable_ascii_with_all_digits(text: str) -> None:
    latin = transliterated(text)
    assert latin.isascii() and (latin.isprintable() or not latin)
    digits = [int(character) for character in text if character in "0123456789۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩"]
    assert [int(character) for character in latin if character.isdigit()] == digits


def test_the_beeper_plays_the_last_pattern_to_its_end() -> None:
    player = beeper.Beeper()
    assert player.due() is None
    player.play(beeper.APPROVED)
    assert [player.due() for _ in range(5)] == [(2000, 80), (0, 40), (3000, 160), None, None]
    player.play(beeper.REMOVE_CARD, repeats=2)
    player.due()
    player.play(beeper.KEY)
    assert [player.due(), player.due()] == [(2000, 30), None]
    player.play(beeper.KEY, repeats=2)
    assert [player.due(), player.due(), player.due()] == [(2000, 30), (2000, 30), None]
    player.play(beeper.KEY, repeats=0)
    assert player.due() is None
