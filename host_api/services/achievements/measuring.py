"""What facts amount to: counts, sums and streaks, and the levels that they reach. Knows no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from host_api.core.tehran_time import UtcPeriod, start_of_day, tehran_date
from host_api.services.achievements.schemas import Measure, Window
from host_api.services.earning_events.calendar_units import CalendarUnit, unit_label, unit_number, unit_period

ONCE: Final = "all"
_ONE_DAY: Final = timedelta(days=1)
_INSTANT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Fact:
    """A purchase or an event.

    Attributes:
        amount: rial paid, or the event's metric.
        of: what has to differ where different ones count.
    """

    at: datetime
    amount: int
    of: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """How facts are measured."""

    measure: Measure
    window: Window
    window_days: int | None
    grace: int
    is_repeated: bool
    starts_at: datetime
    ends_at: datetime | None

    @property
    def unit(self) -> CalendarUnit | None:
        """The calendar's unit of the window; None of a rolling one."""
        return None if self.window is Window.ROLLING else CalendarUnit(self.window.value)


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured in one period.

    Attributes:
        last_at: when the value was reached.
        times: when each further one of it was reached; only of counts and streaks.
        begins_at: of a streak, its first fact.
        is_current: whether more may come.
    """

    period: str
    value: int
    last_at: datetime
    begins_at: datetime
    is_current: bool
    times: tuple[datetime, ...] = ()

    def reached_at(self, at_least: int) -> datetime:
        """When so much was reached."""
        return self.times[at_least - 1] if self.times else self.last_at


def reach(rule: Rule, now: datetime) -> UtcPeriod:
    """The time whose facts are needed at `now`: the window and the one before; all for streaks."""
    end = min(now, rule.ends_at) if rule.ends_at is not None else now
    begin = rule.starts_at
    if rule.measure is not Measure.STREAK:
        periods = _periods(rule, now)
        begin = max(begin, min(period.start for _, period in periods))
    return UtcPeriod(min(begin, end), end)


def measure(rule: Rule, facts: Sequence[Fact], now: datetime) -> list[Measured]:
    """What facts, in the order of their times, amount to in each period looked at; the current last."""
    if rule.measure is Measure.STREAK:
        return _streaks(rule, facts, now)
    found = []
    for label, period in _periods(rule, now):
        inside = [fact for fact in facts if fact.at in period]
        value = _value(rule.measure, inside)
        last_at = inside[-1].at if inside else now
        times = tuple(fact.at for fact in inside) if rule.measure is Measure.COUNT else ()
        found.append(Measured(label, value, last_at, period.start, now in period, times))
    return found


def _value(measure: Measure, facts: Sequence[Fact]) -> int:
    match measure:
        case Measure.SUM:
            return sum(fact.amount for fact in facts)
        case Measure.DISTINCT:
            return len({fact.of for fact in facts})
        case _:
            return len(facts)


def _periods(rule: Rule, now: datetime) -> list[tuple[str, UtcPeriod]]:
    """The period of `now`, after the one before it, which a job looks at when it is over."""
    unit = rule.unit
    if unit is None:
        end = start_of_day(tehran_date(now) + _ONE_DAY)
        begin = start_of_day(tehran_date(now) - _ONE_DAY * ((rule.window_days or 1) - 1))
        return [(ONCE, UtcPeriod(begin, end))]
    current = unit_period(unit, now)
    if current is None:
        return [(ONCE, UtcPeriod(rule.starts_at, now + _ONE_DAY))]
    before = unit_period(unit, current.start - _INSTANT)
    earlier = [] if before is None else [(unit_label(unit, before.start), before)]
    return [*earlier, (unit_label(unit, now), current)]


def _streaks(rule: Rule, facts: Sequence[Fact], now: datetime) -> list[Measured]:
    unit = rule.unit or CalendarUnit.DAY
    found: list[Measured] = []
    times: list[datetime] = []
    last_number = 0
    for fact in facts:
        number = unit_number(unit, fact.at)
        if times and number == last_number:
            continue
        if times and number - last_number - 1 > rule.grace:
            found.append(_streak(rule, unit, times, is_current=False))
            times = []
        times.append(fact.at)
        last_number = number
    if times:
        missed = unit_number(unit, now) - last_number - 1
        found.append(_streak(rule, unit, times, is_current=missed <= rule.grace))
    return found


def _streak(rule: Rule, unit: CalendarUnit, times: Sequence[datetime], *, is_current: bool) -> Measured:
    label = unit_label(unit, times[0]) if rule.is_repeated else ONCE
    return Measured(label, len(times), times[-1], times[0], is_current, tuple(times))
