"""The answer to reset and PPS: published answers, and bytes that are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal.devices.chip.atr import Atr, AtrParser, clocks_and_baud, mirrored
from terminal.devices.chip.fault import ChipFault
from terminal.devices.chip.pps import PpsAnswer, request

# From the public list of answers to reset of pcsc-tools, smartcard_list.txt.
SAMPLES = {
    "memory card": ("3B 04 01 02 03 04", [0], 0x11, "01020304"),
    "telephone, TA1 TB1": ("3B 65 00 00 9C 02 02 07 02", [0], 0x11, "9c02020702"),
    "TA1 and TC1": ("3B 95 18 40 FF 62 01 02 01 04", [0], 0x18, "6201020104"),
    "inverse": ("3F 65 35 64 02 04 6C 90 40", [0], 0x11, "02046c9040"),
    "inverse, 13 historical": (
        "3F 6D 00 00 80 31 80 65 B0 05 01 02 5E 83 00 90 00", [0], 0x11, "80318065b00501025e83009000",
    ),
    "T=0 and T=15": (
        "3B 9F 96 80 1F C3 80 31 E0 73 FE 21 1B B3 E2 02 7E 83 0F 90 00 82",
        [0], 0x96, "8031e073fe211bb3e2027e830f9000",
    ),
    "T=1": ("3B FF 13 00 FF 81 31 FE 5D 80 25 A0 00 00 00 56 57 44 4B 33 32 30 05 00 3F",
            [1], 0x13, "8025a00000005657444b3332300500"),
    "T=1 and T=15": ("3B DC 18 FF 81 91 FE 1F C3 80 73 C8 21 13 66 05 03 63 51 00 02 50",
                     [1], 0x18, "8073c8211366050363510002"),
    "contactless": ("3B 80 80 01 01", [0, 1], 0x11, ""),
}  # fmt: skip


def parse(raw: bytes) -> Atr:
    parser = AtrParser()
    places = [place for place, value in enumerate(raw) if parser.feed(value)]
    assert places == [len(raw) - 1]
    return parser.atr


@pytest.mark.parametrize("name", SAMPLES)
def test_published_answers(name: str) -> None:
    text, protocols, speed, historical = SAMPLES[name]
    atr = parse(bytes.fromhex(text))
    assert atr.protocols == protocols
    assert atr.speed == speed
    assert atr.historical.hex() == historical
    assert atr.inverse == text.startswith("3F")


def test_the_inverse_convention_as_a_line_of_the_direct_one_sees_it() -> None:
    raw = bytes.fromhex(SAMPLES["inverse"][0])
    parser = AtrParser()
    for value in raw:
        done = parser.feed(mirrored(value))
    assert done and parser.mirrored and parser.atr.inverse
    assert parser.atr.historical.hex() == SAMPLES["inverse"][3]
    # ISO/IEC 7816-3 clause 8.1: TS of the inverse convention, 3F, comes as 03.
    assert mirrored(0x3F) == 0x03


def test_what_t1_says_of_itself() -> None:
    atr = parse(bytes.fromhex("3B FF 13 00 FF 81 31 FE 5D 80 25 A0 00 00 00 56 57 44 4B 33 32 30 05 00 3F"))
    assert (atr.card_size, atr.block_integer, atr.character_integer, atr.crc) == (0xFE, 5, 13, False)
    assert atr.extra_guard_etu == 0  # 255: the least there is


def test_specific_mode() -> None:
    # T0: TD1; TD1: TA2, T=0; TA2: T=0 only, parameters implicit.
    assert parse(bytes.fromhex("3B801090")).implicit
    atr = parse(bytes.fromhex("3B90181000"))
    assert (atr.specific, atr.implicit, atr.speed) == (0, False, 0x18)


def test_only_the_first_parameters_of_t1_count() -> None:
    body = bytes.fromhex("808191501120")
    check = 0
    for value in body:
        check ^= value
    atr = parse(b"\x3b" + body + bytes((check,)))
    assert (atr.protocols, atr.card_size) == ([1], 0x50)


@pytest.mark.parametrize(
    "text",
    ["00", "3C", "FF", "3B80800102", "3B80811100", "3B808121A5", "3B804000"],
    ids=["no TS", "wrong TS", "blank", "wrong TCK", "IFSC 0", "BWI 10", "WI 0"],
)
def test_a_bad_answer_is_refused(text: str) -> None:
    parser = AtrParser()
    with pytest.raises(ChipFault) as fault:
        for value in bytes.fromhex(text):
            parser.feed(value)
    assert fault.value.reason == "atr"


@given(st.binary(max_size=80))
def test_any_bytes_are_an_answer_or_a_fault_within_33(raw: bytes) -> None:
    parser = AtrParser()
    taken = 0
    try:
        for value in b"\x3b" + raw + bytes(40):
            taken += 1
            if parser.feed(value):
                break
    except ChipFault as fault:
        assert fault.reason == "atr"
    assert taken <= 34
    if parser.done:
        assert parser.atr.protocols and len(parser.atr.historical) <= 15


@pytest.mark.parametrize(
    ("speed", "expected"), [(0x11, (372, 1)), (0x18, (372, 12)), (0x94, (512, 8)), (0x96, (512, 32))]
)
def test_speeds(speed: int, expected: tuple[int, int]) -> None:
    assert clocks_and_baud(speed) == expected


def test_a_reserved_speed_is_refused() -> None:
    for speed in (0x71, 0xE1, 0x10, 0x1A):
        with pytest.raises(ChipFault):
            clocks_and_baud(speed)


def answer(raw: bytes, protocol: int = 1, speed: int = 0x13) -> int | None:
    taker = PpsAnswer(protocol, speed)
    for place, value in enumerate(raw):
        if taker.feed(value):
            assert place == len(raw) - 1
            return int(taker.speed)
    return None


def test_pps() -> None:
    asked = request(1, 0x13)
    assert asked.hex() == "ff1113fd"
    assert answer(asked) == 0x13
    # Without PPS1 the chip keeps the default speed (clause 9.3).
    assert answer(bytes.fromhex("ff01fe")) == 0x11
    assert answer(asked[:-1]) is None


@given(st.binary(min_size=1, max_size=12))
def test_any_pps_answer_is_agreement_or_a_fault(raw: bytes) -> None:
    try:
        speed = answer((raw + bytes(7))[:7])
    except (ChipFault, AssertionError) as fault:
        assert not isinstance(fault, ChipFault) or fault.reason == "pps"
    else:
        assert speed in (0x11, 0x13)
