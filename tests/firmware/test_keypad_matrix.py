"""The matrix keypad: bouncing contacts, rollover, ghosts, repetition."""

from hypothesis import given
from hypothesis import strategies as st
from terminal.devices.keypad_matrix import SCAN_MS, KeypadMatrix

LAYOUT = b"123P456R789B\x1b0\x08\r"
STEADY = 4


def rows(*keys: int) -> bytes:
    """One scan with these keys (0 to 15) down."""
    scan = bytearray(4)
    for key in keys:
        scan[key // 4] |= 1 << key % 4
    return bytes(scan)


def held(keypad: KeypadMatrix, scan: bytes, scans: int) -> bytes:
    return b"".join(keypad.scan(scan) for _ in range(scans))


def test_every_key_is_its_byte_once() -> None:
    keypad = KeypadMatrix(LAYOUT, repeating=b"")
    for key in range(16):
        assert held(keypad, rows(key), 300) == LAYOUT[key : key + 1]
        assert held(keypad, rows(), 10) == b""


def test_bouncing_contacts_press_once_and_noise_never() -> None:
    keypad = KeypadMatrix(LAYOUT)
    bouncing = [
        rows(5),
        rows(),
        rows(5),
        rows(5),
        rows(),
        *[rows(5)] * 10,
        rows(),
        rows(5),
        rows(),
        *[rows()] * 10,
    ]
    assert b"".join(keypad.scan(scan) for scan in bouncing) == b"5"
    noise = [rows(5), rows(5), rows(5), rows()] * 50
    assert b"".join(keypad.scan(scan) for scan in noise) == b""


def test_a_second_key_counts_while_the_first_is_down() -> None:
    keypad = KeypadMatrix(LAYOUT)
    pressed = held(keypad, rows(0), 6) + held(keypad, rows(0, 5), 6) + held(keypad, rows(5), 6)
    pressed += held(keypad, rows(5, 10), 6) + held(keypad, rows(), 6)
    assert pressed == b"159"


def test_a_ghost_is_not_believed() -> None:
    keypad = KeypadMatrix(LAYOUT)
    assert held(keypad, rows(0), 6) + held(keypad, rows(0, 1), 6) == b"12"
    # Keys 0, 1 and 4 make 5 look pressed; when 1 is let go, 4 counts.
    assert held(keypad, rows(0, 1, 4, 5), 50) == b""
    assert held(keypad, rows(0, 4), 6) == b"4"


def test_the_clear_key_repeats_and_digits_do_not() -> None:
    keypad = KeypadMatrix(LAYOUT)
    assert held(keypad, rows(14), STEADY + 600 // SCAN_MS - 1) == b"\x08"
    assert held(keypad, rows(14), 1 + 2 * 150 // SCAN_MS) == b"\x08" * 3
    held(keypad, rows(), 10)
    assert held(keypad, rows(6), 1000) == b"6"
    # A digit pressed meanwhile ends the repetition.
    held(keypad, rows(), 10)
    assert held(keypad, rows(14), STEADY) + held(keypad, rows(14, 0), 1000) == b"\x081"


@given(st.lists(st.binary(min_size=4, max_size=4), max_size=60))
def test_any_scans_give_at_most_one_press_for_each_steady_key(scans: list[bytes]) -> None:
    keypad = KeypadMatrix(LAYOUT, repeating=b"")
    pressed = b"".join(keypad.scan(scan) for scan in scans)
    assert len(pressed) <= 16 * len(scans) // STEADY
