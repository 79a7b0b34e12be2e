"""Every hint has a mistake that brings it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.codec import decode, encode_sealed
from protocol.message import Message, Value
from protocol.presentation.spans import read
from protocol.security.keys import derive_terminal_key
from protocol.security.mac import Mac
from protocol.security.session_keys import derive_session_key
from protocol.spec import load_spec
from simulator.scripts.coach import Situation, advise, hint_names
from simulator.scripts.mac_trial import mac_mistake
from simulator.scripts.repair import mistake_in

SPEC = load_spec("vafa")
MASTER = bytes(range(32))
TERMINAL = "T0000001"
KEY = derive_terminal_key(MASTER, TERMINAL, 1)
NOW_MS = 1_795_291_200_000  # 2026-11-21T20:00:00Z
FIELDS: dict[int, Value] = {
    3: "000000",
    4: "000002500000",
    7: "1121200000",
    11: "000001",
    12: "233000",
    13: "1121",
    22: "021",
    35: "9364000000000017=991250100",
    41: TERMINAL,
    42: "M1",
    48: {"DF05": "نمونه", "DF06": "gold"},
    49: "364",
}
SALE = Message("0200", FIELDS)
PAYLOAD = encode_sealed(SPEC, SALE, Mac(KEY))
COVERED = PAYLOAD[:-8]
PLAIN = Situation(SPEC, NOW_MS)


def start_of(number: int) -> int:
    return next(element.start for element in read(SPEC, PAYLOAD).elements if element.key == str(number))


def sealed_by(mac: bytes) -> Situation:
    others = (
        ("mac_other_generation", derive_terminal_key(MASTER, TERMINAL, 2)),
        ("mac_own_key_in_session", bytes(16)),
    )
    return replace(PLAIN, reading=read(SPEC, COVERED + mac), key=KEY, other_keys=others)


def unreadable(mend: Callable[[bytearray], None]) -> Situation:
    changed = bytearray(PAYLOAD)
    mend(changed)
    reading = read(SPEC, bytes(changed))
    assert reading.faults
    return replace(PLAIN, reading=reading)


def prefix(number: int, length: bytes) -> Callable[[bytearray], None]:
    def change(payload: bytearray) -> None:
        payload[start_of(number) : start_of(number) + len(length)] = length

    return change


def shift_nibbles(payload: bytearray) -> None:
    for number, written in ((22, "021f"), (49, "3640")):
        payload[start_of(number) : start_of(number) + 2] = bytes.fromhex(written)


def framed(head: bytes, payload: bytes = PAYLOAD) -> Situation:
    return replace(PLAIN, stream=head + payload)


def code(got: str, **known: object) -> Situation:
    base = replace(PLAIN, path="39", expected="00", got=got, sent=SALE)
    return replace(base, **known)  # type: ignore[arg-type]


def value(path: str, expected: str, got: str | None, **known: object) -> Situation:
    base = replace(PLAIN, path=path, expected=expected, got=got)
    return replace(base, **known)  # type: ignore[arg-type]


CASES: dict[str, Situation] = {
    "mac_other_generation": sealed_by(Mac(derive_terminal_key(MASTER, TERMINAL, 2)).sign(COVERED)),
    "mac_own_key_in_session": sealed_by(Mac(bytes(16)).sign(COVERED)),
    "mac_wrong_half": sealed_by(Mac(KEY).digest(COVERED)[8:]),
    "mac_wrong_range": sealed_by(Mac(KEY).sign(COVERED[2:])),
    "mac_wrong_key": sealed_by(Mac(bytes(range(16, 32))).sign(COVERED)),
    "mac_refused": code("63"),
    "length_counts_bytes": unreadable(prefix(35, bytes.fromhex("13"))),
    "length_counts_digits": unreadable(prefix(48, bytes.fromhex("0040"))),
    "length_is_binary": unreadable(prefix(35, bytes([26]))),
    "odd_nibble": unreadable(shift_nibbles),
    "length_little_endian": framed(len(PAYLOAD).to_bytes(2, "little")),
    "length_ascii": framed(f"{len(PAYLOAD):04d}".encode()),
    "length_counts_itself": framed((len(PAYLOAD) + 2).to_bytes(2)),
    "length_missing": framed(b""),
    "time_zone": value("7", "about now", "1121233000"),
    "clock_wrong": value("48.DF0B", "about now", "20261121202000"),
    "sign_on_missing": code("58", signed_on=False),
    "terminal_not_permitted": code("58"),
    "stan_reused": code("94", stan_reused=True),
    "reply_to_another": replace(PLAIN, waited=True, strays=True, sent=SALE),
    "not_echoed": value("3", "009100", "000000", echoes=True),
    "format_of_ours": code("30"),
    "ours_lacks_field": code("30", sent=Message("0200", {7: "1121200000"})),
    "field_missing": value("37", "(any value)", None),
    "unit_of_money": value("4", "000002500000", "000000250000"),
    "not_padded": value("48.DF07", "00000001", "1"),
    "card_unknown": code("14"),
    "merchant_unknown": code("03"),
    "link_missing": replace(PLAIN, waited=True, awaited="link"),
    "reversal_missing": replace(PLAIN, waited=True, awaited="0400", strays=True),
    "reversal_not_repeated": replace(PLAIN, waited=True, awaited="0401"),
    "request_missing": replace(PLAIN, waited=True, awaited="0200"),
    "closed_unknown_terminal": replace(PLAIN, closed=True, sent=SALE),
    "closed": replace(PLAIN, closed=True),
    "silent": replace(PLAIN, waited=True, sent=SALE),
}


def test_every_hint_has_a_case() -> None:
    assert set(CASES) == set(hint_names())


@pytest.mark.parametrize("name", CASES)
def test_the_mistake_brings_its_hint(name: str) -> None:
    hint = advise(CASES[name])
    assert hint is not None
    assert hint.rule == name
    assert hint.text.en and hint.text.fa and hint.anchor


@pytest.mark.parametrize(
    "range_",
    [
        COVERED + bytes(8),
        len(PAYLOAD).to_bytes(2) + COVERED,
        len(COVERED).to_bytes(2) + COVERED,
        COVERED[10:],
        COVERED[:2] + COVERED[10:],
        COVERED.hex().encode(),
        COVERED.hex().upper().encode(),
    ],
    ids=[
        "with zeros",
        "frame length",
        "own length",
        "fields",
        "no bitmap",
        "hexadecimal",
        "upper hexadecimal",
    ],
)
def test_wrong_ranges_of_the_mac(range_: bytes) -> None:
    assert mac_mistake(SPEC, COVERED + Mac(KEY).sign(range_), KEY, ()) == "mac_wrong_range"


def test_what_is_right_or_unknown_brings_no_hint() -> None:
    assert advise(PLAIN) is None
    assert mistake_in(SPEC, PAYLOAD) is None
    assert advise(value("38", "A00001", "A00002")) is None
    session = derive_session_key(KEY, TERMINAL, 1)
    assert mac_mistake(SPEC, COVERED + Mac(session).sign(COVERED), KEY, ()) is None


@given(data=st.data())
def test_any_bytes_are_advised_on(data: st.DataObject) -> None:
    payload = bytearray(PAYLOAD)
    for _ in range(data.draw(st.integers(0, 4))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(payload[: data.draw(st.integers(0, len(payload)))])
    reading = read(SPEC, cut)
    advise(replace(PLAIN, reading=reading))
    advise(replace(PLAIN, reading=reading, key=KEY))
    advise(replace(PLAIN, stream=cut))
    if not reading.faults:
        decode(SPEC, cut)
