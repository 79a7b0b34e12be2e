"""The part of a packed table that all rules share."""

from typing import Final
from zoneinfo import ZoneInfo

from switch.rules.caps import Cap, CapOf, CapPer, CapWindow, Limit, WindowKind
from switch.rules.facts import SET_BITS
from switch.rules.outcome import Party
from switch.rules.packing.bounds import (
    AMOUNT_MAX,
    BUDGETS_MAX,
    COUNTERS_MAX,
    DAYS_MAX,
    FUNDERS_MAX,
    GROUPS_MAX,
    HOLD_MINUTES_MAX,
    LIMITS_MAX,
    NAMED_BITS_MAX,
    OWNER_MAX,
    PURSES_MAX,
    RETURN_DAYS_MAX,
    SHARE_WHOLE,
    TIERS_MAX,
)
from switch.rules.packing.fault import RuleTableFault
from switch.rules.packing.reader import CAP_PERS, TableReader
from switch.rules.purses import PURSE_CODE_MAX, PURSE_CODE_MIN, Purse, PurseUnit
from switch.rules.table import (
    Budget,
    Calendar,
    CounterOf,
    DeclaredCounter,
    Funder,
    OnEmpty,
    Programme,
    StackGroup,
    StackMode,
    Tier,
)

_CALENDARS: Final = {int(member): member for member in Calendar}
_UNITS: Final = {int(member): member for member in PurseUnit}
_MODES: Final = {int(member): member for member in StackMode}
_ON_EMPTY: Final = {int(member): member for member in OnEmpty}
_FUNDERS: Final = {int(member): member for member in (Party.PROGRAMME, Party.MERCHANT, Party.PARTNER)}
_CAP_OF: Final = {int(member): member for member in CapOf}
_COUNTER_OF: Final = {int(member): member for member in CounterOf}


def read_programme(reader: TableReader) -> Programme:
    """The programme; the reader learns its purses."""
    name, time_zone, calendar = reader.text(), reader.text(), reader.code(_CALENDARS)
    try:
        ZoneInfo(time_zone)
    except (ValueError, KeyError, OSError):
        raise RuleTableFault("rule table is of an unknown time zone") from None
    purses = reader.parts(PURSES_MAX, lambda: _purse(reader), 1)
    codes = [purse.code for purse in purses]
    if codes != sorted(set(codes)) or len({purse.name for purse in purses}) != len(purses):
        raise RuleTableFault("rule table declares a purse twice or out of order")
    reader.purses = frozenset(codes)
    segments, agreements = _named_bits(reader), _named_bits(reader)
    tier_purse = reader.number(PURSE_CODE_MAX)
    tiers = reader.parts(TIERS_MAX, lambda: Tier(reader.text(), reader.number(AMOUNT_MAX)))
    starts = [tier.from_balance for tier in tiers]
    if (tier_purse in reader.purses) != bool(tiers) or (not tiers and tier_purse != 0):
        raise RuleTableFault("rule table has tiers without a purse, or a purse without tiers")
    if tiers and (starts[0] != 0 or starts != sorted(set(starts))):
        raise RuleTableFault("rule table has tiers that don't rise")
    return Programme(
        name,
        time_zone,
        calendar,
        purses,
        segments,
        agreements,
        tier_purse,
        tiers,
        reader.number(RETURN_DAYS_MAX),
        reader.number(HOLD_MINUTES_MAX, 1),
    )


def _purse(reader: TableReader) -> Purse:
    return Purse(
        reader.number(PURSE_CODE_MAX, PURSE_CODE_MIN),
        reader.text(),
        reader.text(),
        reader.text(),
        reader.code(_UNITS),
        _currency(reader.text()),
        reader.number(AMOUNT_MAX),
        reader.number(AMOUNT_MAX, 1),
        reader.number(AMOUNT_MAX),
        reader.flag(),
        reader.flag(),
        reader.flag(),
        reader.number(DAYS_MAX),
        reader.number(DAYS_MAX),
    )


def _currency(text: str) -> str:
    if len(text) != 3 or not (text.isascii() and text.isdecimal()):
        raise RuleTableFault("rule table holds a currency that is none")
    return text


def _named_bits(reader: TableReader) -> tuple[tuple[str, int], ...]:
    pairs = reader.parts(NAMED_BITS_MAX, lambda: (reader.text(), reader.number(SET_BITS - 1)))
    bits = [bit for _, bit in pairs]
    if bits != sorted(set(bits)) or len({name for name, _ in pairs}) != len(pairs):
        raise RuleTableFault("rule table declares a bit or its name twice or out of order")
    return pairs


def read_groups(reader: TableReader) -> tuple[StackGroup, ...]:
    """Stack groups; the first sums and is that of rules that name none."""
    groups = reader.parts(GROUPS_MAX, lambda: StackGroup(reader.text(), reader.code(_MODES)), 1)
    if groups[0].mode != StackMode.SUM or len({group.name for group in groups}) != len(groups):
        raise RuleTableFault("rule table has groups twice or without the first")
    return groups


def read_budgets(reader: TableReader) -> tuple[Budget, ...]:
    """Budgets with their funders."""
    budgets = reader.parts(BUDGETS_MAX, lambda: _budget(reader))
    if len({budget.budget_id for budget in budgets}) != len(budgets):
        raise RuleTableFault("rule table has a budget twice")
    return budgets


def _budget(reader: TableReader) -> Budget:
    budget = Budget(
        reader.text(),
        reader.text(),
        reader.number(AMOUNT_MAX, 1),
        reader.flag(),
        reader.code(_ON_EMPTY),
        reader.parts(FUNDERS_MAX, lambda: _funder(reader), 1),
    )
    if sum(funder.share for funder in budget.funders) != SHARE_WHOLE:
        raise RuleTableFault("rule table has shares that aren't a whole")
    if len({funder[:2] for funder in budget.funders}) != len(budget.funders):
        raise RuleTableFault("rule table has a funder twice")
    return budget


def _funder(reader: TableReader) -> Funder:
    party = reader.code(_FUNDERS)
    is_partner = party == Party.PARTNER
    number = reader.number(OWNER_MAX if is_partner else 0, 1 if is_partner else 0)
    return Funder(party, number, reader.number(SHARE_WHOLE, 1))


def read_limits(reader: TableReader) -> tuple[Limit, ...]:
    """Limits of purses, in the order written."""
    limits = reader.parts(LIMITS_MAX, lambda: Limit(reader.purse(), read_cap(reader)))
    if any(limit.cap.of not in (CapOf.UNITS, CapOf.LIABILITY) for limit in limits):
        raise RuleTableFault("rule table limits a purse by something that isn't in it")
    return limits


def read_counters(reader: TableReader) -> tuple[DeclaredCounter, ...]:
    """Declared counters, in the order written; conditions name them by place."""
    count = reader.number(COUNTERS_MAX)
    reader.counter_count = count
    counters = tuple([_counter(reader) for _ in range(count)])
    if len({counter.counter_id for counter in counters}) != count:
        raise RuleTableFault("rule table has a counter twice")
    return counters


def _counter(reader: TableReader) -> DeclaredCounter:
    counter = DeclaredCounter(
        reader.text(),
        reader.text(),
        reader.code(_COUNTER_OF),
        reader.text(),
        reader.code(CAP_PERS),
        reader.window(),
        reader.condition(),
    )
    if (counter.of == CounterOf.METRIC) != bool(counter.metric) or counter.per == CapPer.TRANSACTION:
        raise RuleTableFault("rule table has a counter of nothing")
    return counter


def read_cap(reader: TableReader) -> Cap:
    """One cap."""
    cap = Cap(
        reader.text(),
        reader.code(_CAP_OF),
        reader.code(CAP_PERS),
        reader.window(),
        reader.number(AMOUNT_MAX, 1),
        reader.flag(),
    )
    if cap.per == CapPer.TRANSACTION and cap.window != CapWindow(WindowKind.LIFETIME, 0):
        raise RuleTableFault("rule table has a window of a single transaction")
    return cap
