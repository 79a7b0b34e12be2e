"""A journal as a club of so many cards would have it, written by the switch's own packers and writer.

It holds the rule table, a record of each terminal, and for each card the records of member and card and an
opening credit of points: three entries a card, as host and switch would have made them.
"""

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import repeat
from pathlib import Path

from protocol.dialect import FileName, PurseCode, credit_adjustment_of
from switch.journal.entries import (
    DIGEST_BYTES,
    ENTRY_VERSION,
    NO_GRANT,
    TOKEN_BYTES,
    Entry,
    FileActionEntry,
    LotMove,
    Reason,
    RecordTags,
    RuleTableEntry,
    TransactionEntry,
    Transfer,
    pack,
)
from switch.journal.format import RawEntry, pack_entry
from switch.journal.writer import Journal
from switch.keyring import Keyring
from switch.ledger.accounts import ProgrammeAccount, member_account, programme_account
from switch.rules.compiler import compile_rules
from switch.rules.outcome import NEVER_S
from tools.bench import switch_club as club

_BATCH_CARDS = 4096
_ENTRIES_OF_A_CARD = 3
_PACKERS = 2
_SEGMENT_BYTES = 64 << 20
_STANS = 999_999
_DAY_S = 86_400
_NO_CARD = bytes(TOKEN_BYTES)

_MEMBER, _CARD = FileName.MEMBER.value, FileName.CARD.value
_POINTS, _CREDIT = int(PurseCode.POINTS), int(PurseCode.CREDIT)
_OPENING = credit_adjustment_of(_POINTS)
_SOURCE = programme_account(ProgrammeAccount.ADJUSTMENT, _POINTS)
_MERCHANT = club.merchant_id(0)


def write_journal(directory: Path, cards: int) -> int:
    """Write the journal of a club with so many cards; returns its last position."""
    now_ms = time.time_ns() // 1_000_000
    journal = Journal.open(
        directory,
        key_check=Keyring(club.MASTER_KEY).key_check,
        segment_bytes=_SEGMENT_BYTES,
        now_ms=now_ms,
        on_entry=_refuse,
    )
    try:
        journal.commit(_packed([RuleTableEntry(now_ms, 1, _rule_table())]), now_ms)
        journal.commit(_packed(_terminal(number, now_ms) for number in range(club.TERMINALS)), now_ms)
        starts = range(0, cards, _BATCH_CARDS)
        with ProcessPoolExecutor(_PACKERS) as packers:
            for batch in packers.map(_packed_cards, starts, repeat(cards), repeat(now_ms)):
                journal.commit(batch, now_ms)
        return journal.last_position
    finally:
        journal.close()


@cache
def _rule_table() -> bytes:
    return compile_rules(club.rules_text(), "benchmark").packed


def _refuse(entry: RawEntry) -> None:
    raise ValueError(f"the directory has a journal already, with an entry {entry.position}")


def _packed(entries: Iterable[Entry]) -> list[bytes]:
    return [pack_entry(kind, ENTRY_VERSION, body) for kind, body in map(pack, entries)]


def _packed_cards(start: int, cards: int, now_ms: int) -> list[bytes]:
    return _packed(_of_cards(start, min(start + _BATCH_CARDS, cards), now_ms))


def _of_cards(start: int, end: int, now_ms: int) -> Iterator[Entry]:
    keyring = Keyring(club.MASTER_KEY)
    for number in range(start, end):
        token = keyring.card_token(club.card_number(number))
        first = club.TERMINALS + _ENTRIES_OF_A_CARD * number
        yield _file_action(first, now_ms, _MEMBER, _NO_CARD, _member_tags(number))
        yield _file_action(first + 1, now_ms, _CARD, token, _card_tags(number))
        yield _opening(first + 2, now_ms, number)


def _terminal(number: int, now_ms: int) -> FileActionEntry:
    return _file_action(number, now_ms, FileName.TERMINAL.value, _NO_CARD, _terminal_tags(number))


def _file_action(count: int, now_ms: int, name: str, token: bytes, record: RecordTags) -> FileActionEntry:
    stan, transmitted_s, digest = _identity(count, now_ms)
    return FileActionEntry(
        at_ms=now_ms,
        terminal_id=club.HOST_ID,
        stan=stan,
        transmitted_s=transmitted_s,
        digest=digest,
        action="1",
        file_name=name,
        response_code="00",
        card_token=token,
        record=record,
    )


def _opening(count: int, now_ms: int, number: int) -> TransactionEntry:
    """Points that the host gives the holder of a card."""
    stan, transmitted_s, digest = _identity(count, now_ms)
    member = club.member_number(number)
    account = member_account(member, _POINTS)
    return TransactionEntry(
        at_ms=now_ms,
        mti="0200",
        terminal_id=club.HOST_ID,
        stan=stan,
        transmitted_s=transmitted_s,
        digest=digest,
        processing_code=_OPENING,
        amount=club.OPENING_POINTS,
        currency="999",
        merchant_id=_MERCHANT,
        branch_number=0,
        card_reference=None,
        member_number=member,
        response_code="00",
        approval_code=f"{stan:06d}",
        rule_table_version=1,
        reverses=0,
        original_s=0,
        original_stan=0,
        looked_at_s=now_ms // 1000,
        concerns=0,
        net_amount=0,
        discount=0,
        tendered=0,
        hold_until_s=0,
        activity=False,
        transfers=(Transfer(_POINTS, _SOURCE, account, club.OPENING_POINTS, Reason.ADJUST, NO_GRANT),),
        lot_moves=(LotMove(0, account, 0, NEVER_S, club.OPENING_POINTS),),
        counter_moves=(),
        grants=(),
        lines=(),
        line_returns=(),
        record_changes=(),
        balances=((_POINTS, club.OPENING_POINTS), (_CREDIT, 0)),
        reply_tags=(("DF06", club.tier(number)), ("DF07", "00000001")),
    )


def _identity(count: int, now_ms: int) -> tuple[int, int, bytes]:
    """STAN, time and digest of the host's request of a number: each its own, of the day before."""
    transmitted_s = now_ms // 1000 - _DAY_S + count // _STANS
    return count % _STANS + 1, transmitted_s, count.to_bytes(DIGEST_BYTES, "big")


def _terminal_tags(number: int) -> RecordTags:
    return (
        ("DF28", club.terminal_id(number)),
        ("DF22", club.merchant_id(number)),
        ("DF23", "000001"),
        ("DF25", "0001"),
        ("DF26", "T"),
        ("DF21", "A"),
    )


def _member_tags(number: int) -> RecordTags:
    return (
        ("DF20", f"{club.member_number(number):012d}"),
        ("DF05", f"عضو {number}"),
        ("DF06", club.tier(number)),
        ("DF21", "A"),
        ("DF42", club.segments(number)),
        ("DF44", "20250321"),
    )


def _card_tags(number: int) -> RecordTags:
    return (
        ("DF29", f"{number + 1:012d}"),
        ("DF20", f"{club.member_number(number):012d}"),
        ("DF24", club.card_type(number)),
        ("DF21", "A"),
    )
