"""The club of `vafa bench switch`: rules, terminals, members and cards, the same ones each time.

Nothing here is looked up: everything follows from a number, so that switch, load and proof need no list.
"""

from functools import cache
from pathlib import Path

from tools.bench.rule_workload import (
    CARD_TYPES,
    SEGMENTS,
    SEGMENTS_OF_A_MEMBER,
    TIERS,
    rule_document,
    sample_rules,
)

RULES = 10_000
TERMINALS = 1_000
HOST_ID = "HOST0001"
MASTER_KEY = bytes(range(32))
FEED_TOKEN = "token-of-the-benchmark"  # noqa: S105  (a key of nothing but this run's own directory)
# What every member has to begin with: so each has an account with a lot, as in a club that is at work.
OPENING_POINTS = 1_000

_SEGMENT_BYTES = 25
# Multiplying by this leaves no pattern in the higher bits (Knuth, The Art of Computer Programming, 6.4).
_SPREAD = 2_654_435_761


def terminal_id(number: int) -> str:
    """Terminal of a number from 0."""
    return f"T{number + 1:07d}"


def merchant_id(number: int) -> str:
    """Merchant of the terminal of a number: each stands in a shop of its own, which some rules name."""
    return f"M{number}"


def card_number(number: int) -> str:
    """Number of the card of a number from 0."""
    return f"628{number:013d}"


def card_type(number: int) -> str:
    """Type of a card."""
    return CARD_TYPES[number % len(CARD_TYPES)]


def member_number(number: int) -> int:
    """The member who holds a card: each holds one."""
    return number + 1


def tier(number: int) -> str:
    """Tier of the holder of a card."""
    return TIERS[number // len(CARD_TYPES) % len(TIERS)]


def segments(number: int) -> bytes:
    """Segments of the holder of a card, as tag DF42 has them."""
    bits = 0
    for each in range(SEGMENTS_OF_A_MEMBER):
        bits |= 1 << (number * _SPREAD >> 6 * each) % len(SEGMENTS)
    return bits.to_bytes(_SEGMENT_BYTES, "big")


@cache
def rules_text() -> str:
    """The rule document in JSON."""
    return rule_document(sample_rules(RULES))


def write_setup(directory: Path) -> None:
    """Keys, token and rules of the switch, as files under `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in (("master.key", MASTER_KEY.hex()), ("feed.token", FEED_TOKEN)):
        path = directory / name
        path.touch(mode=0o600)
        path.write_text(content, "ascii")
    (directory / "rules.json").write_text(rules_text(), "utf-8")
