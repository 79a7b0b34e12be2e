"""A rule's whole condition: what it looks at beside `when`, as conditions too."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from persiantools.jdatetime import JalaliDate

from switch.rules.compiler.logic import all_of, any_of
from switch.rules.conditions import (
    ALWAYS,
    Condition,
    Not,
    NumberSource,
    NumberTest,
    Operator,
    SetTest,
    TextTest,
)
from switch.rules.facts import NumberDimension, SetDimension, TextDimension
from switch.rules.table import ALWAYS_FROM_S, FOREVER_UNTIL_S, TableRule, TimeWindow

# Longer validity covers every month and day anyway.
_DAYS_LISTED_MAX: Final = 366
_EPOCH: Final = date(1970, 1, 1)
_SECOND_MAX: Final = 32_503_680_000
# Requests of these say by themselves what they are; all others are events, and are called by their name.
_WITHOUT_NAME: Final = frozenset(("purchase", "burn_request", "conversion"))


def circumstances(rule: TableRule, zone: str) -> tuple[Condition, ...]:
    """Condition, trigger, gate, windows and validity of a rule; all of them hold when it matches."""
    found: list[Condition] = [rule.condition]
    if _WITHOUT_NAME.isdisjoint(rule.triggers):
        found.append(TextTest(TextDimension.EVENT, Operator.IN, tuple(rule.triggers)))
    if rule.agreements:
        found.append(SetTest(SetDimension.AGREEMENT, Operator.HAS_ALL, rule.agreements))
    if rule.statuses:
        found.append(TextTest(TextDimension.MEMBER_STATUS, Operator.IN, rule.statuses))
    if rule.windows:
        found.append(any_of([part for window in rule.windows for part in _window(window)]))
    if (rule.valid_from_s, rule.valid_until_s) != (ALWAYS_FROM_S, FOREVER_UNTIL_S):
        found.append(_validity(rule.valid_from_s, rule.valid_until_s, zone))
    return tuple(found)


def has_open_day(rule: TableRule, zone: str) -> bool:
    """Whether blackout leaves any day of the rule's validity."""
    if not rule.blackout or rule.valid_until_s == FOREVER_UNTIL_S:
        return True
    day, last = (
        (_local(moment_s, zone) - _EPOCH).days for moment_s in (rule.valid_from_s, rule.valid_until_s - 1)
    )
    for first_out, last_out in rule.blackout:
        if first_out > day:
            return True
        day = max(day, last_out + 1)
    return day <= last


def _between(dimension: NumberDimension, low: int | None, high: int | None) -> Condition:
    return NumberTest(NumberSource.FACT, dimension, "", Operator.BETWEEN, low, high)


def _window(window: TimeWindow) -> list[Condition]:
    days = [bit for bit in range(7) if window.days >> bit & 1]
    if window.until_minute > window.from_minute:
        return [_hours(days, window.from_minute, window.until_minute)]
    parts = [_hours(days, window.from_minute, 1440)]
    if window.until_minute:
        parts.append(_hours([(day + 1) % 7 for day in days], 0, window.until_minute))
    return parts


def _hours(days: list[int], from_minute: int, until_minute: int) -> Condition:
    minutes = _between(NumberDimension.MINUTE, from_minute, until_minute - 1)
    if len(days) == 7:
        return minutes
    return all_of([_one_of(NumberDimension.WEEKDAY, [day + 1 for day in days]), minutes])


def _one_of(dimension: NumberDimension, values: list[int]) -> Condition:
    """A range without its gaps: unlike a list of alternatives it needs no search."""
    rising = sorted(set(values))
    gaps = [(low + 1, high - 1) for low, high in pairwise(rising) if high > low + 1]
    return all_of(
        [
            _between(dimension, rising[0], rising[-1]),
            *(Not(_between(dimension, low, high)) for low, high in gaps),
        ]
    )


@lru_cache(maxsize=1024)
def _validity(from_s: int, until_s: int, zone: str) -> Condition:
    first = _local(from_s, zone) if from_s > ALWAYS_FROM_S else None
    last = _local(until_s - 1, zone) if until_s < _SECOND_MAX else None
    parts = [
        _between(NumberDimension.DATE, _compact(first), _compact(last)),
        _between(NumberDimension.JALALI_DATE, _jalali(first), _jalali(last)),
    ]
    if first is not None and last is not None and (last - first).days < _DAYS_LISTED_MAX:
        days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
        jalali = [_jalali(day) or 0 for day in days]
        parts += [
            _one_of(NumberDimension.MONTH, [day.month for day in days]),
            _one_of(NumberDimension.DAY, [day.day for day in days]),
            _one_of(NumberDimension.WEEKDAY, [(day.weekday() + 2) % 7 + 1 for day in days]),
            _one_of(NumberDimension.JALALI_MONTH, [day // 100 % 100 for day in jalali]),
            _one_of(NumberDimension.JALALI_DAY, [day % 100 for day in jalali]),
        ]
    return all_of(parts) if first or last else ALWAYS


def _local(moment_s: int, zone: str) -> date:
    return datetime.fromtimestamp(min(moment_s, _SECOND_MAX), UTC).astimezone(ZoneInfo(zone)).date()


def _compact(day: date | None) -> int | None:
    return None if day is None else (day.year * 100 + day.month) * 100 + day.day


def _jalali(day: date | None) -> int | None:
    if day is None:
        return None
    jalali = JalaliDate(day)  # type: ignore[no-untyped-call]
    year, month, day_of_month = int(jalali.year), int(jalali.month), int(jalali.day)
    return (year * 100 + month) * 100 + day_of_month
