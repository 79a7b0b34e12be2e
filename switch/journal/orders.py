"""Journal entry of what a person ordered at the console: who, what, with which arguments, what came of it.

What an order changes of the switch's state stands in the entry itself, so that it is on the disk with it or
not at all. An order that takes its time has two entries: one when it begins, one when it has ended.
"""

import struct
from enum import IntEnum
from typing import NamedTuple

from switch.journal.text_bytes import pack_text, unpack_text

TEXT_BYTES_MAX = 255


class Outcome(IntEnum):
    """What came of an order."""

    DONE = 1
    BEGUN = 2
    FAILED = 3


class Effect(IntEnum):
    """What an order changes of the state; `subject` and `number` of the entry say of what.

    LINK: its name. TERMINAL: its id; a key generation is in `number`. CARD: its token. KEEP_TABLE: the newest
    rule table stays in force over a restart, as a host's does.
    """

    NONE = 0
    CLOSE_LINK = 1
    OPEN_LINK = 2
    CLOSE_TERMINAL = 3
    OPEN_TERMINAL = 4
    RAISE_KEY_GENERATION = 5
    BLOCK_CARD = 6
    UNBLOCK_CARD = 7
    KEEP_TABLE = 8


class OrderEntry(NamedTuple):
    """An order. `began` is the position of the entry with which it began, 0 where this is the first.

    `arguments` are names and texts as they may be shown: a card only by its reference. `told` says in a few
    words what came of it.
    """

    at_ms: int
    person: str
    role: str
    order: str
    arguments: tuple[tuple[str, str], ...]
    outcome: Outcome
    told: str = ""
    began: int = 0
    effect: Effect = Effect.NONE
    subject: bytes = b""
    number: int = 0


_HEAD = struct.Struct(">QBBQI")


def pack_order(entry: OrderEntry) -> bytes:
    """Body of an order's entry. Raises ValueError for texts of more than 255 bytes of UTF-8."""
    texts = [entry.person, entry.role, entry.order, entry.told]
    return b"".join(
        [
            _HEAD.pack(entry.at_ms, entry.outcome, entry.effect, entry.began, entry.number),
            *map(pack_text, texts),
            bytes((len(entry.subject),)),
            entry.subject,
            bytes((len(entry.arguments),)),
            *[pack_text(part) for argument in entry.arguments for part in argument],
        ]
    )


def unpack_order(body: bytes) -> OrderEntry:
    """Order of a body. Raises ValueError, LookupError or struct.error for other bytes."""
    at_ms, outcome, effect, began, number = _HEAD.unpack_from(body)
    person, offset = unpack_text(body, _HEAD.size)
    role, offset = unpack_text(body, offset)
    order, offset = unpack_text(body, offset)
    told, offset = unpack_text(body, offset)
    start, offset = offset + 1, offset + 1 + body[offset]
    subject = body[start:offset]
    count, offset = body[offset], offset + 1
    arguments = []
    for _ in range(count):
        name, offset = unpack_text(body, offset)
        text, offset = unpack_text(body, offset)
        arguments.append((name, text))
    if offset != len(body):
        raise ValueError("bytes behind the end")
    return OrderEntry(
        at_ms,
        person,
        role,
        order,
        tuple(arguments),
        Outcome(outcome),
        told,
        began,
        Effect(effect),
        subject,
        number,
    )
