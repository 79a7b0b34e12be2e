"""Shaping, order of characters and fonts on the VM: its strings, small integers and memory are its own."""

import gc

import unit
from fonts import font
from terminal.screens.bidi import LEFT_TO_RIGHT, RIGHT_TO_LEFT, visual
from terminal.screens.font import Font, FontFault, from_memory
from terminal.screens.shaping import shaped
from terminal.screens.typesetting import broken, typeset


def test_letters_are_joined():
    assert shaped("سلام") == "\ufeb3\ufefc\ufee1"
    assert shaped("لطفاً مثلاً") == "\ufedf\ufec4\ufed4\ufd3c \ufee3\ufe9c\ue001"
    assert shaped("نقره\u200cای") == "\ufee7\ufed8\ufeae\ufee9\ufe8d\ufbfc"
    assert shaped("\U0001f600ب") == "\U0001f600\ufe8f"


def test_codes_and_numbers_keep_their_order():
    for code in "636949******0013", "000123-AB", "۱۴۰۵/۰۱/۰۱", "ABCDEF-0123":
        assert typeset("کارت \u2066" + code + "\u2069 است", RIGHT_TO_LEFT).count(code) == 1
    assert visual("(ا) [a]", RIGHT_TO_LEFT) == "[a] (ا)"
    assert visual("abc", LEFT_TO_RIGHT) == "abc"


def test_the_longest_line_and_the_deepest_isolates():
    assert len(visual("a1ا " * 100, RIGHT_TO_LEFT)) == 255
    assert visual("\u2067" * 200 + "a", RIGHT_TO_LEFT) == "a"


def test_a_font_is_read_glyph_by_glyph():
    receipt = font("receipt")
    receipt.load("\ufefc")
    assert receipt.rows and len(receipt.bits) == (receipt.width + 7 >> 3) * receipt.rows
    assert not receipt.has("漢")
    unit.raises(FontFault, Font, from_memory(b"x" * 300))


def test_lines_fit_the_paper():
    receipt = font("receipt")
    lines = broken("لطفاً این برگه را نگه دارید " * 4, receipt, 384)
    lines = [typeset(line, RIGHT_TO_LEFT) for line in lines]
    assert len(lines) > 2 and max(receipt.width_of(line) for line in lines) <= 384


def test_what_a_line_leaves_on_the_heap():
    receipt = font("receipt")
    line = "مبلغ (ریال) \u2066۲٬۵۰۰٬۰۰۰\u2069"
    typeset(line, RIGHT_TO_LEFT)
    gc.collect()
    before = gc.mem_alloc()
    for _ in range(20):
        receipt.width_of(typeset(line, RIGHT_TO_LEFT))
    gc.collect()
    assert gc.mem_alloc() - before < 256


unit.run(globals())
