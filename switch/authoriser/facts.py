"""What the rules get to see of a request."""

import hashlib
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from switch.authoriser.context import Context
from switch.authoriser.request import PinState
from switch.ledger.records import MemberRecord, Role
from switch.ledger.state import tier_of
from switch.rules.facts import Facts, Line, Subject
from switch.rules.local_time import LocalDay, clock_of, local_day, ordinal_of
from switch.rules.table import RuleTable

TRIGGER_PURCHASE = "purchase"
TRIGGER_BURN_REQUEST = "burn_request"
TRIGGER_CONVERSION = "conversion"

UPLINE_LEVELS_MAX = 10
_KEYED_TEXT_BYTES = 7
_NO_SETS = (0, 0)


class Tender(NamedTuple):
    """What a request wants to pay from a purse; purse 0 for none, both amounts None for all."""

    purse: int = 0
    amount: int | None = None
    units: int | None = None


NO_TENDER = Tender()


def facts_of(
    context: Context,
    *,
    trigger: str,
    amount: int,
    tender: Tender = NO_TENDER,
    reward: str = "",
    lines: tuple[Line, ...] = (),
) -> Facts:
    """Facts of a request as they stand before it; the evaluator adds those of time and basket itself."""
    state, table, request, terminal, holder = context[:5]
    member, at_s = context.holder.member, context.looked_at_s
    details = request.details
    merchant_id = request.merchant_id
    branch = f"{merchant_id}/{context.branch_number}" if context.branch_number else ""
    today = local_day_at(table, at_s)
    days_since_last: int | None = None
    uplines: tuple[int, ...] = ()
    if member is not None:
        last_s = state.last_purchase_s.get(member.number)
        if last_s is not None:
            days_since_last = max(today.ordinal - local_day_at(table, last_s).ordinal, 0)
        if member.introducer:
            uplines = state.uplines(member.number, today.date, UPLINE_LEVELS_MAX)
    return Facts(
        trigger=trigger,
        at_s=at_s,
        texts=(
            details.channel or ("api" if terminal.role == Role.HOST else "pos"),
            merchant_id,
            branch,
            terminal.terminal_id,
            terminal.guild,
            terminal.sector,
            terminal.city,
            details.operator,
            "" if holder.card is None else holder.card.card_type,
            "active" if member is not None else "",
            "" if member is None else tier_of(state, table, member),
            *_member_texts(member),
            request.entry_mode,
            details.code,
            details.event,
        ),
        numbers=(
            amount,
            None,
            None,
            None,
            None,
            days_since_last,
            None if member is None else _days_since(member.enrolled_on, today.ordinal),
            None if member is None else _birthday_distance(member.born_on, today.ordinal),
            len(uplines),
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
        ),
        sets=_NO_SETS if member is None else (member.segments, member.agreements),
        balances=context.balances,
        metrics=dict(details.metrics),
        lines=lines,
        subject=Subject(
            member=0 if member is None else member.number,
            card=0 if holder.card is None else holder.card.reference,
            household=0 if member is None else member.household,
            merchant=state.merchant_ordinals.get(merchant_id, 0),
            branch=keyed(branch),
            terminal=keyed(terminal.terminal_id),
            operator=keyed(f"{merchant_id}/{details.operator}") if details.operator else 0,
        ),
        uplines=uplines,
        has_pin=request.pin == PinState.RIGHT,
        reward=reward,
        tender_purse=tender.purse,
        tender_amount=tender.amount,
        tender_units=tender.units,
    )


def local_day_at(table: RuleTable, at_s: int) -> LocalDay:
    """The programme's local day at a UTC second."""
    return clock_of(table.programme.time_zone).at(at_s).day


@lru_cache(maxsize=65_536)
def keyed(text: str) -> int:
    """A text as a number of 56 bits, for counters; empty is 0."""
    if not text:
        return 0
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=_KEYED_TEXT_BYTES).digest(), "big")


def _member_texts(member: MemberRecord | None) -> tuple[str, str, str, str, str]:
    if member is None:
        return ("", "", "", "", "")
    return (member.group, member.organisation, member.club_level, member.enrol_channel, member.risk_class)


def _days_since(number: int, today: int) -> int | None:
    day = _date(number)
    return None if day is None else today - ordinal_of(day)


@lru_cache(maxsize=4096)
def _birthday_distance(number: int, today: int) -> int | None:
    """Days to the nearest birthday; that of 29 February is on 1 March in common years."""
    born = _date(number)
    if born is None:
        return None
    year = local_day(today).date // 10_000
    return min(abs(today - _birthday(born, near)) for near in (year - 1, year, year + 1))


def _birthday(born: date, year: int) -> int:
    try:
        return ordinal_of(born.replace(year=year))
    except ValueError:
        return ordinal_of(date(year, 3, 1))


@lru_cache(maxsize=65_536)
def _date(number: int) -> date | None:
    if number == 0:
        return None
    try:
        return date(number // 10_000, number // 100 % 100, number % 100)
    except ValueError:
        return None
