"""Counters of caps, limits, budgets and conditions: whose they are, over what time, and what they stand at.

A counter is exact: one number for each subject and window. Its key tells the day from which nothing can ask
for it any more: 45 days after its window ended, so that a return in this time still finds it.
"""

from typing import Protocol

from switch.rules.caps import CapPer, CapWindow, WindowKind
from switch.rules.facts import Subject
from switch.rules.local_time import LocalTime, month_of, week_of, year_of
from switch.rules.outcome import LIFETIME_WINDOW, NEVER_DROPPED, CounterKey, CounterView
from switch.rules.table import Calendar

KEPT_DAYS = 45

_SUBJECT_BITS = 56
_WINDOWS_REMEMBERED = 4_096
_windows: dict[int, tuple[int, int]] = {}
_GLOBAL_SUBJECT = CapPer.GLOBAL << _SUBJECT_BITS
_TRANSACTION_SUBJECT = CapPer.TRANSACTION << _SUBJECT_BITS


class Counted(Protocol):
    """What counts: a cap or a declared counter."""

    @property
    def counter(self) -> str:
        """The name of its counters."""

    @property
    def per(self) -> CapPer:
        """Whose they are."""

    @property
    def window(self) -> CapWindow:
        """Over what time."""


def subject_of(per: CapPer, subject: Subject) -> int:
    """Kind and number of whose counter it is, in one integer. Without a household the member counts alone."""
    if per == CapPer.MEMBER:
        return CapPer.MEMBER << _SUBJECT_BITS | subject.member
    if per == CapPer.GLOBAL:
        return _GLOBAL_SUBJECT
    if per == CapPer.CARD:
        return CapPer.CARD << _SUBJECT_BITS | subject.card
    if per == CapPer.HOUSEHOLD:
        if subject.household == 0:
            return CapPer.MEMBER << _SUBJECT_BITS | subject.member
        return CapPer.HOUSEHOLD << _SUBJECT_BITS | subject.household
    if per == CapPer.MERCHANT:
        return CapPer.MERCHANT << _SUBJECT_BITS | subject.merchant
    if per == CapPer.BRANCH:
        return CapPer.BRANCH << _SUBJECT_BITS | subject.branch
    if per == CapPer.TERMINAL:
        return CapPer.TERMINAL << _SUBJECT_BITS | subject.terminal
    if per == CapPer.OPERATOR:
        return CapPer.OPERATOR << _SUBJECT_BITS | subject.operator
    return _TRANSACTION_SUBJECT


def key_of(counted: Counted, subject: Subject, moment: LocalTime, calendar: Calendar) -> CounterKey:
    """The counter that a purchase at this moment moves. That of TRANSACTION is only for within a decision."""
    counter, per, window = counted.counter, counted.per, counted.window
    if per == CapPer.TRANSACTION:
        return CounterKey(counter, _TRANSACTION_SUBJECT, LIFETIME_WINDOW, NEVER_DROPPED)
    whose = subject_of(per, subject)
    if window.kind == WindowKind.HOUR:
        return CounterKey(counter, whose, moment.hour, moment.day.ordinal + 1 + KEPT_DAYS)
    today = moment.day.ordinal
    # Members of an enumeration hash slowly, whole numbers don't.
    number = ((today * 65_536 + window.days) * 8 + window.kind) * 4 + calendar
    found = _windows.get(number)
    if found is None:
        if len(_windows) >= _WINDOWS_REMEMBERED:
            _windows.clear()
        found = _windows[number] = _window(window, today, calendar)
    first, drop_day = found
    return CounterKey(counter, whose, first, drop_day)


def value_of(
    view: CounterView, counted: Counted, subject: Subject, moment: LocalTime, calendar: Calendar
) -> int:
    """What has been counted before this purchase; a TRANSACTION has counted nothing yet."""
    if counted.per == CapPer.TRANSACTION:
        return 0
    window = counted.window
    if window.kind != WindowKind.ROLLING:
        return view.value(key_of(counted, subject, moment, calendar))
    whose = subject_of(counted.per, subject)
    today = moment.day.ordinal
    return sum(
        view.value(CounterKey(counted.counter, whose, day, day + window.days + KEPT_DAYS))
        for day in range(today - window.days + 1, today + 1)
    )


def budget_key(counter: str) -> CounterKey:
    """A budget is one counter for everybody and for ever."""
    return CounterKey(counter, _GLOBAL_SUBJECT, LIFETIME_WINDOW, NEVER_DROPPED)


def _window(window: CapWindow, today: int, calendar: Calendar) -> tuple[int, int]:
    """Window and drop day for the windows that are made of days."""
    kind = window.kind
    if kind == WindowKind.LIFETIME:
        return LIFETIME_WINDOW, NEVER_DROPPED
    if kind == WindowKind.ROLLING:
        return today, today + window.days + KEPT_DAYS
    if kind == WindowKind.DAY:
        first, last = today, today
    elif kind == WindowKind.WEEK:
        first, last = week_of(today, calendar)
    elif kind == WindowKind.MONTH:
        first, last = month_of(today, calendar)
    else:
        first, last = year_of(today, calendar)
    return first, last + 1 + KEPT_DAYS
