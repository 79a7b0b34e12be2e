"""What the dates, windows, counters and conditions of a rule document mean: the reference's first part."""

import re
from calendar import monthrange
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from persiantools.jdatetime import JalaliDate

from switch.rules.facts import ITEM_NAMES, NUMBER_NAMES, SET_NAMES, TEXT_NAMES, Facts, Line, NumberDimension
from switch.rules.outcome import NEVER_DROPPED, CounterKey, CounterView
from switch.rules.schema.conditions import AllOf, AnyCondition, Condition, ItemSelection, NotCondition, Test
from switch.rules.schema.document import RuleSet
from switch.rules.schema.rule import Rule, TimeWindowSpec

_WEEK = ("SAT", "SUN", "MON", "TUE", "WED", "THU", "FRI")
_PER = {
    "transaction": 1,
    "member": 2,
    "card": 3,
    "household": 4,
    "merchant": 5,
    "branch": 6,
    "terminal": 7,
    "operator": 8,
    "global": 9,
}
# Returns come this much later than the end of a window.
_KEPT_DAYS = 45
_EPOCH = date(1970, 1, 1)


def ordinal(day: date) -> int:
    """Days since the epoch."""
    return (day - _EPOCH).days


def minute_of(clock: str) -> int:
    """The minute of the day of "16:30"; "24:00" is the end of the day."""
    return int(clock[:2]) * 60 + int(clock[3:])


def jalali_of(day: date) -> JalaliDate:
    """The day in the jalali calendar."""
    return JalaliDate(day)  # type: ignore[no-untyped-call]


def of_jalali(year: int, month: int, day: int) -> date:
    """The day that the jalali calendar calls so."""
    return JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]


def day_of(written: str) -> date:
    """A written date; years below 1700 are jalali."""
    year, month, day = (int(part) for part in written[:10].split("-"))
    return of_jalali(year, month, day) if year < 1700 else date(year, month, day)


def date_number(day: date | JalaliDate) -> int:
    """YYYYMMDD."""
    return day.year * 10_000 + day.month * 100 + day.day


class LocalTime:
    """The local time of a request, by the programme's zone and calendar."""

    def __init__(self, document: RuleSet, at_s: int) -> None:
        self.at_s = at_s
        self._zone = ZoneInfo(document.time_zone)
        self._is_jalali = document.calendar == "jalali"
        local = datetime.fromtimestamp(at_s, self._zone)
        self.day = local.date()
        self.minute = local.hour * 60 + local.minute
        offset = local.utcoffset()
        self._hour = (at_s + int(offset.total_seconds() if offset else 0)) // 3600

    def midnight_s(self, day: date) -> int:
        """UTC seconds of the local start of a day."""
        return int(datetime(day.year, day.month, day.day, tzinfo=self._zone).timestamp())

    def moment_s(self, written: str, *, is_end: bool) -> int:
        """UTC seconds of a written moment; a plain date that ends something is included whole."""
        day = day_of(written)
        if len(written) == 10:
            return self.midnight_s(day + timedelta(days=1) if is_end else day)
        moment = datetime.fromisoformat(f"{day.isoformat()}T{written[11:]}")
        return int((moment if moment.tzinfo else moment.replace(tzinfo=self._zone)).timestamp())

    def weekday(self, day: date) -> int:
        """0 for Saturday."""
        return (day.weekday() + 2) % 7

    def first_and_last(self, day: date, unit: str) -> tuple[date, date]:
        """The first and the last day of the day, week, month, quarter or year that has this day."""
        if unit == "day":
            return day, day
        if unit == "week":
            past = self.weekday(day) if self._is_jalali else day.weekday()
            return day - timedelta(days=past), day + timedelta(days=6 - past)
        year, month, _ = self._parts(day)
        length = {"month": 1, "quarter": 3, "year": 12}[unit]
        first_month = month - (month - 1) % length
        last_month = first_month + length - 1
        last_day = self._month_days(year, last_month)
        return self._date(year, first_month, 1), self._date(year, last_month, last_day)

    def after(self, period: str) -> date:
        """The day that is "P14D", "P12M" or "P1Y" after today, the day of the month shortened to fit."""
        count, unit = int(period[1:-1]), period[-1]
        if unit == "D":
            return self.day + timedelta(days=count)
        year, month, day = self._parts(self.day)
        months = year * 12 + month - 1 + (count if unit == "M" else count * 12)
        year, month = months // 12, months % 12 + 1
        return self._date(year, month, min(day, self._month_days(year, month)))

    def windows(self, window: str) -> list[tuple[int, int]]:
        """Window and drop day of each counter that a written window sums, today's last."""
        if window == "lifetime":
            return [(0, NEVER_DROPPED)]
        if window == "hour":
            return [(self._hour, ordinal(self.day) + 1 + _KEPT_DAYS)]
        if window.startswith("rolling"):
            days, today = int(window[len("rolling:P") : -1]), ordinal(self.day)
            return [(past, past + days + _KEPT_DAYS) for past in range(today - days + 1, today + 1)]
        first, last = self.first_and_last(self.day, window)
        return [(ordinal(first), ordinal(last) + 1 + _KEPT_DAYS)]

    def in_window(self, window: TimeWindowSpec) -> bool:
        """Whether the hours hold now; those over midnight belong to the day on which they begin."""
        start, end = minute_of(window.from_), minute_of(window.to)
        today = _WEEK[self.weekday(self.day)] in window.days
        yesterday = _WEEK[self.weekday(self.day - timedelta(days=1))] in window.days
        if start < end:
            return today and start <= self.minute < end
        return (today and self.minute >= start) or (yesterday and self.minute < end)

    def _parts(self, day: date) -> tuple[int, int, int]:
        own = jalali_of(day) if self._is_jalali else day
        return own.year, own.month, own.day

    def _date(self, year: int, month: int, day: int) -> date:
        return of_jalali(year, month, day) if self._is_jalali else date(year, month, day)

    def _month_days(self, year: int, month: int) -> int:
        return JalaliDate.days_in_month(month, year) if self._is_jalali else monthrange(year, month)[1]


class Reading:
    """A rule document before one request: what its counters and conditions say."""

    def __init__(self, document: RuleSet, facts: Facts, counters: CounterView) -> None:
        self.document, self.facts, self.counters = document, facts, counters
        self.time = LocalTime(document, facts.at_s)
        self.amount = facts.numbers[NumberDimension.AMOUNT] or 0
        self.net = self.amount
        self.points_paid = 0

    def keys(self, counter: str, per: str, window: str | None) -> list[CounterKey]:
        """The counters that a cap sums, the one that counts now last; per transaction there's none."""
        if per == "transaction" or window is None:
            return []
        if per == "household" and self.facts.subject.household == 0:
            per = "member"
        number = 0 if per == "global" else int(getattr(self.facts.subject, per))
        subject = _PER[per] << 56 | number
        return [CounterKey(counter, subject, *when) for when in self.time.windows(window)]

    def value(self, counter: str, per: str, window: str | None) -> int:
        """What was counted before this request."""
        return sum(self.counters.value(key) for key in self.keys(counter, per, window))

    def matches(self, rule: Rule) -> bool:
        """Trigger, validity, hours, gate, place and condition."""
        schedule, facts = rule.schedule, self.facts
        if not self._is_triggered(rule):
            return False
        if schedule.from_ and facts.at_s < self.time.moment_s(schedule.from_, is_end=False):
            return False
        if schedule.to and facts.at_s >= self.time.moment_s(schedule.to, is_end=True):
            return False
        if schedule.windows and not any(self.time.in_window(window) for window in schedule.windows):
            return False
        for written in schedule.blackout:
            first, _, last = written.partition("..")
            if day_of(first) <= self.time.day <= day_of(last or first):
                return False
        agreed = facts.sets[SET_NAMES["agreement"]]
        needed = (*rule.gate.agreements, *self.document.agreements_for(rule))
        if any(not agreed >> self.document.agreements[name] & 1 for name in needed):
            return False
        statuses = rule.gate.member_status
        if statuses and facts.texts[TEXT_NAMES["member.status"]] not in statuses:
            return False
        scope = rule.scope
        for name, values in (
            ("merchant", scope.merchants),
            ("branch", scope.branches),
            ("terminal", scope.terminals),
            ("guild", scope.guilds),
            ("sector", scope.sectors),
            ("city", scope.cities),
            ("organisation", scope.organisations),
            ("card.type", scope.card_types),
            ("channel", scope.channels),
        ):
            if values and facts.texts[TEXT_NAMES[name]] not in values:
                return False
        return rule.when is None or self.holds(rule.when)

    def _is_triggered(self, rule: Rule) -> bool:
        facts = self.facts
        if "burn_request" not in rule.triggers:
            return facts.trigger in rule.triggers
        if facts.trigger not in ("purchase", "burn_request") or rule.kind == "convert":
            return False
        if rule.kind == "burn":
            purses = [effect.purse_name for effect in rule.effects if effect.type == "tender"]
            return any(self.purse_code(name) == facts.tender_purse for name in purses)
        if rule.kind == "gate":
            return facts.tender_purse != 0 or facts.reward != ""
        return facts.reward == rule.rule_id

    def purse_code(self, name: str | None) -> int:
        """The account type of a declared purse; 0 for none."""
        return next((purse.code for purse in self.document.purses if purse.name == name), 0)

    def holds(self, condition: Condition) -> bool:
        """Whether a condition holds; a fact that is unknown fails its test."""
        if isinstance(condition, AllOf):
            return all(self.holds(part) for part in condition.all)
        if isinstance(condition, AnyCondition):
            return any(self.holds(part) for part in condition.any)
        if isinstance(condition, NotCondition):
            return not self.holds(condition.not_)
        if condition.f in TEXT_NAMES:
            return _text_holds(condition, self.facts.texts[TEXT_NAMES[condition.f]])
        if condition.f in SET_NAMES:
            return self._set_holds(condition)
        if condition.f in ITEM_NAMES:
            passing = [passes(line, condition.f, condition.values) for line in self.facts.lines]
            return any(passing) if condition.op == "any_in" else bool(passing) and all(passing)
        return _number_holds(condition, self._number(condition.f))

    def _set_holds(self, test: Test) -> bool:
        bits = self.facts.sets[SET_NAMES[test.f]]
        if test.op == "exists":
            return bits != 0
        names = self.document.segments if test.f == "segment" else self.document.agreements
        has = [bool(bits >> names[str(value)] & 1) for value in test.values]
        return all(has) if test.op == "has_all" else any(has)

    def _number(self, name: str) -> int | None:
        family, _, own_name = name.partition(".")
        today, jalali = self.time.day, jalali_of(self.time.day)
        if family == "balance":
            return self.facts.balances.get(self.purse_code(own_name), 0)
        if family == "metric":
            return self.facts.metrics.get(own_name)
        if family == "counter":
            spec = next(counter for counter in self.document.counters if counter.id == own_name)
            return self.value(f"counter:{spec.id}", spec.per, spec.window)
        lines = self.facts.lines
        filled = {
            "net_amount": self.net,
            "points_paid": self.points_paid,
            "basket.lines": len(lines) if lines else None,
            "basket.quantity": sum(line.quantity for line in lines) if lines else None,
            "date": date_number(today),
            "weekday": self.time.weekday(today) + 1,
            "minute": self.time.minute,
            "month": today.month,
            "day": today.day,
            "jalali.date": date_number(jalali),
            "jalali.month": jalali.month,
            "jalali.day": jalali.day,
        }
        return filled[name] if name in filled else self.facts.numbers[NUMBER_NAMES[name]]


def passes(line: Line, name: str, values: tuple[int | str, ...]) -> bool:
    """Whether one basket line is among what an item test or a selection names."""
    if name == "item.sku":
        return line.sku in values
    if name == "item.category":
        return line.category in values
    return any(label in values for label in line.labels)


def is_selected(line: Line, include: tuple[ItemSelection, ...], exclude: tuple[ItemSelection, ...]) -> bool:
    """Whether a basket line is part of a basis."""
    if include and not any(passes(line, selection.f, selection.v) for selection in include):
        return False
    return not any(passes(line, selection.f, selection.v) for selection in exclude)


def _text_holds(test: Test, known: str) -> bool:
    if known == "" or test.op == "exists":
        return known != ""
    return known in test.values if test.op in ("=", "in") else known not in test.values


def _number_holds(test: Test, known: int | None) -> bool:
    if known is None or test.op == "exists":
        return known is not None
    values = [_as_number(test.f, value) for value in test.values]
    first = values[0]
    return {
        "=": known == first,
        "!=": known != first,
        "<": known < first,
        "<=": known <= first,
        ">": known > first,
        ">=": known >= first,
        "in": known in values,
        "not_in": known not in values,
        "between": first <= known <= values[-1],
    }[test.op]


def _as_number(name: str, value: int | str) -> int:
    if isinstance(value, int):
        return value
    if value in _WEEK:
        return _WEEK.index(value) + 1
    if re.fullmatch(r"\d\d:\d\d", value):
        return minute_of(value)
    day = day_of(value)
    return date_number(jalali_of(day) if name == "jalali.date" else day)
