"""Scanned codes: members' cards, things for sale, broken lines, noise."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal.devices.card_number import CardNumber
from terminal.devices.entry_mode import BARCODE
from terminal.devices.misread import Misread
from terminal.devices.scanner.code import ean_holds, read_code
from terminal.devices.scanner.reader import ScanParser, read_scans

from protocol.dialect import EntryMode
from simulator.virtual_contactless import VirtualPn532
from simulator.virtual_scanner import Symbology, ean_13, scanned
from simulator.virtual_terminal import Card
from tests.firmware.device_stream import DeviceStream

CARD = Card.issue("9364", 9)
OWN_EAN = ean_13("290000001234")
# GS1 General Specifications, 7.9: the worked example of a check digit is GTIN-13 6291041500213.
PRODUCT = "6291041500213"


def test_field_22_is_that_of_the_message_spec() -> None:
    assert BARCODE == EntryMode.BARCODE


@pytest.mark.parametrize(
    ("data", "symbology", "number"),
    [
        (CARD.number, None, CARD.number),
        (CARD.number, Symbology.CODE_128, CARD.number),
        (CARD.number, Symbology.GS1_128, CARD.number),
        ("vafa:" + CARD.number, None, CARD.number),
        ("vafa:" + CARD.number, Symbology.QR, CARD.number),
        ("VAFA:" + CARD.number, Symbology.GS1_QR, CARD.number),
        (OWN_EAN, Symbology.EAN_13, OWN_EAN),
        (OWN_EAN, None, OWN_EAN),
    ],
    ids=["plain", "Code 128", "GS1-128", "payload", "QR", "GS1 QR", "EAN-13", "plain EAN-13"],
)
@pytest.mark.parametrize(
    ("prefix", "suffix"),
    [(b"", b"\r"), (b"", b"\n"), (b"", b"\r\n"), (b"\x02", b"\x03\r\n")],
    ids=["cr", "lf", "crlf", "stx etx"],
)
def test_members_cards(
    data: str, symbology: Symbology | None, number: str, prefix: bytes, suffix: bytes
) -> None:
    (scan,) = ScanParser().feed(scanned(data, symbology, prefix=prefix, suffix=suffix))
    assert isinstance(scan, CardNumber)
    assert (scan.pan, scan.entry_mode) == (number, "031")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (PRODUCT, "product"),
        ("]E0" + PRODUCT, "product"),
        ("]E0" + OWN_EAN[:-1] + str((int(OWN_EAN[-1]) + 1) % 10), "ean"),
        ("]E496385074", "product"),
        ("]E0" + CARD.number, "ean"),
        ("036000291452", "product"),
        (CARD.number[:-1] + str((int(CARD.number[-1]) + 1) % 10), "luhn"),
        ("12345678903", "pan"),
        ("0" * 20, "pan"),
        ("https://example.org/" + CARD.number, "form"),
        ("vafa:" + CARD.number + "?x=1", "form"),
        ("vafa:", "form"),
        ("]C1", "form"),
        ("]", "form"),
        ("x", "form"),
        ("1" * 65, "length"),
    ],
    ids=[
        "product",
        "product by its symbology",
        "EAN check digit",
        "EAN-8",
        "no EAN",
        "UPC-A",
        "Luhn",
        "short",
        "long",
        "another URI",
        "more behind it",
        "no number",
        "identifier alone",
        "bracket",
        "letter",
        "too long",
    ],
)
def test_what_is_no_card(line: str, reason: str) -> None:
    (scan,) = ScanParser().feed(line.encode("ascii") + b"\r")
    assert isinstance(scan, Misread)
    assert scan.reason == reason
    assert not any(character.isdigit() for character in str(scan))


def test_published_check_digits() -> None:
    # UPC-A and EAN-8 examples that the symbologies' descriptions use everywhere.
    for digits in (PRODUCT, "036000291452", "96385074"):
        assert ean_holds(digits)
        assert not ean_holds(digits[:-1] + str((int(digits[-1]) + 1) % 10))
    assert not ean_holds("")
    assert not ean_holds("٣٣٣")


@given(st.integers(0, 10**12 - 1))
def test_exactly_one_check_digit_completes_an_ean(body: int) -> None:
    digits = f"{body:012d}"
    assert [digit for digit in "0123456789" if ean_holds(digits + digit)] == [ean_13(digits)[-1]]


@pytest.mark.parametrize(
    "noise",
    [b"\x00\xff\x80", b"\x1d01", "کارت".encode(), b"\x07" + CARD.number.encode()],
    ids=["binary", "FNC1", "Persian", "bell"],
)
def test_lines_with_noise_are_passed_over(noise: bytes) -> None:
    parser = ScanParser()
    assert parser.feed(noise + b"\r\r\n\n") == []
    (scan,) = parser.feed(scanned(CARD.number))
    assert isinstance(scan, CardNumber)


@given(
    st.lists(st.sampled_from([CARD.number, OWN_EAN, "vafa:" + CARD.number]), max_size=5), st.integers(1, 80)
)
def test_lines_survive_any_slicing(several: list[str], step: int) -> None:
    stream = b"".join(scanned(data) for data in several)
    parser = ScanParser()
    read = [scan for at in range(0, len(stream), step) for scan in parser.feed(stream[at : at + step])]
    assert len(read) == len(several)
    assert all(isinstance(scan, CardNumber) for scan in read)
    assert not parser.unfinished


@given(st.lists(st.binary(max_size=100), max_size=8))
def test_any_bytes_are_scans_or_nothing(parts: list[bytes]) -> None:
    parser = ScanParser()
    scans = [scan for part in parts for scan in parser.feed(part)] + parser.pause()
    assert all(isinstance(scan, CardNumber | Misread) for scan in scans)
    assert not parser.unfinished


@given(st.text(max_size=70))
def test_any_text_is_a_card_or_a_misread(text: str) -> None:
    try:
        assert read_code(text).pan.isascii()
    except Misread as misread:
        assert misread.reason in ("form", "pan", "luhn", "ean", "product")


def test_nothing_of_a_card_stays_in_the_parser() -> None:
    parser = ScanParser()
    parser.feed(scanned(CARD.number))
    assert not any(parser._lines._line)


def test_the_stream_s_pauses_end_lines() -> None:
    async def scenario() -> list[CardNumber | Misread]:
        stream = DeviceStream(VirtualPn532(), 5)
        scans: list[CardNumber | Misread] = []

        def notify(scan: CardNumber | Misread) -> None:
            scans.append(scan)
            if len(scans) == 1:
                stream.arrive(scanned("x"))
            elif len(scans) == 2:
                stream.end()

        stream.arrive(scanned("vafa:" + CARD.number, suffix=b""))
        async with asyncio.timeout(60):
            await read_scans(stream, notify)
        return scans

    first, second = asyncio.run(scenario())
    assert isinstance(first, CardNumber)
    assert isinstance(second, Misread)
