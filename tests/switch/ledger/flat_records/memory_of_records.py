"""Resident memory of cards and members on flat memory and in dicts.

    python -m tests.switch.ledger.flat_records.memory_of_records flat|plain 1000000 [pins|changes]

Prints bytes for each card with its member: when all are there, at the worst moment until then, and at the
worst moment while every card is replaced five times by another and every name by a longer one. With `changes`
for `flat`, one card and one member change so often, and the bytes that this takes are for each change.
"""

import random
import sys
from collections.abc import MutableMapping
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from switch.ledger.records import CardRecord, MemberRecord, Status
from tests.switch.ledger.flat_records.stores import flat_records

FIRST_S = 1_780_000_000
_LETTERS = "ابپتسجچحخدرزشعغفقکگلمنوهی"
_LETTER_COUNT = 11  # and a space
_LONGER_NAMES = (5, 8, 11, 14, 17)
_TEXTS = tuple(f"text {number}" for number in range(16))
_STATUS_FILE = Path("/proc/self/status")


class Stores(NamedTuple):
    """What is filled."""

    cards: MutableMapping[bytes, CardRecord]
    members: MutableMapping[int, MemberRecord]
    cards_of_member: MutableMapping[int, int]
    last_purchase_s: MutableMapping[int, int]


def _token(number: int, again: int) -> bytes:
    return blake2b(b"%d/%d" % (number, again), digest_size=16).digest()


def _member(number: int, chance: random.Random, letter_count: int) -> MemberRecord:
    letters = "".join(chance.choices(_LETTERS, k=letter_count))
    return MemberRecord(
        number,
        f"{letters[:4]} {letters[4:]}",
        chance.choice(("", "SILVER", "GOLD")),
        Status.ACTIVE,
        group=chance.choice(("", "teachers", "nurses", "students")),
        segments=1 << chance.randrange(30) | 1 << chance.randrange(30),
        agreements=1,
        enrolled_on=20200100 + chance.randrange(1, 29),
        born_on=19600001 + 10_000 * chance.randrange(50) + 100 * chance.randrange(1, 13),
    )


def _card(number: int, chance: random.Random, has_pin: bool) -> CardRecord:
    return CardRecord(
        10**11 + number,
        number,
        "LOYAL",
        Status.ACTIVE,
        20280000 + 100 * chance.randrange(1, 13) + chance.randrange(1, 29),
        chance.randbytes(8) if has_pin else b"",
    )


def _fill(stores: Stores, count: int, has_pins: bool, chance: random.Random) -> None:
    """A club of members with a card each, all of whom have bought something."""
    for number in range(1, count + 1):
        stores.members[number] = _member(number, chance, _LETTER_COUNT)
        stores.cards[_token(number, 0)] = _card(number, chance, has_pins)
        stores.cards_of_member[number] = 1
        stores.last_purchase_s[number] = FIRST_S + chance.randrange(10**8)


def _replace(stores: Stores, has_pins: bool, chance: random.Random) -> None:
    """Other cards and longer names, again and again."""
    for again, letter_count in enumerate(_LONGER_NAMES, 1):
        for number in range(1, len(stores.members) + 1):
            del stores.cards[_token(number, again - 1)]
            stores.cards[_token(number, again)] = _card(number, chance, has_pins)
            stores.members[number] = _member(number, chance, letter_count)


def _change(stores: Stores, count: int, chance: random.Random) -> None:
    """One card and one member, with contents that they never had before."""
    for change in range(count):
        token = chance.randbytes(16)
        card = _card(1, chance, has_pin=True)._replace(expires_on=change, pin_check=chance.randbytes(16))
        stores.cards[token] = card
        stores.cards[token] = card._replace(expires_on=count + change)
        tier, group, organisation, risk_class, club_level, enrol_channel = chance.choices(_TEXTS, k=6)
        stores.members[1] = _member(1, chance, chance.randrange(4, 20))._replace(
            tier=tier,
            group=group,
            organisation=organisation,
            segments=chance.getrandbits(256),
            risk_class=risk_class,
            club_level=club_level,
            enrol_channel=enrol_channel,
        )
        del stores.cards[token]
        if change % 2:
            del stores.members[1]


def _resident_bytes(field: str) -> int:
    for line in _STATUS_FILE.read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    raise LookupError(field)


def main(kind: str, count: int, *, has_pins: bool, changes: bool) -> None:
    """Fill, replace or change, and measure."""
    chance = random.Random(count)
    stores = Stores({}, {}, {}, {})
    if kind == "flat":
        (records,) = flat_records()
        stores = Stores(records.cards, records.members, records.cards_of_member, records.last_purchase_s)
    if changes:
        _change(stores, count // 10, chance)  # what any use takes once
        before = _resident_bytes("VmRSS")
        _change(stores, count, chance)
        print((_resident_bytes("VmRSS") - before) // count)
        return
    before = _resident_bytes("VmRSS")
    _fill(stores, count, has_pins, chance)
    figures = [_resident_bytes("VmRSS"), _resident_bytes("VmHWM")]
    _replace(stores, has_pins, chance)
    figures.append(_resident_bytes("VmHWM"))
    print(*((figure - before) // count for figure in figures))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), has_pins="pins" in sys.argv, changes="changes" in sys.argv)
