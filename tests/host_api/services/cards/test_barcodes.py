"""Bar codes module by module, as the standards have them, and the images of them."""

import re
import struct
import zlib

import pytest

from host_api.core.linear_barcode import code_128, ean_13, ean_check_digit
from host_api.services.cards.digital.images import ImageForm, Symbology, draw

_SYMBOL = 11


def test_code_128_of_pairs_and_of_an_odd_digit() -> None:
    # ISO/IEC 15417: start C, 12, 34, check (105 + 12 + 2 * 34) mod 103 = 82, stop.
    expected = ("11010011100", "10110011100", "10001011000", "10010011110", "1100011101011")
    assert code_128("1234") == "".join(expected)
    # Start C, 12, code B, 3 as symbol 19, check (105 + 12 + 2 * 100 + 3 * 19) mod 103 = 65, stop.
    odd = ("11010011100", "10110011100", "10111101110", "11001011100", "10010110000", "1100011101011")
    assert code_128("123") == "".join(odd)


def test_every_symbol_of_code_128_has_its_modules_and_parity() -> None:
    symbols = set()
    for pair in range(100):
        modules = code_128(f"{pair:02d}")
        symbol, check = (modules[at : at + _SYMBOL] for at in (_SYMBOL, 2 * _SYMBOL))
        symbols |= {symbol, check}
        for found in (symbol, check):
            # ISO/IEC 15417, 4.3.1: three bars, three spaces, an even number of dark modules.
            assert re.fullmatch("(1{1,4}0{1,4}){3}", found)
            assert found.count("1") % 2 == 0
    assert len(symbols) >= 103 - 3


def test_ean_13_of_a_published_example() -> None:
    # GS1 General Specifications, 5.2.1: first digit 4 has sets A B A A B B on the left.
    left = ("0001101", "0100111", "0111101", "0001011", "0010111", "0011101")
    right = ("1100110", "1001110", "1001110", "1011100", "1001000", "1010000")
    assert ean_13("4003994155486") == "101" + "".join(left) + "01010" + "".join(right) + "101"
    assert ean_check_digit("400399415548") == "6"
    for wrong in ("4003994155487", "400399415548", "40039941554861", "400399415548\u06f6"):
        with pytest.raises(ValueError, match="digit"):
            ean_13(wrong)


def test_images_hold_the_modules() -> None:
    modules = code_128("9364120000000007")
    png = draw("9364120000000007", Symbology.CODE_128, ImageForm.PNG)
    width, height, depth, colours = struct.unpack(">IIBB", png[16:26])
    assert (png[:8], depth, colours) == (b"\x89PNG\r\n\x1a\n", 1, 0)
    length = struct.unpack(">I", png[33:37])[0]
    assert zlib.crc32(png[37 : 41 + length]) == struct.unpack(">I", png[41 + length : 45 + length])[0]
    lines = zlib.decompress(png[41 : 41 + length])
    row = f"{int.from_bytes(lines[1 : len(lines) // height]):0{(width + 7) // 8 * 8}b}"
    dark = "".join("1" if row[at] == "0" else "0" for at in range(0, width, 3))
    assert dark == "0" * 11 + modules + "0" * 11
    svg = draw("9364120000000007", Symbology.CODE_128, ImageForm.SVG).decode()
    bars = [(int(x), int(w)) for x, w in re.findall(r"M(\d+) 0h(\d+)v60h-\d+z", svg)]
    drawn = ["0"] * len(dark)
    for x, w in bars:
        drawn[x : x + w] = "1" * w
    assert "".join(drawn) == dark
    for form, begin in ((ImageForm.SVG, b"<?xml"), (ImageForm.PNG, b"\x89PNG")):
        assert draw("vafa:9364120000000007", Symbology.QR, form).startswith(begin)
