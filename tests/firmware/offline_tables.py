"""Offline tables as a switch makes them."""

import struct
from binascii import unhexlify

from terminal.messages.cmac import CmacKey
from terminal.transactions.offline_table import TABLE_KEY_INPUT, card_tag

TABLE_KEY = CmacKey(bytes(range(16))).derive(TABLE_KEY_INPUT)
TERMINAL = "T0000001"
VALID_FROM, VALID_UNTIL = 1_800_000_000, 1_800_600_000


def amount(value: int) -> bytes:
    return struct.pack(">HI", value >> 32, value & 0xFFFFFFFF)


def table(
    sequence: int = 5,
    *,
    terminal_id: str = TERMINAL,
    limits: "tuple[int, ...]" = (5_000_000, 2, 8_000_000, 30_000_000, 10, 50_000_000),
    ranges: "tuple[tuple[str, str], ...]" = (("6369490000", "6369499999"), ("9364000000", "9364000000")),
    steps: "tuple[tuple[int, int, int], ...]" = ((0, 1, 200), (10_000_000, 2, 300)),
    blocked: "tuple[str, ...]" = (),
    key: CmacKey = TABLE_KEY,
    version: int = 1,
    extra: bytes = b"",
) -> bytes:
    """A sealed table. Limits: sale, number and sum by card, sum by day, number and sum altogether."""
    sale, card_number, card_sum, day, number, total = limits
    data = b"VOT" + bytes((version,)) + struct.pack(">I", sequence) + terminal_id.encode()
    data += struct.pack(">II", VALID_FROM, VALID_UNTIL) + amount(sale) + struct.pack(">H", card_number)
    data += amount(card_sum) + amount(day) + struct.pack(">H", number) + amount(total)
    data += struct.pack(">H", len(ranges)) + b"".join(unhexlify(first + last) for first, last in ranges)
    data += struct.pack(">H", len(steps))
    for begin, points, credit in steps:
        data += amount(begin) + struct.pack(">II", points, credit)
    tags = sorted(card_tag(TABLE_KEY, card) for card in blocked)
    data += struct.pack(">H", len(tags)) + b"".join(struct.pack(">I", tag) for tag in tags) + extra
    return data + bytes(key.cmac8(data, len(data)))
